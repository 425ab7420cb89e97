// Which keys this producer may send without waiting. Pure; one thread.
//
// An idempotent producer numbers its batches, and a broker refuses one that comes too early, but not from a
// producer of which it knows nothing in that partition: then any number will do (Kafka's
// ProducerAppendInfo.checkSequence). If the first batch to a partition fails and the second is already under
// way, the second is taken and lands first. So the first record of a key goes alone; once it is confirmed the
// broker knows the producer where this key goes.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bridge/core/window.hpp"

namespace weather::bridge {

class FirstSendGate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // `remembered`: half of the time after which a broker forgets a producer that is silent.
  explicit FirstSendGate(std::chrono::milliseconds remembered) : remembered_(remembered) {}

  // More keys than these are forgotten once they are confirmed: the next record of each goes alone again.
  static constexpr std::size_t most_keys = 20'000;

  // False: the first record of this key is under way, the next has to wait for its report.
  bool may_send(std::string_view key) const {
    const auto found = keys_.find(key);
    return found == keys_.end() || found->second.confirmed;
  }

  // After may_send() said yes.
  void sent(std::string_view key, Window::Id id, Time now) {
    auto found = keys_.find(key);
    if (found == keys_.end()) {
      if (keys_.size() >= most_keys) make_room(now);
      found = keys_.emplace(std::string(key), Known{}).first;
    }
    Known& known = found->second;
    const bool first = !known.confirmed || now - known.last >= remembered_;
    known.last = now;
    if (!first) return;
    known.confirmed = false;
    first_[id] = found->first;
  }

  // The report of any record.
  void settled(Window::Id id, bool delivered) {
    if (first_.empty()) return;
    const auto first = first_.find(id);
    if (first == first_.end()) return;
    if (const auto found = keys_.find(first->second); found != keys_.end()) {
      if (delivered) {
        found->second.confirmed = true;
      } else {
        keys_.erase(found);
      }
    }
    first_.erase(first);
  }

  // A new producer is a stranger everywhere.
  void forget() {
    keys_.clear();
    first_.clear();
  }

  std::size_t size() const { return keys_.size(); }

 private:
  struct Known {
    bool confirmed = false;
    Time last{};  // when a record of it was sent
  };
  void make_room(Time now) {
    std::erase_if(keys_, [now, this](const auto& key) {
      return key.second.confirmed && now - key.second.last >= remembered_;
    });
    if (keys_.size() >= most_keys) std::erase_if(keys_, [](const auto& key) { return key.second.confirmed; });
  }
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  const std::chrono::milliseconds remembered_;
  std::unordered_map<std::string, Known, Hash, std::equal_to<>> keys_;
  std::map<Window::Id, std::string> first_;  // under way
};

}  // namespace weather::bridge
