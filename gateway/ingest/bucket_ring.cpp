#include "gateway/ingest/bucket_ring.hpp"

#include <algorithm>

namespace weather::gateway {

void Bucket::merge(const Bucket& later) {
  if (later.empty()) return;
  least = empty() ? later.least : std::min(least, later.least);
  most = empty() ? later.most : std::max(most, later.most);
  last = later.last;
}

std::int64_t BucketRing::number_of(std::int64_t unix_s) const {
  return std::max<std::int64_t>(unix_s, 0) / bucket_s_;
}

void BucketRing::add(std::int64_t unix_s, const Bucket& value) {
  if (value.empty()) return;
  const auto number = number_of(unix_s);
  const auto count = static_cast<std::int64_t>(slots_.size());
  if (newest_ < 0 || number >= newest_ + count || number <= newest_ - count)
    slots_.assign(slots_.size(), {});
  else
    for (auto next = newest_ + 1; next <= number; ++next) slot(next) = {};
  if (newest_ < 0 || number > newest_ || number <= newest_ - count) newest_ = number;
  slot(number).merge(value);
}

Bucket BucketRing::at(std::int64_t unix_s) const {
  const auto number = number_of(unix_s);
  if (newest_ < 0 || number > newest_ || number <= newest_ - static_cast<std::int64_t>(slots_.size()))
    return {};
  return slots_[static_cast<std::size_t>(number) % slots_.size()];
}

}  // namespace weather::gateway
