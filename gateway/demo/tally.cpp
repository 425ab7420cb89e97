#include "gateway/demo/tally.hpp"

#include <algorithm>
#include <charconv>

namespace weather::gateway {

void Tally::consumed(std::string_view event_id) {
  ++events_;
  std::uint64_t sequence = 0;
  const auto* end = event_id.data() + event_id.size();
  const bool ours = event_id.size() > log_id_.size() + 1 && event_id.starts_with(log_id_) &&
                    event_id[log_id_.size()] == '-' &&
                    std::from_chars(event_id.data() + log_id_.size() + 1, end, sequence).ptr == end &&
                    sequence != 0;
  if (!ours) {
    ++foreign_;
    return;
  }
  if (sequence > seen_.size()) seen_.resize(sequence);
  ++seen_[sequence - 1];
}

Score Tally::score(std::uint64_t accepted) const {
  Score score;
  score.accepted = accepted;
  score.foreign = foreign_;
  for (std::uint64_t i = 0; i < std::max<std::uint64_t>(accepted, seen_.size()); ++i) {
    const auto times = i < seen_.size() ? seen_[i] : 0U;
    if (i >= accepted) {
      score.foreign += times;
    } else if (times == 0) {
      ++score.lost;
    } else {
      ++score.delivered;
      score.duplicates += times - 1;
    }
  }
  return score;
}

std::string to_json(const Score& score) {
  return "{\"schema_version\":1,\"accepted\":" + std::to_string(score.accepted) +
         ",\"delivered\":" + std::to_string(score.delivered) + ",\"lost\":" + std::to_string(score.lost) +
         ",\"duplicates\":" + std::to_string(score.duplicates) + "}";
}

}  // namespace weather::gateway
