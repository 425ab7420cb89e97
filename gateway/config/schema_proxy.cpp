#include <array>

#include "gateway/config/assign.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using table::Of;

using P = Of<ProxyConfig>;
constexpr std::array proxy_fields{
    Field{"url", Kind::text, R"("")",
          "http://host:port and https://host:port (CONNECT) or socks5h://host:port; every connection to "
          "Kafka and to the schema registry goes through it, and it resolves their names; empty: none",
          P::set<&ProxyConfig::url>},
    Field{"username", Kind::text, R"("")", "user at the proxy", P::set<&ProxyConfig::username>},
    Field{"password_file", Kind::path, R"("")", "file with the password, first line",
          P::set<&ProxyConfig::password_file>},
    Field{"ca_file", Kind::path, R"("")",
          "certificates trusted to sign that of an https:// proxy; empty: the system's",
          P::set<&ProxyConfig::ca_file>},
    Field{"no_proxy", Kind::list, "[]",
          "what is reached without it: domains with what ends with them, addresses, networks, each also with "
          ":port; \"*\": everything. This machine always is",
          P::set<&ProxyConfig::no_proxy>},
};

constexpr std::array all{
    Section{"kafka.proxy", false, "the proxy on the way to Kafka", proxy_fields,
            [](Config& c) -> void* { return &c.kafka.proxy; }},
};

}  // namespace

std::span<const Section> proxy_sections() {
  return all;
}

}  // namespace weather::gateway
