// Connections through a proxy as descriptors of this process. The other end of each is carried by a thread of
// its own, which connects to the proxy, asks it for the target and then moves bytes, encrypted on the way to
// an https:// proxy: the user of the descriptor sees a stream socket and need not know of any of this.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "bridge/proxy/settings.hpp"

namespace weather::proxy {

class Tunnels {
 public:
  // patience: for the proxy's name, connection, TLS and answer together.
  Tunnels(Settings settings, std::chrono::milliseconds patience);
  // Ends what is open. A thread that hangs in the look-up of the proxy's name for more than two seconds is
  // left behind; it uses nothing of the caller's.
  ~Tunnels();
  Tunnels(const Tunnels&) = delete;
  Tunnels& operator=(const Tunnels&) = delete;

  // All of them from any thread.

  const Settings& settings() const;

  // busy: cannot be written to before the target is connected, as a socket that connects.
  enum class Until : std::uint8_t { writable, busy };
  // At once: our end, non-blocking, the caller's to close, which ends the connection. What was written before
  // still goes out. The end of one that cannot be connected, or whose other side ends it, is closed. The
  // error is one of this machine: no descriptors, no thread.
  tl::expected<int, std::string> open(const Target& target, Until until);
  // The same, and waits until the target is connected. The error says which hop failed.
  tl::expected<int, std::string> dial(const Target& target);

  // Why there is no connection to it: where the latest attempt is, or what it failed of. Empty: it is
  // connected, or not tried yet.
  std::string trouble(const Target& target) const;
  std::string trouble_in(std::string_view text) const;  // of the target that is named there
  std::string latest_trouble() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace weather::proxy
