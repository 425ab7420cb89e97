// How far a fleet is with what was sent to it: from the last words of two topics. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gateway/downlink/message.hpp"
#include "gateway/downlink/state.hpp"

namespace weather::gateway::downlink {

using LastWords = std::map<std::string, std::string>;  // of each key

struct Answer {
  std::string gateway;
  // "committed", "done": as wanted. "trial", "accepted": under way. "reverted", "failed", "refused": not so.
  // "open": no word yet. "superseded": it has gone on to a newer one about the same.
  std::string outcome;
  std::string reason;
  std::int64_t time_s = 0;  // 0: none
};

struct Progress {
  std::string key_id;
  Message message;
  std::vector<Answer> answers;  // of each gateway it is for, by name

  std::uint64_t count(std::initializer_list<std::string_view> outcomes) const;
};

// Of each message of the downlink's topic, the newest last. Who it is for: who the fleet's topic has heard
// of.
std::vector<Progress> progress(const LastWords& downlink, const LastWords& fleet);

// As `fleet status` prints it: one line each, with `gateways` those that are not as wanted below it.
std::string to_text(const std::vector<Progress>& all, bool gateways);
std::string to_json(const std::vector<Progress>& all);

// The next serial of this key for this target.
std::uint64_t next_serial(const LastWords& downlink, const std::string& key_id, const PublicKey& key,
                          const std::string& to);

}  // namespace weather::gateway::downlink
