// The part of the memory budget that the Kafka clients have: one for each route, taken before they are made.
#pragma once

#include <string>

#include "bridge/options/options.hpp"
#include "sensors/budget/memory_budget.hpp"

namespace weather::gateway {

class KafkaMemory {
 public:
  explicit KafkaMemory(sensors::MemoryBudget& budget)
      : most_(budget.ceiling(sensors::Holder::page_viewers) / 4 * 3),
        window_(&budget, sensors::Holder::kafka_window),
        answers_(&budget, sensors::Holder::kafka_answers) {}

  // Makes the windows of the routes as small as the budget needs them to be, and takes what they are in place
  // of what was taken before. They are taken for good: a quarter of what the lowest rank may reach is left,
  // or the page of a gateway with many routes would never be reached. Returns what became smaller, in words;
  // empty: nothing did.
  std::string fit(bridge::ForwarderOptions& options);

 private:
  const std::size_t most_;
  sensors::Reservation window_, answers_;
};

}  // namespace weather::gateway
