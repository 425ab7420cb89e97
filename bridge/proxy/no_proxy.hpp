// What is reached without the proxy, by the rules that curl has for NO_PROXY. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::proxy {

class NoProxy {
 public:
  // Separated by commas or blanks: "*" (everything), a domain ("lan", ".lan" and "*.lan" are the same: itself
  // and what ends with it), an address, a network ("10.0.0.0/8", "fd00::/8"), each but "*" also with :PORT.
  static tl::expected<NoProxy, std::string> parse(std::string_view text);

  // host: as it is asked for. Nothing is resolved: a network holds addresses alone.
  bool matches(std::string_view host, std::uint16_t port) const;

 private:
  using Bytes = std::array<unsigned char, 16>;
  struct Entry {
    std::string domain;  // lower case; empty: a network
    Bytes network{};     // IPv4 as IPv4-mapped
    unsigned bits = 0;
    std::uint16_t port = 0;  // 0: any
  };
  static tl::expected<Entry, std::string> entry(std::string_view text);

  bool everything_ = false;
  std::vector<Entry> entries_;
};

}  // namespace weather::proxy
