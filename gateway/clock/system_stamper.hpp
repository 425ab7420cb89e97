// The machine's clocks, and whether its wall clock can be believed.
#pragma once

#include <atomic>
#include <filesystem>

#include "gateway/ingest/stamp.hpp"

namespace weather::gateway {

// Thread-safe. Asks for the clock's quality at most once a second.
class SystemStamper final : public Stamper {
 public:
  // timesync_file: systemd-timesyncd makes it once the clock is set (systemd-time-wait-sync(8)); where there
  // is no timesyncd the kernel's own flag is asked (adjtimex(2)).
  explicit SystemStamper(std::filesystem::path timesync_folder = "/run/systemd/timesync");
  Stamp now() override;

 private:
  v1::ClockQuality quality(std::int64_t boot_ns);

  const std::filesystem::path timesync_folder_;
  const std::uint64_t boot_id_;
  std::atomic<std::int64_t> asked_ns_{0};
  std::atomic<int> quality_{v1::CLOCK_UNKNOWN};
};

}  // namespace weather::gateway
