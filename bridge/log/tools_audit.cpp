#include <algorithm>

#include "bridge/log/for_each.hpp"
#include "bridge/log/tools_snapshot.hpp"

namespace weather::log {
namespace {

// How many of these records were sent before their turn.
std::uint64_t sent_ahead(const Cursor& cursor, Sequence first, Sequence last) {
  std::uint64_t records = 0;
  for (const auto& ahead : cursor.delivered_ranges) {
    const auto begin = std::max(first, ahead.from), end = std::min(last + 1, ahead.next);
    if (begin < end) records += end - begin;
  }
  return records;
}

// Reads from the cursor to the end and counts: of every cursor what waits for it and what is gone before it
// got there. What was sent before its turn does not wait.
Result<Verdict> count_ahead(Snapshot& snapshot, const Cursor& cursor, AuditLine& line,
                            const Progress& progress) {
  const Sequence from = cursor.next;
  auto verdict = Verdict::clean;
  const auto end = snapshot.catalog->end();
  const auto reader = snapshot.reader(from);
  for (;;) {
    const auto entries = reader->read(read_at_once_records, read_at_once_bytes);
    if (!entries) return fail(entries.error());
    if (entries->empty()) return verdict;
    for (const auto& entry : *entries) {
      const auto loss = entry.type == Type::loss ? decode_loss(entry.payload) : std::nullopt;
      if (loss && loss->first != 0) {
        line.dropped_ahead += loss->records - sent_ahead(cursor, loss->first, entry.sequence);
        verdict = worst(verdict, verdict_of(*loss));
      } else if (sent_ahead(cursor, entry.sequence, entry.sequence) == 0) {
        ++line.waiting;
      }
    }
    if (progress) progress(reader->position() - from, end - from);
  }
}

}  // namespace

Result<Audit> audit_log(const std::filesystem::path& dir, Files& files, const Progress& progress) {
  const auto taken = take_snapshot(dir, files);
  if (!taken) return fail(taken.error());
  auto& snapshot = **taken;
  Audit audit;
  audit.running = snapshot.running;
  for (const auto& finding : snapshot.findings) audit.verdict = worst(audit.verdict, finding.verdict);
  for (const auto& cursor : snapshot.cursors) {
    AuditLine line;
    line.cursor = cursor.name;
    line.accepted = snapshot.catalog->end() - cursor.born;
    line.delivered = cursor.cursor.delivered;
    line.dead_lettered = cursor.cursor.dead_lettered;
    line.dropped = cursor.cursor.dropped;
    line.passed = cursor.cursor.passed;
    for (const auto& ahead : cursor.cursor.delivered_ranges) {
      line.delivered += ahead.delivered;
      line.dead_lettered += ahead.dead_lettered;
      line.dropped += ahead.dropped;
      line.passed += ahead.passed;
    }
    const auto verdict = count_ahead(snapshot, cursor.cursor, line, progress);
    if (!verdict) return fail(verdict.error());
    audit.verdict = worst(audit.verdict, *verdict);
    line.exact = line.accepted == line.delivered + line.dead_lettered + line.dropped + line.passed +
                                      line.dropped_ahead + line.waiting;
    audit.lines.push_back(line);
  }
  return audit;
}

}  // namespace weather::log
