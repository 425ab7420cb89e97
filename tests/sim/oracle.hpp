// What may be said of a gateway at any moment: what it was given, what Kafka shows, what lies in its dead
// letters, and whether these fit. Knows nothing of how the routes work.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bridge/log/log.hpp"
#include "tests/sim/broker.hpp"

namespace weather::sim {

// What the log was given: the reading of a sensor, or one of these.
struct Given {
  static constexpr std::uint64_t anchor = ~std::uint64_t{0}, undecodable = anchor - 1;
  std::uint64_t kind = anchor;
  std::int64_t event_ns = 0;
  std::uint64_t number = 0;  // what it says; each says a greater one
};

class Oracle {
 public:
  struct Promise {
    bool ordered = true;        // first copies of a key come in the order of the log
    bool exactly_once = false;  // what a reader sees of a transaction comes once
    bool may_drop = false;      // of the log, when it is full; counted
  };
  Oracle(std::vector<std::string> topics, Promise promise) : topics_(std::move(topics)), promise_(promise) {}

  void given(log::Sequence sequence, Given what) { given_[sequence] = what; }
  // Readings 1 to `last` were acknowledged.
  void accepted(log::Sequence last) { accepted_ = std::max(accepted_, last); }
  log::Sequence accepted() const { return accepted_; }
  // After a crash the log begins at `first`. What it dropped may have been on the wire, and nobody who lives
  // knows: it is told as lost, and may come late.
  void crashed(log::Sequence first) { on_the_wire_before_ = std::max(on_the_wire_before_, first); }
  // This route sends summaries of periods.
  void summarises(std::size_t route, std::int64_t period_s) { periods_[topics_[route]] = period_s; }
  // The readings that a summary is of: so many of its sensor and period, the last of them in its place.
  std::vector<log::Sequence> summarised(const std::string& topic, log::Sequence last,
                                        std::uint64_t count) const;
  // A record as a reader of the topic sees it now.
  void visible(const std::string& topic, const Record& record);
  // It has a fate of its own: a dead letter; from then on it may come at any time.
  void dead_lettered(std::size_t route, log::Sequence sequence) { dead_[route].insert(sequence); }
  void sent_again(const std::string& id) { again_.insert(id); }
  // Others of its key went on without it.
  void refused(const std::string& id) { refused_.insert(id); }

  // Every record below `next` that this route takes has a fate; the ones that have none.
  std::vector<log::Sequence> without_fate(std::size_t route, log::Sequence next,
                                          const std::function<bool(const Given&)>& takes);
  std::vector<log::Sequence> only_dead_lettered(std::size_t route) const;
  bool wrong() const { return !wrong_.empty(); }
  const std::string& what() const { return wrong_; }
  void complain(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }
  std::uint64_t seen() const { return seen_; }
  std::uint64_t seen(const std::string& topic) const {
    const auto found = seen_in_.find(topic);
    return found == seen_in_.end() ? 0 : found->second;
  }

 private:
  void summary(const std::string& topic, const Record& record, log::Sequence sequence);

  std::map<std::string, std::int64_t> periods_;  // by topic
  // By topic: in which summary a reading is.
  std::map<std::string, std::unordered_map<log::Sequence, log::Sequence>> in_summary_;
  std::vector<std::string> topics_;  // of the routes
  Promise promise_;
  log::Sequence accepted_ = 0, on_the_wire_before_ = 0;
  std::map<std::string, std::unordered_set<log::Sequence>> first_copies_;  // by topic
  std::map<std::pair<std::string, std::string>, log::Sequence> last_;      // by topic and key
  std::map<std::size_t, std::set<log::Sequence>> dead_;
  std::map<std::size_t, log::Sequence> checked_;
  std::unordered_set<std::string> again_, refused_;
  std::uint64_t seen_ = 0;
  std::map<std::string, std::uint64_t> seen_in_;
  std::unordered_map<log::Sequence, Given> given_;
  std::string wrong_;
};

log::Sequence sequence_of(const std::string& id);

}  // namespace weather::sim
