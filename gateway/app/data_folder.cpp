#include "gateway/app/data_folder.hpp"

#include <cerrno>

#include <sys/stat.h>

namespace weather::gateway {

DataFolder::DataFolder(const std::filesystem::path& data_dir)
    : file_(data_dir / "LOG"), opened_([this] {
        struct stat info {};
        return ::stat(file_.c_str(), &info) == 0 ? Identity{info.st_dev, info.st_ino} : Identity{};
      }()) {}

bool DataFolder::is_there() const {
  if (opened_ == Identity{}) return true;
  struct stat info {};
  if (::stat(file_.c_str(), &info) != 0) return errno != ENOENT && errno != ENOTDIR;
  return opened_ == Identity{info.st_dev, info.st_ino};
}

}  // namespace weather::gateway
