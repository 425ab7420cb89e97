#include "gateway/commands/log_commands.hpp"

#include <cinttypes>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <sysexits.h>

#include "bridge/log/clock.hpp"
#include "bridge/log/counted.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/tools.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/progress.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

const char* verdict_name(log::Verdict verdict) {
  switch (verdict) {
    case log::Verdict::clean:
      return "clean";
    case log::Verdict::torn_tail:
      return "torn_tail";
    case log::Verdict::damage:
      return "damage";
    case log::Verdict::loss:
      return "loss";
  }
  return "loss";
}

int exit_code(log::Verdict verdict) {
  return static_cast<int>(verdict);
}

void print(const json::value& value) {
  print_json(json::serialize(value));
}

// A bar for the tools that read everything.
class Bar {
 public:
  Bar(const char* label, const LogCommand& command) : progress_(label, ProgressUnit::bytes, command.json) {}
  operator log::Progress() {
    return [this](std::uint64_t done, std::uint64_t total) { progress_.update(done, total); };
  }

 private:
  Progress progress_;
};

log::Range range_of(const LogCommand& command) {
  log::Range range{command.from, command.to, {}};
  if (command.unsent) range.unsent = command.cursor;
  return range;
}

json::array drops_json(const std::vector<log::Loss>& losses) {
  json::array result;
  for (const auto& loss : losses)
    result.push_back({{"first", loss.first},
                      {"last", loss.last},
                      {"records", loss.records},
                      {"reason", log::to_text(loss.reason)}});
  return result;
}

json::value listing_json(const log::Listing& listing) {
  json::array segments, cursors;
  for (const auto& segment : listing.segments)
    segments.push_back({{"name", segment.name},
                        {"first", segment.first},
                        {"last", segment.last},
                        {"file_bytes", segment.file_bytes},
                        {"used_bytes", segment.used_bytes},
                        {"records", segment.records},
                        {"payload_bytes", segment.payload_bytes},
                        {"frames", segment.frames},
                        {"dense", segment.dense}});
  for (const auto& [name, cursor, born, written_ns] : listing.cursors)
    cursors.push_back({{"name", name},
                       {"next", cursor.next},
                       {"born", born},
                       {"delivered", cursor.delivered},
                       {"dead_lettered", cursor.dead_lettered},
                       {"dropped", cursor.dropped}});
  return {{"schema_version", 1},
          {"id", listing.id},
          {"folder", listing.folder.string()},
          {"running", listing.running},
          {"closed_in_order", listing.closed_in_order},
          {"first", listing.first},
          {"durable", listing.durable},
          {"size_bytes", listing.bytes},
          {"free_files", listing.free_files},
          {"quarantined_files", listing.quarantined_files},
          {"segments", segments},
          {"cursors", cursors},
          {"drops", drops_json(listing.drops)}};
}

void print_summary(const log::Listing& listing) {
  print_line(format("log %s in %s%s", listing.id.c_str(), listing.folder.c_str(),
                    listing.running           ? ", a gateway is running"
                    : listing.closed_in_order ? ", closed in order"
                                              : ", not closed in order"));
  print_line(format("records %" PRIu64 " to %" PRIu64 ", %s, %s", listing.first, listing.durable,
                    log::counted(listing.segments.size(), "segment").c_str(),
                    human_bytes(static_cast<double>(listing.bytes)).c_str()));
  if (listing.quarantined_files != 0)
    print_line(log::counted(listing.quarantined_files, "file") + " in quarantine");
  for (const auto& [name, cursor, born, written_ns] : listing.cursors)
    print_line(format("cursor %s at %" PRIu64 ": %" PRIu64 " delivered, %" PRIu64 " dead-lettered, %" PRIu64
                      " dropped, %" PRIu64 " waiting",
                      name.c_str(), cursor.next, cursor.delivered, cursor.dead_lettered, cursor.dropped,
                      listing.durable + 1 > cursor.next ? listing.durable + 1 - cursor.next : 0));
  for (const auto& loss : listing.drops) print_line(log::to_sentence(loss));
}

}  // namespace

int log_ls_command(const LogCommand& command) {
  const auto listing = log::list_log(command.dir, log::posix_files());
  if (!listing) return complain_of_log(command.dir, listing.error());
  if (command.json) {
    print(listing_json(*listing));
    return EX_OK;
  }
  for (const auto& segment : listing->segments)
    print_line(format("%-24s %12" PRIu64 " %12" PRIu64 " %10s%s", segment.name.c_str(), segment.first,
                      segment.last, human_bytes(static_cast<double>(segment.file_bytes)).c_str(),
                      segment.dense ? "  dense" : ""));
  return EX_OK;
}

int log_stat_command(const LogCommand& command) {
  Bar bar("stat", command);
  const auto listing = log::list_log(command.dir, log::posix_files(), true, bar);
  if (!listing) return complain_of_log(command.dir, listing.error());
  if (command.json) {
    print(listing_json(*listing));
    return EX_OK;
  }
  print_summary(*listing);
  std::uint64_t records = 0, payload = 0, used = 0;
  for (const auto& segment : listing->segments) {
    records += segment.records;
    payload += segment.payload_bytes;
    used += segment.used_bytes;
  }
  print_line(format("%s, %s of payload in %s", log::counted(records, "record").c_str(),
                    human_bytes(static_cast<double>(payload)).c_str(),
                    human_bytes(static_cast<double>(used)).c_str()));
  return EX_OK;
}

int log_verify_command(const LogCommand& command) {
  Bar bar("verify", command);
  const auto found = log::verify_log(command.dir, log::posix_files(), bar);
  if (!found) return complain_of_log(command.dir, found.error());
  if (command.json) {
    json::array findings;
    for (const auto& finding : found->findings)
      findings.push_back({{"verdict", verdict_name(finding.verdict)},
                          {"file", finding.file},
                          {"offset", finding.offset},
                          {"text", finding.text}});
    print({{"schema_version", 1},
           {"verdict", verdict_name(found->verdict)},
           {"running", found->running},
           {"segments", found->segments},
           {"frames", found->frames},
           {"records", found->records},
           {"size_bytes", found->bytes},
           {"findings", findings},
           {"lost", drops_json(found->lost)}});
    return exit_code(found->verdict);
  }
  for (const auto& finding : found->findings) {
    const auto place =
        finding.file.empty() ? "" : finding.file + " at byte " + std::to_string(finding.offset) + ": ";
    print_line(format("%s: %s%s", verdict_name(finding.verdict), place.c_str(), finding.text.c_str()));
  }
  for (const auto& loss : found->lost) print_line(log::to_sentence(loss));
  print_line(format(
      "%s: %s in %s, %s, %s", verdict_name(found->verdict), log::counted(found->records, "record").c_str(),
      log::counted(found->frames, "frame").c_str(), log::counted(found->segments, "segment").c_str(),
      human_bytes(static_cast<double>(found->bytes)).c_str()));
  return exit_code(found->verdict);
}

int log_export_command(const LogCommand& command) {
  Bar bar("export", command);
  const auto done = log::export_log(command.dir, command.file, log::posix_files(), range_of(command), bar);
  if (!done) return complain_of_log(command.dir, done.error());
  if (command.json)
    print({{"schema_version", 1},
           {"verdict", verdict_name(done->verdict)},
           {"records", done->records},
           {"payload_bytes", done->payload_bytes}});
  else
    print_line(format("%s (%s) written to %s", log::counted(done->records, "record").c_str(),
                      human_bytes(static_cast<double>(done->payload_bytes)).c_str(), command.file.c_str()));
  return exit_code(done->verdict);
}

int log_import_command(const LogCommand& command) {
  Bar bar("import", command);
  const auto done = log::import_log(command.file, command.dir, log::posix_files(), log::system_clock(), bar);
  if (!done) return complain_of_log(command.dir, done.error());
  if (command.json)
    print({{"schema_version", 1},
           {"verdict", verdict_name(done->verdict)},
           {"from_id", done->from_id},
           {"records", done->records},
           {"skipped", done->skipped}});
  else
    print_line(format("%s of log %s taken over, %" PRIu64 " already there",
                      log::counted(done->records, "record").c_str(), done->from_id.c_str(), done->skipped));
  return exit_code(done->verdict);
}

int log_repair_command(const LogCommand& command) {
  Bar bar("repair", command);
  const auto done =
      log::repair_log(command.dir, log::posix_files(), log::system_clock(), command.dry_run, bar);
  if (!done) return complain_of_log(command.dir, done.error());
  if (command.json) {
    json::array actions;
    for (const auto& action : done->actions) actions.emplace_back(action);
    print({{"schema_version", 1},
           {"verdict", verdict_name(done->verdict)},
           {"dry_run", command.dry_run},
           {"actions", actions}});
  } else {
    for (const auto& action : done->actions)
      print_line(format("%s%s", command.dry_run ? "would: " : "", action.c_str()));
    if (done->actions.empty()) print_line("nothing to repair");
  }
  return exit_code(done->verdict);
}

int audit_command(const LogCommand& command) {
  Bar bar("audit", command);
  const auto audit = log::audit_log(command.dir, log::posix_files(), bar);
  if (!audit) return complain_of_log(command.dir, audit.error());
  bool exact = true;
  json::array lines;
  for (const auto& line : audit->lines) {
    exact = exact && line.exact;
    if (command.json) {
      lines.push_back({{"cursor", line.cursor},
                       {"accepted", line.accepted},
                       {"delivered", line.delivered},
                       {"dead_lettered", line.dead_lettered},
                       {"dropped", line.dropped},
                       {"passed", line.passed},
                       {"dropped_ahead", line.dropped_ahead},
                       {"waiting", line.waiting},
                       {"exact", line.exact}});
    } else {
      print_line(format("%s: accepted %" PRIu64 " %s delivered %" PRIu64 " + dead-lettered %" PRIu64
                        " + dropped %" PRIu64 "%s + waiting %" PRIu64 "",
                        line.cursor.c_str(), line.accepted, line.exact ? "=" : "IS NOT", line.delivered,
                        line.dead_lettered, line.dropped + line.dropped_ahead,
                        line.passed == 0 ? "" : (" + not for it " + std::to_string(line.passed)).c_str(),
                        line.waiting));
    }
  }
  if (command.json)
    print({{"schema_version", 1},
           {"verdict", verdict_name(audit->verdict)},
           {"running", audit->running},
           {"exact", exact},
           {"cursors", lines}});
  // Beside a running gateway the numbers of the files are seconds apart: not a
  // fault.
  return exact || audit->running ? exit_code(audit->verdict) : exit_code(log::Verdict::loss);
}

}  // namespace weather::gateway
