// What a reader of the topic saw of a simulated fleet: is everything there, how often, and in order for its
// sensor? Pure; one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/demo/tally.hpp"

namespace weather::gateway {

class FleetTally {
 public:
  FleetTally(std::string run, std::uint64_t gateways, std::uint64_t sensors);
  // The log id of one gateway: its readings' ce_id is "<log id>-<sequence>".
  std::string log_id(std::uint64_t gateway) const;
  // False: not of this run.
  bool consumed(std::string_view event_id);
  std::uint64_t events() const { return events_; }
  std::uint64_t out_of_order() const { return out_of_order_; }
  // accepted: of each gateway.
  Score score(const std::vector<std::uint64_t>& accepted) const;

 private:
  const std::string run_;
  const std::uint64_t sensors_;
  std::vector<Tally> tallies_;
  std::vector<std::vector<std::uint64_t>> newest_;  // by gateway and sensor
  std::uint64_t events_ = 0, out_of_order_ = 0;
};

}  // namespace weather::gateway
