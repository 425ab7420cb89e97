// Places of one kind, of which there are so many: connections, sessions. While some are left everybody gets
// one. When none is left, the share (an address, a user) that has the most gives one up to one that has
// fewer: a share bites only under pressure. Pure; one thread. `Owner` outlives its place.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace weather::sensors::listener {

struct PlaceRules {
  std::size_t most = 0;
  // A share gives way to one that has at least so many fewer, counting the place that is asked for.
  std::size_t margin = 0;
  // Only places up to this value are given up at all, and within a share up to the second one.
  std::uint8_t gives_way_upto = 0, gives_way_upto_within = 0;
  std::chrono::milliseconds patience{0};  // within a share: only those not heard for so long
};

template <class Owner>
class Places {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::size_t values = 3;  // the lowest gives way first
  static constexpr std::size_t shares_looked_at = 16;

  struct Share;
  struct Place {
    Owner* owner = nullptr;
    Share* share = nullptr;  // null: it has no place
    std::uint8_t value = 0;
    TimePoint heard{};
    typename std::list<Place*>::iterator at{};
  };
  struct Share {
    std::string name;
    std::size_t size = 0;
    std::array<std::list<Place*>, values> queues;  // the one not heard for the longest time first
  };

  explicit Places(const PlaceRules& rules) : rules_(rules) {}
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  void enter(Place& place, std::string_view share, std::uint8_t value, TimePoint now) {
    leave(place);
    auto found = shares_.find(share);
    if (found == shares_.end()) {
      found = shares_.emplace(std::string(share), Share{}).first;
      found->second.name = share;
    }
    place.share = &found->second;
    place.value = value;
    place.heard = now;
    auto& queue = place.share->queues[value];
    place.at = queue.insert(queue.end(), &place);
    resize(*place.share, place.share->size + 1);
    ++size_;
  }

  void leave(Place& place) {
    if (place.share == nullptr) return;
    Share& share = *std::exchange(place.share, nullptr);
    share.queues[place.value].erase(place.at);
    --size_;
    resize(share, share.size - 1);
    if (share.size == 0) shares_.erase(shares_.find(share.name));
  }

  // It was heard of: the last of its share to give way, among those of this value.
  void heard(Place& place, std::uint8_t value, TimePoint now) {
    if (place.share == nullptr) return;
    auto& queues = place.share->queues;
    queues[value].splice(queues[value].end(), queues[place.value], place.at);
    place.value = value;
    place.heard = now;
  }
  // The first of its share to give way.
  void abandon(Place& place) {
    if (place.share == nullptr) return;
    auto& queues = place.share->queues;
    queues[0].splice(queues[0].begin(), queues[place.value], place.at);
    place.value = 0;
    place.heard = TimePoint::min();
  }

  std::size_t size() const { return size_; }
  bool full() const { return size_ >= rules_.most; }
  std::size_t size(std::string_view share) const {
    const auto found = shares_.find(share);
    return found == shares_.end() ? 0 : found->second.size;
  }

  // Who gives way so that this share gets a place; null: none. Asked while full, or while memory is short.
  Owner* gives_way(std::string_view share, TimePoint now) const {
    const std::size_t own = size(share);
    std::size_t looked = 0;
    for (auto next = by_size_.rbegin(); next != by_size_.rend() && looked < shares_looked_at;
         ++next, ++looked) {
      if (next->first <= own + rules_.margin) break;
      if (const Place* found = first_of(*next->second, rules_.gives_way_upto)) return found->owner;
    }
    const auto found = shares_.find(share);
    if (found == shares_.end()) return nullptr;
    const Place* first = first_of(found->second, rules_.gives_way_upto_within);
    // Abandoned ones have not been heard since the beginning of time; no subtraction, it would overflow.
    return first != nullptr && first->heard <= now - rules_.patience ? first->owner : nullptr;
  }

 private:
  static const Place* first_of(const Share& share, std::uint8_t upto) {
    for (std::size_t value = 0; value <= upto; ++value)
      if (!share.queues[value].empty()) return share.queues[value].front();
    return nullptr;
  }
  void resize(Share& share, std::size_t size) {
    auto node = by_size_.extract({share.size, &share});
    share.size = size;
    if (size == 0) return;
    if (node.empty()) {
      by_size_.emplace(size, &share);
    } else {
      node.value().first = size;
      by_size_.insert(std::move(node));
    }
  }

  const PlaceRules rules_;
  std::map<std::string, Share, std::less<>> shares_;
  std::set<std::pair<std::size_t, Share*>> by_size_;
  std::size_t size_ = 0;
};

}  // namespace weather::sensors::listener
