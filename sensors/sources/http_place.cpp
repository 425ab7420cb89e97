#include "sensors/sources/http_place.hpp"

#include <algorithm>

#include "sensors/sources/host_port.hpp"

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
  const auto parts = split_host_port(written);
  if (!parts) return refuse("has a bracket that is not closed");
  HttpPlace place;
  place.host = parts->host;
  const auto legal = written.starts_with('[') ? &is_v6_char : &is_host_char;
  if (!std::all_of(place.host.begin(), place.host.end(), legal)) return refuse(form);
  if (place.host.empty() || place.host.size() > 253) return refuse(form);
  if (!parts->port.empty() && !take_port(parts->port, place.port)) return refuse(form);
  return place;
}

std::string HttpPlace::authority() const {
  const auto name = in_brackets(host);
  return port == 80 ? name : name + ':' + std::to_string(port);
}

}  // namespace weather::sensors
