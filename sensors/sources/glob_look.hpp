// What a look into a folder finds of the files that a pattern names. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sensors/sources/followed_files.hpp"

namespace weather::sensors {

struct GlobLook {
  struct File {
    FileFacts facts;  // of one that is gone: those of its youngest rotated file
    std::vector<std::pair<std::string, FileFacts>> all;  // with what rotation made of it, by path
  };
  std::set<std::string> in_folder;                        // every name there
  std::map<std::string, File> files;                      // to be followed, by name
  std::unordered_map<std::uint64_t, std::string> owners;  // under whose name a file with this inode is read
  std::size_t named = 0;                                  // may be more than files

  // Under the name of another one of the files.
  bool is_others(std::uint64_t inode, const std::string& name) const {
    const auto owner = owners.find(inode);
    return owner != owners.end() && owner->second != name;
  }
};

// Of too many files the youngest `most`. A file with several names has the first of them.
GlobLook look_at(FollowedFiles& files, const std::string& path, std::size_t most);

}  // namespace weather::sensors
