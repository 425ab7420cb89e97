#include "sensors/sources/broker_url.hpp"

#include <charconv>

namespace weather::sensors {
namespace {

bool take_scheme(std::string_view& text, BrokerUrl& url) {
  for (const auto& [scheme, tls] : {std::pair{"mqtt://", false}, std::pair{"tcp://", false},
                                    std::pair{"mqtts://", true}, std::pair{"ssl://", true}}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(std::string_view(scheme).size());
    url.tls = tls;
    url.port = tls ? 8883 : 1883;
    return true;
  }
  return false;
}

bool take_port(std::string_view text, std::uint16_t& port) {
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, port);
  return result.ec == std::errc{} && result.ptr == end && port != 0;
}

}  // namespace

std::string BrokerUrl::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

tl::expected<BrokerUrl, std::string> parse_broker_url(std::string_view text) {
  BrokerUrl url;
  const auto wrong = [](std::string why) { return tl::unexpected("broker URL: " + std::move(why)); };
  if (!take_scheme(text, url)) return wrong("expected mqtt://host:port or mqtts://host:port");
  if (text.find('@') != std::string_view::npos) {
    return wrong("credentials belong into username and password_file, not into the URL");
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.find_first_of("/?# ") != std::string_view::npos) return wrong("nothing may follow host and port");
  std::string_view port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return wrong("the bracket of the IPv6 address is not closed");
    url.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
  } else {
    const auto colon = text.find(':');
    url.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (url.host.empty()) return wrong("the host is missing");
  if (!port.empty() && (port.front() != ':' || !take_port(port.substr(1), url.port))) {
    // Not said what stands there: it may be a password.
    return wrong("what follows the host is no port, a number from 1 to 65535");
  }
  return url;
}

}  // namespace weather::sensors
