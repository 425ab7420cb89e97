// Records of the log sent once more, on purpose: by the command and by the downlink.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <tl/expected.hpp>

#include "bridge/log/log.hpp"
#include "gateway/config/values.hpp"

namespace weather::gateway {

class App;

struct ReplayAsked {
  std::string route;     // empty: the only one
  std::string from, to;  // as parse_replay_edge() reads them; to empty: up to now
  std::string topic;     // empty: the route's own
};

struct Replayed {
  std::string route;
  log::Sequence first = 0, end = 0;
  std::uint64_t delivered = 0;
  bool older_gone = false;  // from what was asked for the log had lost a part
};

// The error says what is wrong with what was asked; then done is never called. done: once, unless the routes
// are made anew before; the error says why it ended early. On the io thread.
Parsed<void> replay(App& app, const ReplayAsked& asked,
                    std::function<void(const tl::expected<Replayed, std::string>&)> done);

// The route that is meant; the error names the nearest one there is. An empty name is none.
Parsed<std::string> known_route(const App& app, const std::string& name);

}  // namespace weather::gateway
