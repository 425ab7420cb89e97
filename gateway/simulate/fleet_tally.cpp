#include "gateway/simulate/fleet_tally.hpp"

#include <charconv>

#include "gateway/simulate/virtual_gateway.hpp"

namespace weather::gateway {
namespace {

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

}  // namespace

FleetTally::FleetTally(std::string run, std::uint64_t gateways, std::uint64_t sensors)
    : run_(std::move(run)), sensors_(sensors), newest_(gateways, std::vector<std::uint64_t>(sensors)) {
  tallies_.reserve(gateways);
  for (std::uint64_t i = 0; i < gateways; ++i) tallies_.emplace_back(log_id(i));
}

std::string FleetTally::log_id(std::uint64_t gateway) const {
  return run_ + "-" + std::to_string(gateway + 1);
}

bool FleetTally::consumed(std::string_view event_id) {
  const auto dash = event_id.rfind('-');
  if (!event_id.starts_with(run_ + "-") || dash <= run_.size()) return false;
  const auto gateway = number(event_id.substr(run_.size() + 1, dash - run_.size() - 1));
  const auto sequence = number(event_id.substr(dash + 1));
  if (gateway == 0 || gateway > tallies_.size() || sequence == 0) return false;
  ++events_;
  tallies_[gateway - 1].consumed(event_id);
  auto& newest = newest_[gateway - 1][VirtualGateway::sensor_of(sequence, sensors_)];
  if (sequence < newest && tallies_[gateway - 1].count(sequence) == 1) ++out_of_order_;
  newest = std::max(newest, sequence);
  return true;
}

Score FleetTally::score(const std::vector<std::uint64_t>& accepted) const {
  Score total;
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    const auto one = tallies_[i].score(accepted[i]);
    total.accepted += one.accepted;
    total.delivered += one.delivered;
    total.lost += one.lost;
    total.duplicates += one.duplicates;
    total.foreign += one.foreign;
  }
  return total;
}

}  // namespace weather::gateway
