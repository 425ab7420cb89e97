// The last reading of every sensor, its last hour and whether it fell silent, for `sensors`, `tail` and the
// page. Knows after a restart what it knew before (app/sensor_store.hpp keeps it). Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "gateway/ingest/ingest.hpp"
#include "gateway/ingest/sensor_memory.hpp"
#include "gateway/status/status.hpp"
#include "sensors/budget/memory_budget.hpp"
#include "sensors/quality/silence.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

class SensorTable final : public IngestObserver {
 public:
  static constexpr std::size_t most_sensors = 2000;  // a flood of made-up ids must not eat the memory
  static constexpr std::size_t minutes = 60;

  // Where there are too many, or the budget has no room, the least valuable give way to a new one: of the
  // party with the most sensors, of its client or source with the most, those heard once, then the ones not
  // heard for the longest time; never one that the rules of silence name. A reading the budget has no room
  // for does not replace the one shown. All of them are stored and sent as any other.
  explicit SensorTable(sensors::SilenceRules silence = {}, sensors::MemoryBudget* memory = nullptr)
      : memory_(memory), silence_(std::move(silence)) {}

  void stored(std::vector<sensors::Reading>& readings, std::span<const log::Record> records,
              log::Sequence last, std::string_view party) override;

  // Over a restart, before anything else: what was kept, then the readings of the log behind that (their last
  // record is `last`), then the clock as it is.
  void restore(const SensorMemories& memories);
  void heard_before(sensors::Reading& reading, std::string_view encoded, log::Sequence last);
  void resume(std::int64_t boot_ns);
  SensorMemories memories(std::int64_t boot_ns, std::uint64_t boot_id) const;
  // Counts what would make memories() another.
  std::uint64_t changes() const;
  std::uint64_t alarms() const;  // of them: falling silent and being heard again
  // Until it is heard of again. False: there is none of this id.
  bool forget(const std::string& id, std::int64_t boot_ns);

  std::size_t size() const;
  std::vector<SensorStatus> snapshot() const;  // by id

  // From now on the sensors named in the rules of silence are missed.
  void expect(std::int64_t boot_ns, std::int64_t wall_ns);
  std::vector<sensors::SilenceChange> poll_silence(std::int64_t boot_ns);  // each change once
  std::vector<std::string> silent() const;

  // Called with each stored reading and its sequence, on the thread that brought it; one at a time, empty
  // ends it. Must not block.
  using Tail = std::function<void(const sensors::Reading&, log::Sequence)>;
  void set_tail(Tail tail);

 private:
  using Parties = std::map<std::string, std::size_t, std::less<>>;  // how many sensors each has brought
  struct Sender {
    std::size_t sensors = 0;
    Parties::iterator party;
  };
  using Senders = std::map<std::string, Sender>;
  struct Entry {
    std::string last;             // the reading, encoded: the message itself takes up to ten times as much
    std::uint32_t not_shown = 0;  // quantities that were too many
    std::uint64_t readings = 0;
    std::int64_t last_ns = 0;
    double interval_s = 0;
    std::vector<float> recent;  // ring, one a minute
    std::int64_t recent_minute = 0;
    Senders::iterator sender;
    sensors::Reservation memory;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  Entries::iterator enter(const std::string& id, const sensors::Reading& reading, std::string_view party);
  Senders::iterator sender_of(const sensors::Reading& reading, std::string_view party);
  void leave(Entries::iterator entry);
  void take(sensors::Reading& reading, std::string_view encoded, std::string_view party,
            std::int64_t heard_ns);
  bool make_way();
  static void remember(Entries::iterator sensor, sensors::Reading& reading, std::string_view encoded);
  static void keep(Entries::iterator sensor, std::string_view encoded);
  SensorStatus status_of(const std::string& id, const Entry& entry) const;

  sensors::MemoryBudget* const memory_;
  mutable std::mutex mutex_;
  Entries sensors_;
  Senders senders_;
  Parties parties_;
  sensors::SilenceWatch silence_;
  std::int64_t expected_since_ns_ = 0;  // wall clock
  log::Sequence last_ = 0;
  std::uint64_t changes_ = 0, alarms_ = 0;
  // While the time before the start is read back: its boot clock, and of which boot.
  std::int64_t before_ns_ = 0;
  std::uint64_t before_boot_ = 0;
  Tail tail_;
};

}  // namespace weather::gateway
