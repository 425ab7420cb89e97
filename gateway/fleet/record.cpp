#include "gateway/fleet/record.hpp"

#include <algorithm>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <librdkafka/rdkafka.h>

#include "bridge/log/counted.hpp"
#include "gateway/output/time_json.hpp"
#include "gateway/output/version.hpp"

namespace weather::gateway {

namespace json = boost::json;

std::string fleet_record(const Status& status, const Beat& beat) {
  const auto say = verdict(status);
  double eta_s = 0, rate = 0;
  std::uint64_t delivered = 0, dead_lettered = 0, dropped = status.log.lost;
  for (const auto& route : status.kafka.routes) {
    eta_s = std::max(eta_s, route.eta_s);
    rate += route.records_per_s;
    delivered += route.delivered;
    dead_lettered += route.dead_lettered;
    dropped += route.dropped;
  }
  const auto days = room_days(status);
  const auto& undervoltage = status.device.undervoltage;
  return json::serialize(json::value{
      {"schema_version", 1},
      {"gateway", status.gateway_id},
      {"time", time_json(status.now_ns)},
      {"born", time_json(status.started_ns)},
      {"beat", beat.number},
      {"interval_seconds", std::chrono::duration<double>(beat.interval).count()},
      {"state", beat.stopping ? "stopped" : say.word},
      {"verdict", beat.stopping
                      ? "Stopped in order: " + log::counted(unsent_records(status), "reading") + " kept"
                      : say.sentence},
      {"unsent", unsent_records(status)},
      {"oldest_unsent", time_json(oldest_unsent_ns(status))},
      {"eta_seconds", eta_s},
      {"records_per_second", rate},
      {"delivered", delivered},
      {"dead_lettered", dead_lettered},
      {"lost", dropped},
      {"writable", status.log.writable},
      {"days_until_full", days ? json::value(*days) : json::value(nullptr)},
      {"sensors", status.sensors},
      {"clock", status.clock},
      {"undervoltage", undervoltage ? json::value(*undervoltage) : json::value(nullptr)},
      {"group", status.downlink.group.empty() ? json::value(nullptr) : json::value(status.downlink.group)},
      {"log_id", status.log_id},
      {"version", version()},
      {"librdkafka", ::rd_kafka_version_str()}});
}

}  // namespace weather::gateway
