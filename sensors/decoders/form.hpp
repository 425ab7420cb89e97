// application/x-www-form-urlencoded, as consoles send it in bodies and URLs. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weather::sensors {

struct FormField {
  std::string name, value;  // decoded: %41 and + are taken; a % that is no escape stays
};
inline constexpr std::size_t max_form_fields = 512;  // a console with every sensor sends about 150

// At most max_form_fields + 1; what follows is left out: the decoder refuses a form of more than
// max_form_fields.
std::vector<FormField> parse_form(std::string_view text);
// The first of this name, letter case aside; null if there is none.
const FormField* find_field(const std::vector<FormField>& fields, std::string_view name);

// PASSWORD, key, token and whatever else speaks of a secret, letter case aside; not PASSKEY, which names the
// console and is stored as a hash.
bool is_secret_field(std::string_view name);

// The same form without its secrets, for everything that is stored: PASSKEY (Ecowitt, a hash of the MAC
// address that works like a password) becomes "sha256:" and 8 digits, PASSWORD, key and token are left out.
std::string redact_form(std::string_view text);

// The first `digits` hexadecimal digits of the SHA-256.
std::string sha256_hex(std::string_view bytes, std::size_t digits = 64);

}  // namespace weather::sensors
