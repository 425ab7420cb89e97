#include <cinttypes>
#include <string>

#include <sysexits.h>

#include "bridge/log/files.hpp"
#include "bridge/log/identity.hpp"
#include "bridge/log/tools.hpp"
#include "gateway/commands/log_commands.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/status/reading_members.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

// One entry as one JSON object; the reading as Kafka's consumers see it.
std::string entry_json(const log::Entry& entry, const std::string& log_id) {
  const auto [id, type, payload, gateway] = log::identify(entry, log_id);
  sensors::JsonMembers members;
  members.add("id", std::string_view(id));
  members.add("sequence", static_cast<std::int64_t>(entry.sequence));
  if (!gateway.empty()) members.add("gateway", std::string_view(gateway));
  members.add("appended", std::string_view(sensors::format_time(entry.time_ns)));
  v1::Reading reading;
  const auto loss = log::decode_loss(payload);
  if (type == log::Type::loss && loss) {
    members.add_json("loss", log::to_json(*loss));
  } else if (type == log::Type::reading &&
             reading.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    add_reading(members, reading);
  } else {
    members.add("type", static_cast<std::int64_t>(type));
    members.add("payload_bytes", static_cast<std::int64_t>(payload.size()));
  }
  return members.take();
}

}  // namespace

int log_dump_command(const LogCommand& command) {
  const auto listing = log::list_log(command.dir, log::posix_files());
  if (!listing) return complain_of_log(command.dir, listing.error());
  log::Range range{command.from, command.to, {}};
  if (command.unsent) range.unsent = command.cursor;
  std::uint64_t printed = 0;
  const auto verdict = log::dump_log(command.dir, log::posix_files(), range, [&](const log::Entry& entry) {
    const auto line = entry_json(entry, listing->id);
    // A reader that went away (| head) ends the dump without a word.
    return print_json(line) && ++printed != command.limit;
  });
  if (!verdict) return complain_of_log(command.dir, verdict.error());
  return static_cast<int>(*verdict);
}

}  // namespace weather::gateway
