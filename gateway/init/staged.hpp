// Files of a configuration in a folder of their own, to be judged before they are written where they belong.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gateway/init/plan.hpp"

namespace weather::gateway {

class Staged {
 public:
  explicit Staged(const std::vector<PlannedFile>& files);  // throws std::runtime_error: no room for it
  ~Staged();
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  const std::filesystem::path& folder() const { return folder_; }
  // A message about one of them, under the name it will have.
  std::string without_folder(std::string text) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace weather::gateway
