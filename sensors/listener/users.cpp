#include "sensors/listener/users.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <random>

#include <crypt.h>

namespace weather::sensors::listener {
namespace {

constexpr std::string_view by_certificate = "cert";
// A yescrypt hash of nothing anybody knows, for a file without any password.
constexpr const char* hash_of_no_password =
    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7";

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view trimmed(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

bool strong(std::string_view hash) {
  constexpr std::array<std::string_view, 6> prefixes = {"$y$", "$gy$", "$7$", "$2b$", "$2y$", "$6$"};
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return hash.starts_with(prefix); });
}

// Both have the length of the stored hash; the time does not depend on where they differ.
bool equal(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]);
  }
  return difference == 0;
}

}  // namespace

tl::expected<Users, std::string> Users::parse(std::string_view text) {
  Users users;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trimmed(line);
    if (line.empty() || line.front() == '#') continue;
    // Nothing of the line is quoted: with its parts confused the password stands where the name belongs.
    const auto wrong = [number](const std::string& what) {
      return tl::make_unexpected("line " + std::to_string(number) + ": " + what);
    };
    const auto ids = line.find(":id=");
    const auto parts = split(line.substr(0, ids), ':');
    if (parts.size() < 2 || parts[0].empty()) return wrong("write NAME:HASH or NAME:HASH:TOPIC-PREFIX");
    if (parts[1] != by_certificate && !strong(parts[1])) {
      return wrong("the hash after NAME: is not yescrypt, bcrypt or SHA-512; make one with mkpasswd");
    }
    User user{std::string(parts[0]), std::string(parts[1]), {}, {}};
    for (std::size_t i = 2; i < parts.size(); ++i) {
      if (parts[i].find_first_of("#+") != std::string_view::npos)
        return wrong("a topic prefix is a filter; write the prefix alone: site/b, not site/b/#");
      if (!parts[i].empty()) user.topic_prefixes.emplace_back(parts[i]);
    }
    if (ids != std::string_view::npos) {
      for (const auto prefix : split(line.substr(ids + 4), ','))
        if (!trimmed(prefix).empty()) user.id_prefixes.emplace_back(trimmed(prefix));
      if (user.id_prefixes.empty()) return wrong("id= names no sensor: id=roof or id=spb:site/node-1,roof");
    }
    if (!users.users_.emplace(user.name, user).second) return wrong("its user stands on a line before, too");
  }
  return users;
}

const User* Users::find(std::string_view name) const {
  const auto found = users_.find(name);
  return found == users_.end() ? nullptr : &found->second;
}

const std::string& Users::compared_with(std::string_view name) const {
  static const std::string none = hash_of_no_password;
  const User* user = find(name);
  if (user != nullptr && user->hash != by_certificate) return user->hash;
  std::vector<const std::string*> hashes;
  for (const auto& [other, one] : users_)
    if (one.hash != by_certificate) hashes.push_back(&one.hash);
  if (hashes.empty()) return none;
  static const std::string key =
      std::to_string(std::random_device()()) + std::to_string(std::random_device()());
  return *hashes[std::hash<std::string>()(key + std::string(name)) % hashes.size()];
}

bool Users::verify(std::string_view name, std::string_view password) const {
  const User* user = find(name);
  const bool known = user != nullptr && user->hash != by_certificate;
  const std::string& hash = compared_with(name);
  const bool has_nul = password.find('\0') != std::string_view::npos;  // crypt(3) would end there
  const auto data = std::make_unique<crypt_data>();
  const std::string text(password);
  const char* made = crypt_r(text.c_str(), hash.c_str(), data.get());
  return made != nullptr && equal(made, hash) && known && !has_nul;
}

}  // namespace weather::sensors::listener
