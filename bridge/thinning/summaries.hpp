// A stretch of the log as summaries: for each sensor, and each period of event time that its readings there
// are of, one record in the place of the last of them. Pure; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/encode/clock_table.hpp"
#include "bridge/encode/reading_match.hpp"
#include "bridge/log/log.hpp"
#include "bridge/options/options.hpp"
#include "bridge/thinning/quantity_fold.hpp"

namespace weather::bridge {

// What takes the place of a record; all others of the stretch have none.
struct Replaced {
  log::Sequence sequence = 0;
  std::int64_t time_ns = 0;
  log::Type type = log::Type::reading;
  std::string payload;
};

// The number of the period that a time is in.
std::int64_t period_of(std::int64_t time_ns, std::int64_t period_ns);

class Summaries {
 public:
  // Throws std::runtime_error if the route's match is malformed.
  explicit Summaries(const RouteOptions& route);

  void set_clock(std::shared_ptr<const ClockTable> clock) { clock_ = std::move(clock); }
  void add(const log::Entry& entry);
  // In the order of their sequences; empty from then on.
  std::vector<Replaced> take();
  void clear();
  std::size_t bytes() const { return bytes_; }  // kept of the readings, about

 private:
  struct Group {
    QuantityFold fold;
    std::string last;  // the newest reading, serialised: what it says beside its quantities is kept
    log::Sequence sequence = 0;
    std::int64_t time_ns = 0;
  };

  void add_reading(const log::Entry& entry);
  void as_it_is(const log::Entry& entry);
  std::string summary_of(const Group& group, std::int64_t index) const;

  const RouteOptions route_;
  const std::int64_t period_ns_;
  ReadingMatch match_;
  std::shared_ptr<const ClockTable> clock_;
  std::map<std::pair<std::string, std::int64_t>, Group> groups_;  // by sensor and period
  std::vector<Replaced> others_;
  sensors::ReadingView reading_;
  std::size_t bytes_ = 0;
};

}  // namespace weather::bridge
