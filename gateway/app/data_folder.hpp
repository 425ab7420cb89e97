// Whether the folder of the log is still the one it was opened in. A person or a script that deletes or moves
// it leaves the log with files that no restart finds: what is written there must not be acknowledged for
// long.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

namespace weather::gateway {

class DataFolder {
 public:
  // The log must be open. Looks at a file that is there as long as the log is.
  explicit DataFolder(const std::filesystem::path& data_dir);
  // One stat(2). True where it cannot be known (no right to look).
  bool is_there() const;

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;  // device and inode; 0, 0: not known

  const std::filesystem::path file_;
  const Identity opened_;
};

}  // namespace weather::gateway
