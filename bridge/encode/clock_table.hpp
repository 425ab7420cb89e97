// What is known of the machine's clock, boot by boot, and the times that readings get from it when they are
// sent. A machine without a battery-backed clock collects before it knows the time; the log is never
// rewritten. Pure; a table is filled by one thread and then only read.
//
// An anchor record of the log (log::Type::anchor) holds the whole table as it was then: one byte 1, then 33
// bytes for each boot, little-endian: boot id (8), boot clock (8), wall clock (8), sequence (8), known (1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bridge/log/log.hpp"
#include "sensors/reading/source_time.hpp"

namespace weather::bridge {

// At this moment of this boot the wall clock should have shown wall_ns.
struct ClockAnchor {
  std::uint64_t boot_id = 0;
  std::int64_t boot_clock_ns = 0;  // CLOCK_BOOTTIME
  std::int64_t wall_ns = 0;        // unix ns
  log::Sequence sequence = 0;      // the record that said so first; 0 in a record: that record itself
  bool known = false;  // the clock was synchronised; false: a guess made when the boot began, "not earlier"
  friend bool operator==(const ClockAnchor&, const ClockAnchor&) = default;
};
// The sequence of an anchor that came from another log by import: it stands beside no record of this one.
inline constexpr log::Sequence foreign_sequence = ~log::Sequence{0};

class ClockTable {
 public:
  static constexpr std::size_t most_boots = 64;  // the oldest is forgotten
  // No clock that shows less is right: this program is younger.
  static constexpr std::int64_t earliest_ns = 1'735'689'600'000'000'000;  // 2025-01-01T00:00:00Z

  explicit ClockTable(sensors::TimeLimits limits = {}) : limits_(limits) {}

  // Of each boot the best is kept: known before guessed, later before earlier.
  void learn(const ClockAnchor& anchor);
  // Forgets boots whose readings have all left the log, which now begins with `first`.
  void forget_before(log::Sequence first);

  const ClockAnchor* find(std::uint64_t boot_id) const;
  std::span<const ClockAnchor> anchors() const { return anchors_; }  // in the order of their sequences
  const sensors::TimeLimits& limits() const { return limits_; }

  // The wall clock at a moment of a boot; nothing for a boot that is not in the table.
  std::optional<std::int64_t> wall_ns(std::uint64_t boot_id, std::int64_t boot_clock_ns) const;
  // A time of a boot whose clock never became known, as near to raw_ns as the boots around it allow. sequence
  // 0: of another log, so that its neighbours tell nothing.
  std::int64_t estimate(std::uint64_t boot_id, std::int64_t boot_clock_ns, std::int64_t raw_ns,
                        log::Sequence sequence) const;

 private:
  sensors::TimeLimits limits_;
  std::vector<ClockAnchor> anchors_;
};

std::vector<std::byte> encode_anchors(const ClockTable& table);
// sequence: of the record. Nothing for bytes that are no anchor record.
std::optional<std::vector<ClockAnchor>> decode_anchors(std::span<const std::byte> payload,
                                                       log::Sequence sequence);

// The time that a reading is sent with: when it was measured, else received, else stored.
std::int64_t event_ns_of(const sensors::ReadingTimes& times, const log::Entry& entry);

// Gives a reading that was stamped by a clock known to be wrong the time it should have had: received and
// event time move together, a time that the sensor itself gave is judged by the corrected one. Says in
// clock_quality what was done: CLOCK_CORRECTED or CLOCK_ESTIMATED. False: nothing was to be done.
bool restamp(sensors::ReadingTimes& times, log::Sequence sequence, const ClockTable& table);

}  // namespace weather::bridge
