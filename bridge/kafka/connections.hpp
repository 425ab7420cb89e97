// How a client of librdkafka makes its connections: through a proxy, if one is set.
//
// The library resolves a name before it connects. A name for the proxy gets an address that means nothing;
// then the library asks for a connection to it, and says to whom: that one is a tunnel's end
// (bridge/proxy/tunnels.hpp) under the descriptor the library has. It looks like a socket that connects until
// the proxy has connected, so that the library's own times and states hold, and a broker's thread never
// waits. TLS to the broker goes through, and the broker's name is verified as ever.
#pragma once

#include <memory>
#include <string>

#include "bridge/options/options.hpp"
#include "bridge/proxy/tunnels.hpp"

struct rd_kafka_conf_s;

namespace weather::bridge {

// A client's opaque: outlives it. Its callbacks come from any thread of the library's.
struct Connections {
  // Throws std::runtime_error for settings that cannot be used.
  explicit Connections(const Properties& properties);

  // Sets the callbacks it takes; a conf keeps its own callbacks for everything else.
  void install(rd_kafka_conf_s* conf) const;
  // What is known of why, in place of what librdkafka saw.
  std::string explained(const std::string& text) const;
  // The latest that stands between us and a broker; empty: nothing known.
  std::string trouble() const;

  std::unique_ptr<proxy::Tunnels> tunnels;  // null: no proxy
  void* owner = nullptr;                    // of other callbacks
};

}  // namespace weather::bridge
