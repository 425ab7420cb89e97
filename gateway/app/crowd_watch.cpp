#include "gateway/app/crowd_watch.hpp"

#include <algorithm>
#include <array>

#include "gateway/status/status.hpp"

namespace weather::gateway {
namespace {

// The beginnings of the reasons that mean it; the others are a client's own business.
constexpr std::array<std::string_view, 3> reasons{"gave way", "there was no place",
                                                  "the client does not read"};

bool is_reported(std::string_view reason) {
  return std::any_of(reasons.begin(), reasons.end(),
                     [&](std::string_view begin) { return reason.starts_with(begin); });
}

}  // namespace

std::string crowd_line(const sensors::listener::ListenerStatus& before,
                       const sensors::listener::ListenerStatus& now) {
  std::string what;
  const auto add = [&](std::uint64_t count, const std::string& text) {
    if (count > 0) what += (what.empty() ? "" : "; ") + human_count(count) + " " + text;
  };
  for (const auto& [reason, count] : now.ended) {
    if (!is_reported(reason)) continue;
    const auto known = before.ended.find(reason);
    add(count - (known == before.ended.end() ? 0 : known->second), "connections: " + reason);
  }
  add(now.evicted - before.evicted, "sleeping sessions without state gave way");
  add(now.evicted_with_state - before.evicted_with_state, "sleeping sessions with state gave way");
  add(now.identifiers_given_up - before.identifiers_given_up, "QoS 2 identifiers were given up");
  add(now.identifiers_refused - before.identifiers_refused, "QoS 2 publications were refused");
  return what.empty() ? what : now.name + ": crowded in the last minute: " + what;
}

}  // namespace weather::gateway
