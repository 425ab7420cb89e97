#include "bridge/route/status.hpp"

namespace weather::bridge {

std::string_view to_string(RouteState state) {
  switch (state) {
    case RouteState::online:
      return "online";
    case RouteState::catching_up:
      return "catching_up";
    case RouteState::offline:
      return "offline";
    case RouteState::blocked:
      return "blocked";
    case RouteState::holding:
      return "holding";
    case RouteState::paused:
      return "paused";
  }
  return "unknown";
}

}  // namespace weather::bridge
