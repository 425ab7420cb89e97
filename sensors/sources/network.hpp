// Two things Paho does not offer: looking a name up without holding its global mutex, and closing a
// connection from within its message callback.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace weather::sensors {

// Shuts down both directions of every TCP connection of this process whose peer uses this port. Any thread.
// What Paho still wants to send on it, an acknowledgement above all, fails. Others with the same port just
// reconnect. Returns how many there were.
std::size_t shutdown_connections_to(std::uint16_t port);

// Looks a host name up on a thread of its own and calls back from there, once, with an empty text or what
// went wrong. An address needs no look-up: called back at once, from the calling thread. The look-up cannot
// be cancelled, so `done` must not own what waits for it.
void resolve_host(const std::string& host, std::function<void(std::string error)> done);

}  // namespace weather::sensors
