// What a gateway makes of a message before it does anything: take it, wait, or refuse it. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/downlink/message.hpp"
#include "gateway/downlink/signature.hpp"

namespace weather::gateway::downlink {

enum class Refusal : std::uint8_t {
  too_large,
  malformed,    // no message, or a signed one that cannot be meant
  unknown_key,  // signed with no key this gateway knows
  forged,       // the signature is not of these bytes
  foreign,      // for another gateway, another group or another topic
  replayed,     // not newer than what was taken of this key for this target
  not_allowed,  // of a kind that [downlink] allow does not have
  stale,        // too late, or of a time to come
  faulty,       // a drop-in that this gateway cannot use
};
inline constexpr std::size_t refusal_count = 9;
std::string_view to_string(Refusal refusal);

// Of each key for each target the highest serial that was taken.
using Marks = std::map<std::pair<std::string, std::string>, std::uint64_t>;

// Who this gateway is and whom it trusts.
struct Settings {
  std::map<std::string, PublicKey> keys;
  std::string topic, gateway, group;  // group empty: none
  std::set<std::string, std::less<>> allow;
};

struct WallTime {
  std::int64_t seconds = 0;
  bool right = false;  // the clock may be believed
};

struct Judged {
  enum class Outcome : std::uint8_t { take, hold, refuse } outcome = Outcome::refuse;
  Refusal refusal = Refusal::malformed;
  std::string why;                      // a sentence, of a refusal
  std::string key_id;                   // once the signature is right
  std::optional<Message> message = {};  // the same
};

// A clock of the centre may be ahead by so much.
inline constexpr std::int64_t most_ahead_s = 3600;

// hold: all is well but for the time, which is not known yet.
Judged judge(std::string_view bytes, const Settings& settings, const Marks& marks, const WallTime& now);

}  // namespace weather::gateway::downlink
