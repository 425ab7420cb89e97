// One attempt to reach a target through a proxy, from the proxy's name to the end of the handshake. Blocks
// its thread until then, the deadline, or one of `ends`.
#pragma once

#include <functional>
#include <string>

#include <tl/expected.hpp>

#include "bridge/proxy/settings.hpp"
#include "bridge/proxy/stream.hpp"

namespace weather::proxy {

struct Connected {
  Stream stream;
  std::string rest;  // what the target has said already
};

// The error says which hop failed; empty: it was ended. `say` hears meanwhile, in the same words, what the
// attempt would have failed of if nothing more came.
tl::expected<Connected, std::string> connect_through(const Settings& settings, const Target& target,
                                                     Time deadline, const Ends& ends,
                                                     const std::function<void(std::string)>& say);

}  // namespace weather::proxy
