// What a gateway says of itself into the fleet's topic. Pure.
//
// One JSON object under the gateway's id; the topic is compacted, so the centre always finds the last word of
// every gateway. A gateway whose last word is older than three intervals is dark, whatever it said; one that
// speaks and has a backlog is catching up. docs/fleet.md has every member.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "gateway/status/status.hpp"

namespace weather::gateway {

struct Beat {
  std::uint64_t number = 1;  // since birth
  std::chrono::milliseconds interval{};
  bool stopping = false;  // the last word of a stop in order
};

std::string fleet_record(const Status& status, const Beat& beat);

}  // namespace weather::gateway
