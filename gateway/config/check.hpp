// What no single key can tell: combinations and forms. Pure; the environment (disk, broker, certificates) is
// judged elsewhere.
#pragma once

#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"

namespace weather::gateway {

std::vector<ConfigError> check(const Config& config);

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
// "127.0.0.1:8680", "[::1]:8680", "localhost:8680".
Parsed<HostPort> parse_host_port(std::string_view text);
// Pure: what browsers may call the page's machine, besides the names and addresses of loopback.
std::vector<std::string> page_hosts(const WebConfig& web);
bool is_loopback(std::string_view host);

}  // namespace weather::gateway
