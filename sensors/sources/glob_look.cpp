#include "sensors/sources/glob_look.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "sensors/sources/file_match.hpp"
#include "sensors/sources/glob_names.hpp"

namespace weather::sensors {
namespace {

struct Named {
  std::string name;
  GlobLook::File file;
};

std::optional<Named> look_at_one(FollowedFiles& files, const std::string& path, const std::string& name,
                                 const std::vector<std::string>& rotated) {
  Named found{name, {}};
  auto& [newest, all] = found.file;
  std::string youngest;
  const auto add = [&](const std::string& one) {
    auto one_path = beside(path, one);
    const auto facts = files.facts(one_path);
    if (!facts) return;
    all.emplace_back(std::move(one_path), *facts);
    if (one != name && !youngest.empty() && is_older(*facts, one, newest, youngest)) return;
    newest = *facts;
    youngest = one;
  };
  for (const auto& one : rotated) add(one);
  add(name);
  if (all.empty()) return std::nullopt;
  return found;
}

}  // namespace

GlobLook look_at(FollowedFiles& files, const std::string& path, std::size_t most) {
  const auto [folder, pattern] = split_path(path);
  const auto names = files.list(folder);
  std::vector<Named> found;
  for (const auto& [name, rotated] : followed_names(pattern, names))
    if (auto one = look_at_one(files, path, name, rotated)) found.push_back(std::move(*one));
  GlobLook look{{names.begin(), names.end()}, {}, {}, found.size()};
  if (found.size() > most) {
    std::ranges::sort(found, [](const auto& a, const auto& b) {
      return is_older(b.file.facts, b.name, a.file.facts, a.name);
    });
    found.resize(most);
  }
  std::set<std::pair<std::uint64_t, std::uint64_t>> inodes;  // with their devices
  for (auto& [name, file] : found) {
    if (!inodes.emplace(file.facts.device, file.facts.inode).second) continue;
    for (const auto& [path_of, facts] : file.all) look.owners.emplace(facts.inode, name);
    look.files.emplace(name, std::move(file));
  }
  return look;
}

}  // namespace weather::sensors
