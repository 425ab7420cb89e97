// What the memory budget refused, once a minute in the journal. The io thread's.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "sensors/budget/memory_budget.hpp"

namespace weather::gateway {

using Refusals = std::array<std::uint64_t, sensors::holder_count>;

Refusals refusals(const sensors::MemoryBudget& budget);
// One line about what was refused between the two, empty if nothing was. Pure.
std::string refusal_line(const Refusals& before, const Refusals& now, const sensors::MemoryBudget& budget);

class MemoryWatch {
 public:
  MemoryWatch(boost::asio::io_context& io, const sensors::MemoryBudget& budget)
      : budget_(budget), timer_(io) {}

  void start();
  void stop() { timer_.cancel(); }

 private:
  const sensors::MemoryBudget& budget_;
  boost::asio::steady_timer timer_;
  Refusals told_{};
};

}  // namespace weather::gateway
