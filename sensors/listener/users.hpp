// Who may connect, and to which topics. The users file has one user a line, '#' starts a comment:
//
//   NAME:HASH[:TOPIC-PREFIX]...
//
// HASH is what crypt(3) makes: yescrypt ($y$), bcrypt ($2b$) or SHA-512 ($6$), from `mkpasswd` or
// `openssl passwd -6`; "cert" is a user known by the common name of its certificate. Without a prefix the
// user may publish to any topic.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::sensors::listener {

struct User {
  std::string name, hash;
  std::vector<std::string> topic_prefixes;
};

class Users {
 public:
  // The error names the line and what to do.
  static tl::expected<Users, std::string> parse(std::string_view text);

  const User* find(std::string_view name) const;
  // Slow on purpose (tens of milliseconds). Any thread. Takes as long for a user that does not exist.
  bool verify(std::string_view name, std::string_view password) const;
  bool empty() const { return users_.empty(); }

 private:
  std::map<std::string, User, std::less<>> users_;
};

}  // namespace weather::sensors::listener
