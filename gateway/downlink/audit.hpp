// What a gateway says in the fleet's topic of the messages it got. Pure.
//
// Under ID/downlink/TO/SUBJECT what became of the newest one about that subject; under
// ID/downlink/refused/REASON how many named no sender that could be answered. The last word of each key
// stays.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/downlink/state.hpp"

namespace weather::gateway::downlink {

inline constexpr std::string_view audit_type = "io.weather-gateway.downlink.v1";

std::string audit_key(std::string_view gateway, const Ref& of);
std::string audit_record(std::string_view gateway, const Note& note);

std::string refusals_key(std::string_view gateway, Refusal refusal);
// count: since the start of this gateway.
std::string refusals_record(std::string_view gateway, Refusal refusal, std::uint64_t count,
                            std::string_view last, std::int64_t time_s);

struct Audit {
  std::string gateway;
  Note note;  // of a message
};
// Nothing: it is another record of that topic.
std::optional<Audit> audit_from(std::string_view record);

}  // namespace weather::gateway::downlink
