// mqtt://host:port and mqtts://host:port. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace weather::sensors {

struct BrokerUrl {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address
  std::uint16_t port = 1883;

  std::string authority() const;  // "127.0.0.1:1883", "[::1]:1883"
};

// The error is a sentence for the user. Credentials in the URL are refused, so that they cannot end up in a
// log line: they have keys of their own.
tl::expected<BrokerUrl, std::string> parse_broker_url(std::string_view text);

}  // namespace weather::sensors
