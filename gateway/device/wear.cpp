#include "gateway/device/wear.hpp"

namespace weather::gateway {
namespace {

constexpr std::chrono::minutes spacing{10}, least{1};
constexpr std::chrono::hours day{24};

}  // namespace

void Wear::note(std::uint64_t written_bytes, Time now) {
  if (!samples_.empty() && written_bytes < last_.bytes) samples_.clear();
  last_ = {now, written_bytes};
  if (samples_.empty() || now - samples_.back().at >= spacing) samples_.push_back(last_);
  while (samples_.size() > 1 && now - samples_[1].at >= day) samples_.pop_front();
}

std::optional<double> Wear::bytes_per_day() const {
  if (samples_.empty()) return std::nullopt;
  const auto& first = samples_.front();
  const auto seen = last_.at - first.at;
  if (seen < least) return std::nullopt;
  return static_cast<double>(last_.bytes - first.bytes) *
         (std::chrono::duration<double>(day) / std::chrono::duration<double>(seen));
}

}  // namespace weather::gateway
