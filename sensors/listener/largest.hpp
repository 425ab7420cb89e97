// Who holds the most of something: while memory is short the largest gives way to one that asks for less.
// Pure; one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <set>
#include <tuple>

namespace weather::sensors::listener {

template <class Owner>
class Largest {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  // An entry this old gives way also to one that would be as large.
  static constexpr std::chrono::seconds patience{2};

  struct Entry {
    std::size_t bytes = 0;
    TimePoint since{};  // it has been holding something; not changed while it grows
  };

  // 0: it holds nothing.
  void set(Owner* owner, Entry& entry, std::size_t bytes, TimePoint now) {
    if (bytes == entry.bytes) return;
    if (entry.bytes > 0) entries_.erase(key(owner, entry));
    if (entry.bytes == 0) entry.since = now;
    entry.bytes = bytes;
    if (bytes > 0) entries_.insert(key(owner, entry));
  }

  // Who gives way to one that would hold so many bytes: the largest, of the largest the oldest. Null: none
  // holds more.
  Owner* gives_way(std::size_t bytes, const Owner* asker, TimePoint now) const {
    for (auto next = entries_.rbegin(); next != entries_.rend(); ++next) {
      const auto& [held, age, owner] = *next;
      const bool old = TimePoint(-age) + patience <= now;
      if (held < bytes || (held == bytes && !old)) return nullptr;
      if (owner != asker) return owner;
    }
    return nullptr;
  }
  std::size_t size() const { return entries_.size(); }

 private:
  // Of the same size the oldest is the last.
  using Key = std::tuple<std::size_t, TimePoint::duration, Owner*>;
  static Key key(Owner* owner, const Entry& entry) {
    return {entry.bytes, -entry.since.time_since_epoch(), owner};
  }

  std::set<Key> entries_;
};

}  // namespace weather::sensors::listener
