// Bytes as text, as tokens and signed addresses have them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weather::http_client {

std::string to_base64url(std::string_view bytes);  // RFC 4648 5, without padding
// Nothing: it is none. Padding may be there.
std::optional<std::string> from_base64url(std::string_view text);
std::string to_hex(std::string_view bytes);
// RFC 3986 2.1: all but letters, digits, '-', '.', '_' and '~'.
std::string percent_encoded(std::string_view text);

}  // namespace weather::http_client
