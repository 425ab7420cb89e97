#include "gateway/config/backlog.hpp"

namespace weather::gateway {

bridge::BacklogOptions backlog_options(const Config& config, std::vector<ConfigError>& errors) {
  const auto& from = config.backlog;
  bridge::BacklogOptions options;
  const auto complain = [&](const std::string& key, const std::string& text) {
    errors.push_back(fault_at(config, key, text));
  };
  options.order = bridge::order_from(from.order).value();
  options.live_share = from.live_share;
  if (options.order == bridge::Order::live_first && config.kafka.delivery == "exactly-once")
    complain("backlog.order",
             "\"live_first\" needs kafka.delivery = \"at-least-once\": a transaction has one order");
  options.refused_time = bridge::refused_time_from(from.refused_time).value();
  options.past_retention = bridge::past_retention_from(from.past_retention).value();
  options.max_records_per_s = static_cast<double>(from.max_rate);
  options.start_jitter = from.start_jitter;
  if (auto hold = bridge::HoldWindows::parse(from.hold)) {
    options.hold = *hold;
  } else {
    complain("backlog.hold", hold.error());
  }
  return options;
}

}  // namespace weather::gateway
