// Who may connect, and to which topics. The users file has one user a line, '#' starts a comment:
//
//   NAME:HASH[:TOPIC-PREFIX]...[:id=ID-PREFIX[,ID-PREFIX]...]
//
// HASH is what crypt(3) makes: yescrypt ($y$), bcrypt ($2b$) or SHA-512 ($6$), from `mkpasswd` or
// `openssl passwd -6`; "cert" is a user known by the common name of its certificate. Without a prefix the
// user may publish to any topic; a prefix ends at a level ("site/b" is not "site/bank"). With ID-PREFIX the
// user's readings must be of these sensors (access/id_rule.hpp); they may hold colons and go to the end of
// the line.
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
  std::vector<std::string> topic_prefixes, id_prefixes;
};

class Users {
 public:
  // The error names the line and what to do.
  static tl::expected<Users, std::string> parse(std::string_view text);

  const User* find(std::string_view name) const;
  // Slow on purpose (tens of milliseconds). Any thread. A name that does not exist takes the time of one that
  // does: it is compared with the hash of one of the users, always the same for the same name, so that no
  // mixture of schemes and costs in the file tells the names apart.
  bool verify(std::string_view name, std::string_view password) const;
  // The hash that verify() computes for this name: the user's own, or whose time it takes.
  const std::string& compared_with(std::string_view name) const;
  bool empty() const { return users_.empty(); }

 private:
  std::map<std::string, User, std::less<>> users_;
};

}  // namespace weather::sensors::listener
