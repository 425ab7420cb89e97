// `weather-gateway update check` and `update status`.
#include "gateway/commands/update.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <sysexits.h>

#include "gateway/config/files.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/update/download.hpp"
#include "gateway/update/machine.hpp"
#include "gateway/update/record.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

const char* word(Offer offer) {
  return offer == Offer::newer ? "newer" : offer == Offer::same ? "same" : "refused";
}

json::value last_json(const std::optional<UpdateRecord>& last) {
  if (!last) return nullptr;
  return {{"phase", last->phase}, {"slot", last->slot},     {"version", last->version},
          {"from", last->from},   {"reason", last->reason}, {"time", last->time}};
}

std::string last_text(const UpdateRecord& last) {
  return "last update: " + last.version + " over " + last.from + " into slot " + last.slot + ", " +
         last.time + ": " + last.phase + (last.reason.empty() ? "" : ": " + last.reason);
}

std::string slot_text(const Slot& slot) {
  std::string text =
      "slot " + slot.name + (slot.booted ? " (running)" : "") + ": " + (slot.good ? "good" : "bad");
  if (!slot.version.empty()) text += ", version " + slot.version;
  if (slot.attempts_left) text += ", " + std::to_string(*slot.attempts_left) + " attempts left";
  return text;
}

}  // namespace

int update_check_command(const UpdateCheckCommand& options) {
  const UpdateMachine machine(options.root);
  auto url = options.url;
  if (url.empty())
    if (const auto config = read_config(machine.config_file())) url = config->update.url;
  if (url.empty())
    return complain(
        "give the address of a latest.json, or write it as [update] url into " + machine.config_file(),
        EX_USAGE);
  const auto slots = machine.slots();
  if (!slots) return complain(slots.error(), EX_UNAVAILABLE);
  const auto release = fetch_index(url);
  if (!release) return complain(release.error(), EX_UNAVAILABLE);
  const auto offer = judge_offer(release->version, release->board, machine.version(), slots->compatible);
  if (options.json)
    print_json(json::serialize(json::value{{"schema_version", 1},
                                           {"offer", word(offer.offer)},
                                           {"text", offer.text},
                                           {"version", release->version},
                                           {"running", machine.version()},
                                           {"board", release->board},
                                           {"bundle", release->bundle},
                                           {"size_bytes", release->bytes}}));
  else
    print_line(offer.text);
  return offer.offer == Offer::refused ? EX_DATAERR : EX_OK;
}

int update_status_command(const UpdateCommand& options) {
  const UpdateMachine machine(options.root);
  const auto slots = machine.slots();
  if (!slots) return complain(slots.error(), EX_UNAVAILABLE);
  const auto booted = machine.booted();
  auto last = read_record(log::posix_files(), machine.state());
  if (last) last = seen_from(*last, booted, machine.boot());
  // The kernel's command line says so until the next start.
  const bool trial = booted.trial && !(last && last->phase == "kept" && last->slot == booted.name);
  if (!options.json) {
    print_line("version " + sensors::printable(machine.version()) + " on " +
               sensors::printable(slots->compatible) + (trial ? ", on trial: kept once it looks well" : ""));
    for (const auto& slot : slots->slots) print_line(sensors::printable(slot_text(slot)));
    if (last) print_line(sensors::printable(last_text(*last)));
    return EX_OK;
  }
  json::array list;
  for (const auto& slot : slots->slots)
    list.push_back(
        {{"name", slot.name},
         {"version", slot.version},
         {"running", slot.booted},
         {"good", slot.good},
         {"attempts_left", slot.attempts_left ? json::value(*slot.attempts_left) : json::value()}});
  print_json(json::serialize(json::value{{"schema_version", 1},
                                         {"version", machine.version()},
                                         {"board", slots->compatible},
                                         {"trial", trial},
                                         {"first", slots->first},
                                         {"slots", list},
                                         {"last", last_json(last)}}));
  return EX_OK;
}

}  // namespace weather::gateway
