#include "sensors/sources/http_place.hpp"

#include <algorithm>
#include <charconv>

namespace weather::sensors {
namespace {

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_';
}
bool is_v6_char(char c) {
  return is_host_char(c) || c == ':' || c == '%';
}

}  // namespace

tl::expected<HttpPlace, std::string> HttpPlace::parse(std::string_view written) {
  // Not quoted: what is no address may be anything, a token too.
  const auto refuse = [](const char* why) { return tl::unexpected(std::string(why)); };
  constexpr auto form = "is not HOST or HOST:PORT, such as 192.168.1.7 or station.lan:8080";
  if (written.find("://") != std::string_view::npos || written.find('/') != std::string_view::npos)
    return refuse("is HOST or HOST:PORT alone, without http:// and without a path");
  HttpPlace place;
  std::string_view port;
  if (written.starts_with('[')) {
    const auto close = written.find(']');
    if (close == std::string_view::npos) return refuse("has a bracket that is not closed");
    place.host = written.substr(1, close - 1);
    port = written.substr(close + 1);
    if (!std::all_of(place.host.begin(), place.host.end(), is_v6_char)) return refuse(form);
  } else {
    const auto colon = written.find(':');
    place.host = written.substr(0, colon);
    if (colon != std::string_view::npos) port = written.substr(colon);
    if (!std::all_of(place.host.begin(), place.host.end(), is_host_char)) return refuse(form);
  }
  if (place.host.empty() || place.host.size() > 253) return refuse(form);
  if (port.empty()) return place;
  const auto* const end = port.data() + port.size();
  const auto number = std::from_chars(port.data() + 1, end, place.port);
  if (port.front() != ':' || number.ec != std::errc{} || number.ptr != end || place.port == 0)
    return refuse(form);
  return place;
}

std::string HttpPlace::authority() const {
  const auto name = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return port == 80 ? name : name + ':' + std::to_string(port);
}

}  // namespace weather::sensors
