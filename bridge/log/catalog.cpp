#include "bridge/log/catalog.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace weather::log {

Catalog::Place Catalog::place(std::size_t index) const {
  const auto& segment = segments_[index];
  const bool last = index + 1 == segments_.size();
  return {segment, last ? end() : segments_[index + 1]->base, segment->readable.load(), last};
}

Catalog::View Catalog::view() const {
  const std::lock_guard lock(mutex_);
  return {first_, end(), drops_};
}

std::optional<Catalog::Place> Catalog::find(Sequence sequence) const {
  const std::lock_guard lock(mutex_);
  if (segments_.empty()) return std::nullopt;
  // The last segment whose base is not above it; segments without records share a base with the next one.
  auto after = std::upper_bound(segments_.begin(), segments_.end(), sequence,
                                [](Sequence s, const SegmentPtr& segment) { return s < segment->base; });
  if (after != segments_.begin()) --after;
  return place(static_cast<std::size_t>(after - segments_.begin()));
}

std::vector<Catalog::Place> Catalog::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<Place> places;
  for (std::size_t i = 0; i < segments_.size(); ++i) places.push_back(place(i));
  return places;
}

std::optional<Catalog::Place> Catalog::front() const {
  const std::lock_guard lock(mutex_);
  if (segments_.empty()) return std::nullopt;
  return place(0);
}

std::size_t Catalog::size() const {
  const std::lock_guard lock(mutex_);
  return segments_.size();
}

std::uint64_t Catalog::bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& segment : segments_) sum += segment->file_bytes;
  return sum;
}

void Catalog::add(SegmentPtr segment) {
  const std::lock_guard lock(mutex_);
  assert(segments_.empty() || segments_.back()->number < segment->number);
  segments_.push_back(std::move(segment));
}

void Catalog::pop_front() {
  const std::lock_guard lock(mutex_);
  segments_.front()->retired = true;
  segments_.erase(segments_.begin());
}

void Catalog::remove(const SegmentPtr& segment) {
  const std::lock_guard lock(mutex_);
  segment->retired = true;
  std::erase(segments_, segment);
}

void Catalog::replace(const SegmentPtr& old, const SegmentPtr& fresh) {
  const std::lock_guard lock(mutex_);
  old->retired = true;
  std::replace(segments_.begin(), segments_.end(), old, fresh);
}

void Catalog::set_readable(const SegmentPtr& segment, std::uint64_t readable, Sequence end) {
  const std::lock_guard lock(mutex_);
  segment->readable = readable;
  end_.store(end, std::memory_order_release);
}

void Catalog::set_end(Sequence end) {
  const std::lock_guard lock(mutex_);
  end_.store(end, std::memory_order_release);
}

void Catalog::set_first(Sequence first, std::vector<Loss> drops) {
  const std::lock_guard lock(mutex_);
  first_ = first;
  drops_ = std::move(drops);
}

}  // namespace weather::log
