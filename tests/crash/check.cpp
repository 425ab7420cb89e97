#include "tests/crash/check.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "bridge/log/manual.hpp"

namespace weather::log::test {

namespace {

// The record a judgement appends; unlike any payload_of with overwhelming probability.
constexpr std::string_view probe = "appended after the power came back";
std::span<const std::byte> probe_bytes() {
  return std::as_bytes(std::span(probe));
}
bool is_probe(std::span<const std::byte> bytes) {
  return std::equal(bytes.begin(), bytes.end(), probe_bytes().begin(), probe_bytes().end());
}

std::string at(const std::string& what, Sequence sequence) {
  return what + " at sequence " + std::to_string(sequence);
}

// Takes one entry in; false when the reader broke its contract.
bool take(const Entry& entry, Sequence expected, Found& found) {
  if (entry.type != Type::loss) {
    if (expected != 0 && entry.sequence != expected) {
      found.wrong = at("reader went from " + std::to_string(expected), entry.sequence);
      return false;
    }
    found.records[entry.sequence].assign(entry.payload.begin(), entry.payload.end());
    if (found.first == 0) found.first = entry.sequence;
    return true;
  }
  const auto loss = decode_loss(entry.payload);
  if (!loss || loss->records == 0) {
    found.wrong = at("loss without a body", entry.sequence);
    return false;
  }
  if (loss->reason == LossReason::refused_newest) {
    found.refusals[entry.sequence] = loss->records;
    if (found.first == 0) found.first = entry.sequence;
    if (expected != 0 && entry.sequence != expected) found.wrong = at("refusal out of order", entry.sequence);
  } else {
    found.losses.push_back(*loss);
    if (loss->last != entry.sequence || loss->last - loss->first + 1 != loss->records ||
        (expected != 0 && loss->first != expected)) {
      found.wrong =
          at("loss of " + std::to_string(loss->first) + " to " + std::to_string(loss->last), expected);
    }
  }
  return found.wrong.empty();
}

// Nothing of this sequence was to be expected: delivered before, or told as dropped by policy.
bool excused(Sequence sequence, const Promise& promise, const Found& found, const Options& options) {
  if (sequence <= promise.delivered) return true;
  return std::any_of(found.losses.begin(), found.losses.end(), [&](const Loss& loss) {
    return loss.first <= sequence && sequence <= loss.last && loss.reason == LossReason::dropped_oldest &&
           options.on_full == OnFull::drop_oldest;
  });
}

std::string judge_records(const Found& found, const Promise& promise, const Given& given,
                          const Options& options) {
  for (const auto& [sequence, bytes] : found.records) {
    const auto number = given.number(sequence);
    if (number && bytes == payload_of(given.seed, *number)) continue;
    if (sequence > promise.acknowledged && is_probe(bytes)) continue;
    return at("wrong bytes", sequence);
  }
  for (Sequence s = promise.delivered + 1; s <= promise.acknowledged; ++s) {
    if (!given.number(s)) continue;  // the log's own record of refusals
    if (found.records.count(s) == 0 && !excused(s, promise, found, options)) {
      return at("acknowledged record lost", s);
    }
  }
  for (auto it = given.groups.upper_bound(promise.acknowledged); it != given.groups.end(); ++it) {
    const auto& [last, group] = *it;
    std::uint64_t there = 0;
    for (Sequence s = last + 1 - group.count; s <= last; ++s) {
      const auto record = found.records.find(s);
      there += record != found.records.end() && !is_probe(record->second) ? 1U : 0U;
    }
    if (there != 0 && there != group.count) return at("half a group", last);
  }
  return {};
}

std::string judge_cursor(const Cursor& cursor, const Promise& promise, const Found& found) {
  if (cursor.delivered + cursor.dead_lettered + cursor.dropped != cursor.next - 1) {
    return at("cursor counts do not add up", cursor.next);
  }
  if (cursor.next - 1 < promise.delivered_kept) return at("cursor went back", cursor.next);
  // The log may move a cursor only over what it dropped itself and told.
  const bool over_a_loss = std::any_of(found.losses.begin(), found.losses.end(),
                                       [&](const Loss& loss) { return loss.last >= cursor.next - 1; });
  if (cursor.next - 1 > promise.delivered && !over_a_loss) return at("cursor went ahead", cursor.next);
  if (found.first > cursor.next && found.losses.empty()) return at("uncounted gap before", found.first);
  return {};
}

std::string summary(const Found& found) {
  std::string text = std::to_string(found.records.size()) + " records (" + std::to_string(found.first) +
                     " to " + std::to_string(found.last) + ")";
  for (const auto& loss : found.losses) text += ", " + to_sentence(loss);
  return text + found.wrong;
}

}  // namespace

void count_delivered(const Entry& entry, Cursor& cursor) {
  const auto records = entry.sequence + 1 - cursor.next;
  const auto loss = entry.type == Type::loss ? decode_loss(entry.payload) : std::nullopt;
  (loss && loss->reason != LossReason::refused_newest ? cursor.dropped : cursor.delivered) += records;
  cursor.next = entry.sequence + 1;
}

Found read_all(Log& log, Sequence from) {
  Found found;
  const auto reader = log.reader(from);
  Sequence expected = 0;
  while (found.wrong.empty()) {
    const auto entries = reader->read(1'000, 1U << 20);
    if (!entries) {
      found.wrong = "read: " + entries.error().message();
      break;
    }
    if (entries->empty()) break;
    for (const auto& entry : *entries) {
      if (!take(entry, expected, found)) break;
      expected = entry.sequence + 1;
      found.last = entry.sequence;
    }
  }
  return found;
}

std::string judge(Log& log, const Promise& promise, const Given& given, const Options& options) {
  if (!log.recovery().lost.empty()) return at("recovery tells a loss", log.recovery().lost.front().first);
  const Found found = read_all(log);
  if (!found.wrong.empty()) return found.wrong;
  if (auto wrong = judge_records(found, promise, given, options); !wrong.empty()) return wrong;
  const auto cursor = log.open_cursor("kafka");
  if (!cursor) return "open_cursor: " + cursor.error().message();
  const auto refused = log.status().dropped_newest;
  if (refused < promise.refused_counted) {
    return "counted " + std::to_string(promise.refused_counted) + " refusals, now " + std::to_string(refused);
  }
  if (refused > promise.refused_given) return "counts more refusals than there were";
  // What is missing below the first record was delivered, or the stream begins by reporting why not.
  return judge_cursor(*cursor, promise, read_all(log, cursor->next));
}

std::string judge_refusals(Log& log, const Promise& promise, const Options& options) {
  const Found found = read_all(log, promise.delivered + 1);
  auto reported = promise.refused_reported;
  for (const auto& [sequence, records] : found.refusals)
    reported += sequence > promise.delivered ? records : 0;
  const auto refused = log.status().dropped_newest;
  if (reported == refused || (reported < refused && waits_for_room(log, options))) return {};
  return "tells " + std::to_string(reported) + " refusals of " + std::to_string(refused);
}

std::string judge_new_record(Log& log, Sequence last, const Options& options) {
  const Record record{1, Type::reading, probe_bytes()};
  const auto sequence = log.append(std::span(&record, 1), Wait::now);
  if (!sequence) return sequence.error() == Errc::full ? "" : "append: " + sequence.error().message();
  if (*sequence <= last) return at("sequence used again", *sequence);
  if (const auto durable = log.wait_durable(*sequence, std::chrono::seconds(30)); !durable) {
    return waits_for_room(log, options) ? "" : "wait_durable: " + durable.error().message();
  }
  const Found more = read_all(log, *sequence);
  if (more.records.count(*sequence) == 0 || !is_probe(more.records.at(*sequence))) {
    return at("new record not readable", *sequence);
  }
  return {};
}

std::string judge_disk(const Disk& disk, const Promise& promise, const Given& given, const Options& wanted,
                       const std::function<void(const Disk&)>& sample) {
  auto options = wanted;
  options.durability = Durability::sync;  // what is asked of the log from now on does not wait for the clock
  SimFiles files(disk);
  SimClock clock;
  if (sample) files.watch(sample);
  Found before;
  std::optional<Disk> killed;
  {
    const auto log = open_manual(options, files, clock);
    if (!log) return "open: " + log.error().message();
    if (auto wrong = judge(**log, promise, given, options); !wrong.empty()) return wrong;
    const Sequence last = std::max(promise.acknowledged, (*log)->durable());
    if (auto wrong = judge_new_record(**log, last, options); !wrong.empty()) return wrong;
    clock.advance(std::chrono::seconds(2));  // what was refused before the cut is told once there is room
    (*log)->pump();
    if (auto wrong = judge_refusals(**log, promise, options); !wrong.empty()) return wrong;
    before = read_all(**log);
    killed = files.disk();
    files.watch({});
  }
  // Once after a kill, which makes the log look for its end, and once after it was closed.
  SimFiles as_killed(*killed);
  for (SimFiles* left : {&as_killed, &files}) {
    const auto again = open_manual(options, *left, clock);
    if (!again) return "second open: " + again.error().message();
    const Found after = read_all(**again);
    if (!(after == before)) return "second recovery finds " + summary(after) + " after " + summary(before);
    clock.advance(std::chrono::seconds(2));
    (*again)->pump();
    if (auto wrong = judge_refusals(**again, promise, options); !wrong.empty()) return wrong + " once more";
  }
  return {};
}

}  // namespace weather::log::test
