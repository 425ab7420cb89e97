// Everything the gateway knows about itself at one moment: the one model behind `status`, the page, /metrics
// and the API. Plain data, with pure renderings.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/forwarder.hpp"
#include "bridge/log/log.hpp"
#include "bridge/oauth/keeper.hpp"
#include "gateway/device/device.hpp"
#include "gateway/doctor/certificates.hpp"
#include "gateway/status/source_counters.hpp"

namespace weather::gateway {

// What only this kind of source counts, under the name it has in /metrics.
struct SourceMeasure {
  std::string_view name, help;
  bool counter = false;              // else a gauge
  std::optional<double> value = {};  // none: there is such a thing, and nothing to count yet
  std::string_view label = {};       // one more label, or none
  std::string label_value = {};
};

struct SourceStatus {
  std::string name, kind;
  bool up = false;
  std::string reason;  // in words, empty when up
  SourceCounters counters;
  std::vector<SourceMeasure> measures = {};
  std::map<std::string, std::uint64_t> not_decoded = {};  // sentences without a decoder, how often
  std::string place = {};  // how far it is, in words: of sources that read something to its end
};

struct SensorStatus {
  std::string id, source, value_json, error;
  std::string units_json;  // {"temperature":"°C"}: of the members of value_json that have one
  std::string quality;  // of the last reading: "good", "doubtful: temperature (step)"; empty: never heard or
                        // unreadable
  bool silent = false;  // has not been heard of for longer than [silence] says
  std::int64_t last_ns = 0;  // received
  std::int64_t event_ns = 0;
  std::uint64_t readings = 0;
  double interval_s = 0;      // usual time between readings; 0: not known yet
  std::vector<float> recent;  // of `recent_name`, one a minute, oldest first; NaN: none in that minute
  std::string recent_name, recent_unit;
  std::optional<float> battery_v, battery_ratio, rssi_dbm;
  bool battery_low = false;
  std::uint32_t quantities_not_shown = 0;  // of a reading that has too many
};

// One line the gateway said.
struct Event {
  std::int64_t time_ns = 0;
  std::string level, text;
};

// One holder of the memory budget (sensors/budget).
struct MemoryUse {
  std::string_view holder;
  std::size_t used_bytes = 0, most_bytes = 0;
  std::uint64_t refused = 0;
};

// What came through the downlink since the start.
struct DownlinkStatus {
  bool on = false;
  std::string group;
  std::string doing;    // in words: on trial, or what it waits for; empty: reading
  std::string trouble;  // why it reads nothing; empty: none known
  bool on_trial = false;
  std::uint64_t taken = 0, committed = 0, reverted = 0;
  std::vector<std::pair<std::string_view, std::uint64_t>> refused;  // by reason
  std::vector<std::string> drop_ins;                                // that are in force
  std::uint64_t unreported = 0;                                     // outcomes that Kafka does not have yet
};

struct Status {
  std::string gateway_id, log_id;
  std::int64_t now_ns = 0, started_ns = 0;
  log::Status log;
  bool log_recovered = false;  // the last stop was not in order
  bridge::ForwarderStatus kafka;
  std::vector<SourceStatus> sources;
  std::uint64_t sensors = 0;
  double received_per_s = 0;   // records appended; steady, see steady_rate.hpp
  double delivered_per_s = 0;  // by all routes; the same
  std::vector<std::string> silent_sensors;
  std::vector<std::string> ignored_sensors;    // by the configuration and the page
  bool reload_ok = true;                       // the last reading of the configuration
  std::string page_reason;                     // why the page is not there yet; empty: it is
  std::int64_t reload_ns = 0;                  // when it last was good
  std::vector<Event> events;                   // the last ones, oldest first
  std::string clock;                           // "synchronised", "unsynchronised", "unknown"
  double clock_stepped_s = 0;                  // by so much it was set since the start, all steps together
  std::uint64_t clock_steps = 0;               // how often
  std::vector<oauth::TokenStatus> tokens;      // with which it logs in to Kafka
  std::vector<CertificateFacts> certificates;  // as of the start, the last reload or the last hour
  DeviceStatus device;
  DownlinkStatus downlink;
  std::size_t memory_limit_bytes = 0, memory_program_bytes = 0;
  std::vector<MemoryUse> memory;     // in the order in which they give way
  log::Histogram ingest_times;       // arrival to durable
  std::uint64_t repaired_bytes = 0;  // unfinished writes dropped at this start
};

// How bad it is, for the verdict's icon and for `status --check`.
enum class Health : std::uint8_t { ok, warning, critical };

struct Verdict {
  Health health = Health::ok;
  std::string word;      // "online", "catching_up", "offline", "blocked", "paused", "degraded"
  std::string sentence;  // "Offline since 14:02 UTC (3 h 12 min): 4,211 readings kept"
};
Verdict verdict(const Status& status);

std::string to_json(const Status& status);      // one object, schema_version 1
std::string to_text(const Status& status);      // for a terminal
std::string status_line(const Status& status);  // for systemd: "online, 0 unsent, 12 sensors"

std::string human_duration(double seconds);      // "3 h 12 min", "14 s"
std::string human_milliseconds(double seconds);  // "3.1 ms", "–" for 0
// "ok", "late" after three usual intervals, "silent" when the alarm says so, "rejecting" if the last message
// was unreadable.
std::string sensor_state(const SensorStatus& sensor, std::int64_t now_ns);
std::string human_count(std::uint64_t number);  // "4,211"
std::uint64_t unsent_records(const Status& status);
std::int64_t oldest_unsent_ns(const Status& status);    // 0: none
std::uint64_t unsent_bytes(const Status& status);       // on the card; an estimate
std::optional<double> room_days(const Status& status);  // until the log is full if Kafka stays away

}  // namespace weather::gateway
