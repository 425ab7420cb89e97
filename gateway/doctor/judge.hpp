// What facts about the environment mean, and what to do about them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bridge/kafka/inspect.hpp"
#include "gateway/doctor/certificates.hpp"
#include "gateway/doctor/finding.hpp"
#include "gateway/doctor/place.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

struct DiskFacts {
  std::string folder;
  std::string error;                                                // it cannot be written: why
  std::string file_system;                                          // "ext4", "tmpfs", "overlay", ...
  bool is_volatile = false;                                         // a reboot empties it
  std::uint64_t free_bytes = 0, total_bytes = 0, wanted_bytes = 0;  // wanted: log.max_bytes, 0: its default
  std::uint64_t own_bytes = 0;                           // what the log and the dead letters have already
  std::uint64_t keep_free_bytes = 0, letters_bytes = 0;  // log.min_free_bytes, dead_letters.max_bytes
  double sync_p50_s = 0, sync_max_s = 0;                 // of a 4 KiB write and fdatasync; 0: not measured
  double bytes_per_day = 0;                              // the log's growth so far; 0: not known
};
std::vector<Finding> judge_disk(const DiskFacts& facts);

struct ClockFacts {
  v1::ClockQuality quality = v1::CLOCK_UNKNOWN;
  std::int64_t wall_ns = 0, newest_known_ns = 0;
  bool timesyncd = false;
  std::string time_zone;  // "Africa/Nairobi"
};
std::vector<Finding> judge_clock(const ClockFacts& facts);

Finding judge_certificate(const CertificateFacts& facts, std::int64_t now_ns);

std::vector<Finding> judge_kafka(const bridge::Inspection& found, const std::string& servers,
                                 const std::string& topic);

struct MqttFacts {
  std::string url;
  bool reached = false;
  std::string error;
  int code = 0;  // of CONNACK, 0: accepted
};
// `what` ("listener 127.0.0.1:1883") lacks something for now; none: it can listen.
Finding judge_place(const std::string& what, const std::optional<Missing>& missing);
Finding judge_mqtt(const MqttFacts& facts);

struct WatchdogFacts {
  bool device = false;      // /dev/watchdog
  bool configured = false;  // RuntimeWatchdogSec in systemd's settings
  bool systemd = false;
};
Finding judge_watchdog(const WatchdogFacts& facts);

}  // namespace weather::gateway
