#include "bridge/route/statistics.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace weather::bridge {
namespace {

namespace json = boost::json;

double number(const json::object& object, std::string_view group, std::string_view name) {
  const auto* inner = object.if_contains(group);
  if (!inner || !inner->is_object()) return 0;
  const auto* value = inner->get_object().if_contains(name);
  return value && value->is_int64() ? static_cast<double>(value->get_int64()) : 0;
}

std::uint64_t counter(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_int64() && value->get_int64() > 0 ? static_cast<std::uint64_t>(value->get_int64())
                                                              : 0;
}

void add_broker(Statistics& total, std::string_view name, const json::object& broker) {
  const auto* state = broker.if_contains("state");
  const bool up = state && state->is_string() && state->get_string() == "UP";
  if (up) ++total.brokers_up;
  constexpr double us = 1e-6;
  BrokerStatus seen{std::string(name),
                    up,
                    number(broker, "rtt", "p50") * us,
                    number(broker, "rtt", "p99") * us,
                    counter(broker, "connects"),
                    counter(broker, "txretries"),
                    counter(broker, "req_timeouts")};
  // librdkafka's own bookkeeping, such as ":0/internal" and a coordinator's alias, is no broker.
  const bool real =
      !name.starts_with(":") && !name.starts_with("GroupCoordinator") && !name.starts_with("TxnCoordinator");
  if (real && (up || seen.connects > 0)) total.brokers.push_back(std::move(seen));
  total.round_trip_p99_ms = std::max(total.round_trip_p99_ms, number(broker, "rtt", "p99") / 1000);
  total.throttle_ms = std::max(total.throttle_ms, number(broker, "throttle", "max"));
}

}  // namespace

Statistics parse_statistics(std::string_view text) {
  Statistics result;
  boost::system::error_code error;
  const json::value document = json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object()) return result;
  const auto& root = document.get_object();
  if (const auto* brokers = root.if_contains("brokers"); brokers && brokers->is_object())
    for (const auto& [name, broker] : brokers->get_object())
      if (broker.is_object()) add_broker(result, {name.data(), name.size()}, broker.get_object());
  if (const auto* bytes = root.if_contains("tx_bytes"); bytes && bytes->is_int64())
    result.sent_bytes = bytes->get_int64();
  if (const auto* requests = root.if_contains("tx"); requests && requests->is_int64())
    result.sent_requests = requests->get_int64();
  return result;
}

}  // namespace weather::bridge
