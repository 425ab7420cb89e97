// Was every accepted reading seen by the topic's consumer, and how often? Pure; one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weather::gateway {

struct Score {
  std::uint64_t accepted = 0, delivered = 0, lost = 0, duplicates = 0;
  std::uint64_t foreign = 0;  // events that were never accepted: must be none
};

class Tally {
 public:
  explicit Tally(std::string log_id) : log_id_(std::move(log_id)) {}
  // An event of the topic by its id, "<log id>-<sequence>".
  void consumed(std::string_view event_id);
  // Sequences 1 to `accepted` were accepted.
  Score score(std::uint64_t accepted) const;
  std::uint64_t events() const { return events_; }
  std::uint32_t count(std::uint64_t sequence) const {  // how often it was seen
    return sequence >= 1 && sequence <= seen_.size() ? seen_[sequence - 1] : 0;
  }

 private:
  const std::string log_id_;
  std::vector<std::uint32_t> seen_;  // how often, by sequence - 1
  std::uint64_t events_ = 0, foreign_ = 0;
};

std::string to_json(const Score& score);

}  // namespace weather::gateway
