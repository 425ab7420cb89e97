// The machine's clocks, and whether its wall clock can be believed.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>

#include "gateway/clock/clock_judge.hpp"
#include "gateway/clock/stamp.hpp"

namespace weather::gateway {

// Whose word on the clock counts.
enum class ClockTrust : std::uint8_t {
  automatic,  // the file where its folder exists (systemd-timesyncd runs), else the kernel (adjtimex(2))
  file,       // the file alone
  always,     // a clock that is always right
};

struct StamperOptions {
  ClockTrust trust = ClockTrust::automatic;
  // systemd-timesyncd makes it once the clock is set; the kernel's flag is less reliable
  // (systemd-time-wait-sync(8)).
  std::filesystem::path synchronised_file = "/run/systemd/timesync/synchronized";
};

// Thread-safe. Asks for the clock's quality at most once a second, and at once when the clock was set.
class SystemStamper final : public Stamper {
 public:
  explicit SystemStamper(StamperOptions options = {});
  Stamp now() override;
  // There is a program that will set the clock, if it can.
  bool expects_synchronisation() const;
  double stepped_s() const;
  std::uint64_t steps() const;

 private:
  v1::ClockQuality quality(std::int64_t wall_ns, std::int64_t boot_ns);
  ClockJudge::Said ask() const;

  const StamperOptions options_;
  const std::uint64_t boot_id_;
  mutable std::mutex mutex_;  // guards judge_
  ClockJudge judge_;
  std::atomic<std::int64_t> asked_ns_{0}, offset_ns_{0};
  std::atomic<int> quality_{v1::CLOCK_UNKNOWN};
};

}  // namespace weather::gateway
