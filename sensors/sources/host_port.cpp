#include "sensors/sources/host_port.hpp"

#include <algorithm>
#include <charconv>

namespace weather::sensors {

std::optional<HostPort> split_host_port(std::string_view text) {
  if (!text.starts_with('[')) {
    const auto colon = std::min(text.find(':'), text.size());
    return HostPort{text.substr(0, colon), text.substr(colon)};
  }
  const auto close = text.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  return HostPort{text.substr(1, close - 1), text.substr(close + 1)};
}

bool take_port(std::string_view text, std::uint16_t& port) {
  if (!text.starts_with(':')) return false;
  const auto* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data() + 1, end, port);
  return result.ec == std::errc{} && result.ptr == end && port != 0;
}

std::string in_brackets(const std::string& host) {
  return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

}  // namespace weather::sensors
