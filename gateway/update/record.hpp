// What became of the last update, across restarts: one small file. Pure but for the two that say files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/log/files.hpp"
#include "gateway/update/slots.hpp"

namespace weather::gateway {

struct UpdateRecord {
  // "installing", "installed" (waits for a restart, or is on trial), "kept", "left" (unhealthy, the other
  // slot was taken), "failed" (nothing was changed)
  std::string phase;
  std::string slot, version, from;  // where it was installed, what, over which version
  std::string reason;               // of "failed", and of a trial that does not look well
  std::string time;                 // RFC 3339, as far as the machine knew it
  std::string boot;                 // the kernel's number of the start in which it was installed
  bool kafka_was_online = false;
  friend bool operator==(const UpdateRecord&, const UpdateRecord&) = default;
};

std::string to_json(const UpdateRecord& record);
std::optional<UpdateRecord> record_from(std::string_view json);
// What a start finds: an update whose slot did not start is one that was left; one that was cut off, failed;
// one that runs and is not on trial was kept.
UpdateRecord seen_from(UpdateRecord record, const BootedSlot& booted, std::string_view boot);

std::optional<UpdateRecord> read_record(log::Files& files, const std::filesystem::path& state);
log::Result<void> write_record(log::Files& files, const std::filesystem::path& state,
                               const UpdateRecord& record);

}  // namespace weather::gateway
