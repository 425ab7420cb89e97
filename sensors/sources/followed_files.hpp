// What a file follower sees of the disk: files by name, what they are and what is in them. One thread at a
// time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <tl/expected.hpp>

namespace weather::sensors {

struct FileFacts {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t changed_ns = 0;  // last write, wall clock: only compared with that of its siblings
  friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

// An open file; it stays readable when its name is given to another one.
class FollowedFile {
 public:
  virtual ~FollowedFile() = default;
  virtual tl::expected<FileFacts, std::error_code> facts() = 0;
  // Fewer bytes than asked only at the end of the file.
  virtual tl::expected<std::size_t, std::error_code> read(std::uint64_t offset, std::span<char> to) = 0;
};

class FollowedFiles {
 public:
  virtual ~FollowedFiles() = default;
  // Regular files only.
  virtual tl::expected<std::unique_ptr<FollowedFile>, std::error_code> open(const std::string& path) = 0;
  virtual tl::expected<FileFacts, std::error_code> facts(const std::string& path) = 0;
  virtual std::vector<std::string> list(const std::string& folder) = 0;  // names; none if it cannot be read
};

// The real ones. Stateless; lives as long as the program.
FollowedFiles& real_files();

}  // namespace weather::sensors
