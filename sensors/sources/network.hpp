// Two things Paho does not offer: looking a name up without holding its global mutex, and knowing whether a
// connection comes from this process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <tl/expected.hpp>

namespace boost::asio {
class io_context;
}

namespace weather::sensors {

// Has this process a TCP socket with this local port that is connected to that peer port? Any thread.
bool is_connected_from_here(std::uint16_t local_port, std::uint16_t peer_port);

using Resolved = tl::expected<std::vector<boost::asio::ip::address>, std::string>;

// Looks a host name up on a thread of its own and calls back from there, once, with its addresses or what
// went wrong. An address needs no look-up: called back at once, from the calling thread. The look-up cannot
// be cancelled, so `done` must not own what waits for it.
void resolve_host(const std::string& host, std::function<void(Resolved)> done);

// The same for the user of a loop: `done` is posted to it, unless that was left meanwhile.
class HostLookup {
 public:
  explicit HostLookup(boost::asio::io_context& io);
  void start(const std::string& host, std::function<void(Resolved)> done);
  void leave();  // the loop may end now; a look-up may go on

 private:
  struct Loop;
  std::shared_ptr<Loop> loop_;
};

}  // namespace weather::sensors
