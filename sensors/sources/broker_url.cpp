#include "sensors/sources/broker_url.hpp"

#include <utility>

#include "sensors/sources/host_port.hpp"

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

}  // namespace

std::string BrokerUrl::authority() const {
  return in_brackets(host) + ':' + std::to_string(port);
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
  const auto parts = split_host_port(text);
  if (!parts) return wrong("the bracket of the IPv6 address is not closed");
  url.host = parts->host;
  if (url.host.empty()) return wrong("the host is missing");
  if (!parts->port.empty() && !take_port(parts->port, url.port)) {
    // Not said what stands there: it may be a password.
    return wrong("what follows the host is no port, a number from 1 to 65535");
  }
  return url;
}

}  // namespace weather::sensors
