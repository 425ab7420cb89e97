// Where a device of the local network answers HTTP: HOST or HOST:PORT. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace weather::sensors {

struct HttpPlace {
  std::string host;  // without the brackets of an IPv6 address
  std::uint16_t port = 80;

  // "192.168.1.7", "station.lan:8080", "[fd00::7]". The error is a sentence.
  static tl::expected<HttpPlace, std::string> parse(std::string_view written);
  std::string authority() const;  // as in the header Host: without port 80
};

}  // namespace weather::sensors
