// Which sensors have fallen silent. Learns how often each one speaks. Pure; one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weather::sensors {

struct SilenceRules {
  double factor = 5;  // silent after this many times its usual interval ...
  std::chrono::seconds at_least{600};
  std::chrono::seconds at_most{86'400};
  // ... or after exactly this. 0: never. A sensor that is named here is expected, heard of or not.
  std::map<std::string, std::chrono::seconds, std::less<>> fixed = {};
  bool enabled = true;  // false: no sensor counts as silent
};

struct SilenceChange {
  std::string sensor_id;
  bool silent = false;          // false: it is back
  bool heard = true;            // false: never, since expect()
  std::int64_t last_heard = 0;  // ns of the clock that heard() is given; of expect(), if it never was
  std::chrono::seconds limit{};
};

// What is known of one sensor, to be kept over a restart.
struct SilenceMemory {
  std::int64_t quiet_ns = 0;  // since it was heard of
  std::int64_t usual_ns = 0;
  bool silent = false, reported = false;
};

// Times are of a clock that does not jump (boot clock), in ns.
class SilenceWatch {
 public:
  explicit SilenceWatch(SilenceRules rules, std::size_t max_sensors = 4096)
      : rules_(std::move(rules)), max_sensors_(max_sensors) {}

  // From now on the sensors with a limit of their own are waited for. Once, at the start.
  void expect(std::int64_t now_ns);
  void heard(std::string_view sensor_id, std::int64_t now_ns);
  // It is not watched any more until it is heard of again. No effect on one with a limit of its own.
  void forget(std::string_view sensor_id);
  // For forget(), also of one with a limit of its own: it is as at the start.
  void unlearn(std::string_view sensor_id, std::int64_t now_ns);
  std::optional<SilenceMemory> memory_of(std::string_view sensor_id, std::int64_t now_ns) const;
  // As it was kept; before anything is heard of it.
  void restore(std::string_view sensor_id, std::int64_t now_ns, const SilenceMemory& memory);
  // The clock of all that was heard so far was behind by this.
  void shift(std::int64_t by_ns);
  bool expects(std::string_view sensor_id) const { return rules_.fixed.contains(sensor_id); }
  // What changed since the last poll, each change once.
  std::vector<SilenceChange> poll(std::int64_t now_ns);
  bool is_silent(std::string_view sensor_id) const;
  std::vector<std::string> never_heard() const;  // expected ones
  std::vector<std::string> silent() const;

 private:
  struct Sensor {
    std::int64_t last_ns = 0;
    std::int64_t usual_ns = 0;  // 0: heard once only
    bool silent = false, reported = false, expected = false;
  };
  std::int64_t limit_ns(std::string_view sensor_id, const Sensor& sensor) const;

  SilenceRules rules_;
  std::size_t max_sensors_;
  std::map<std::string, Sensor, std::less<>> sensors_;
};

}  // namespace weather::sensors
