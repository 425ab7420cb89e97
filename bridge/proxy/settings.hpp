// Which proxy connections go through, and which do not. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bridge/proxy/no_proxy.hpp"

namespace weather::proxy {

// http: CONNECT. https: the same, encrypted on the way to the proxy. socks5h: the proxy resolves names.
enum class Scheme : std::uint8_t { http, https, socks5h };

struct Address {
  Scheme scheme = Scheme::http;
  std::string host;  // without the brackets of an IPv6 address
  std::uint16_t port = 0;

  std::string text() const;  // "proxy:3128"
};

// http://HOST:PORT, https://HOST:PORT, socks5h://HOST:PORT. The error says what is wrong behind the key's
// name, and does not repeat what may be a password.
tl::expected<Address, std::string> parse_url(std::string_view url);

struct Settings {
  Address proxy;
  std::string username, password;  // none: no log-in
  std::string ca_file;             // of https; empty: the system's
  NoProxy direct;

  // Never for this machine itself.
  bool carries(std::string_view to, std::uint16_t port) const;
};

// What is wrong with a log-in for this proxy; empty: nothing.
std::string login_fault(Scheme scheme, std::string_view username, std::string_view password);

// Where a connection leads.
struct Target {
  std::string host;
  std::uint16_t port = 0;

  std::string text() const;  // "kafka:9092", "[2001:db8::1]:9092"
  // Of "kafka:9092", "[2001:db8::1]:9092" and "2001:db8::1:9092".
  static tl::expected<Target, std::string> parse(std::string_view text);
  friend bool operator<(const Target& a, const Target& b) {
    return a.host != b.host ? a.host < b.host : a.port < b.port;
  }
};

}  // namespace weather::proxy
