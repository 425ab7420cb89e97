#include "bridge/kafka/file_watch.hpp"

#include <utility>

#include <sys/stat.h>

namespace weather::bridge {

FileWatch::FileWatch(std::vector<std::string> paths)
    : paths_(std::move(paths)), used_(look()), seen_(used_) {}

FileWatch::Stamps FileWatch::look() const {
  Stamps result;
  for (const auto& path : paths_) {
    struct stat found {};
    Stamp stamp;
    if (::stat(path.c_str(), &found) == 0)
      stamp = {static_cast<std::uint64_t>(found.st_ino), static_cast<std::uint64_t>(found.st_size),
               static_cast<std::int64_t>(found.st_mtim.tv_sec) * 1'000'000'000 + found.st_mtim.tv_nsec};
    result.push_back(stamp);
  }
  return result;
}

bool FileWatch::changed() {
  const Stamps now = look();
  const bool still = now == std::exchange(seen_, now);
  for (const Stamp& stamp : now)
    if (stamp.inode == 0) return false;
  if (!still || now == used_) return false;
  used_ = now;
  return true;
}

std::vector<std::string> certificate_files(const Properties& properties) {
  std::vector<std::string> result;
  for (const auto* name : {"ssl.ca.location", "ssl.certificate.location", "ssl.key.location",
                           "ssl.keystore.location", "ssl.crl.location"})
    if (const auto it = properties.find(name); it != properties.end() && it->second != "probe")
      result.push_back(it->second);
  return result;
}

}  // namespace weather::bridge
