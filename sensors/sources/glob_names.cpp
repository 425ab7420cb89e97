#include "sensors/sources/glob_names.hpp"

#include <set>

#include <fnmatch.h>

#include "sensors/sources/file_match.hpp"
#include "sensors/sources/gz_files.hpp"

namespace weather::sensors {
namespace {

// Calls accept(base) with each name of which rotation made this one, until it says yes: the name cut before a
// joint, with what follows a later dot or without it (is_rotated_name).
template <class Accept>
bool any_base(const std::string& name, const Accept& accept) {
  const auto is_base = [&](const std::string& base) { return is_rotated_name(base, name) && accept(base); };
  const std::string plain(without_compression(name));
  for (auto joint = plain.find_first_of(".-_", 1); joint != std::string::npos;
       joint = plain.find_first_of(".-_", joint + 1)) {
    const auto stem = plain.substr(0, joint);
    if (is_base(stem)) return true;
    for (auto dot = plain.find('.', joint + 1); dot != std::string::npos; dot = plain.find('.', dot + 1))
      if (is_base(stem + plain.substr(dot))) return true;
  }
  return false;
}

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

}  // namespace

bool is_pattern(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

std::string pattern_fault(const std::string& path) {
  const auto folder = split_path(path).first;
  if (!is_pattern(folder)) return {};
  return "a pattern may stand in the file's name only, not in its folder " + folder +
         ": give each folder a [[lines]] of its own";
}

FollowedNames followed_names(const std::string& pattern, std::span<const std::string> names) {
  std::set<std::string> matching;
  for (const auto& name : names)
    if (matches(pattern, name)) matching.insert(name);
  FollowedNames followed;
  for (const auto& name : names) {
    const auto add = [&](const std::string& base) {
      followed[base].push_back(name);
      return true;
    };
    if (any_base(name, [&](const auto& base) { return matching.contains(base) && add(base); })) continue;
    if (matching.contains(name))
      followed[name];
    else
      any_base(name, [&](const auto& base) { return matches(pattern, base) && add(base); });
  }
  return followed;
}

}  // namespace weather::sensors
