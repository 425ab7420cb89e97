// What is a secret, by its name: the one rule for everything that is shown, said or packed. Pure.
#pragma once

#include <string>
#include <string_view>

namespace weather::bridge {

// Does a setting, a header or a key of a query name a secret? Then nothing ever prints its value. A name that
// is nearly one ("sasl.pasword") counts; one that says where a secret lies ("password_file",
// "ssl.key.location") does not.
bool is_secret(std::string_view key);

// A URL without its user and password, and without the values of secrets in its query; other text as it is.
std::string without_secrets(std::string_view url);

}  // namespace weather::bridge
