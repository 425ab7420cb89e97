// Which files a path with a pattern in its last part names. Pure; any thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weather::sensors {

// "/srv/logger/*.csv": with one of * ? [ in it, as a shell has them (fnmatch(3); a name that begins with a
// dot needs a dot in the pattern). "[*]" is an asterisk.
bool is_pattern(std::string_view path);
// Empty, or why the path cannot be followed: a pattern stands for names in one folder, not for folders.
std::string pattern_fault(const std::string& path);

// The names that match, each once, and with each what rotation made of it. One that rotation made of another
// is not followed by itself, and one that is gone is, as long as there is something that was made of it: only
// such that the pattern does not name.
using FollowedNames = std::map<std::string, std::vector<std::string>>;
FollowedNames followed_names(const std::string& pattern, std::span<const std::string> names);

}  // namespace weather::sensors
