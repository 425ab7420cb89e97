#include "bridge/log/for_each.hpp"
#include "bridge/log/tools_snapshot.hpp"

namespace weather::log {

Result<Verdict> dump_log(const std::filesystem::path& dir, Files& files, const Range& range,
                         const std::function<bool(const Entry&)>& each, const Progress& progress) {
  const auto taken = take_snapshot(dir, files);
  if (!taken) return fail(taken.error());
  auto& snapshot = **taken;
  auto from = std::max<Sequence>(range.from, 1);
  if (range.unsent) {
    const auto position = cursor_position(snapshot, *range.unsent);
    if (!position) return fail(position.error());
    from = std::max(from, *position);
  }
  const auto end = snapshot.catalog->end();
  auto verdict = Verdict::clean;
  const auto reader = snapshot.reader(from);
  for (;;) {
    const auto entries = reader->read(read_at_once_records, read_at_once_bytes);
    if (!entries) return fail(entries.error());
    if (entries->empty()) return verdict;
    for (const auto& entry : *entries) {
      const auto loss = entry.type == Type::loss ? decode_loss(entry.payload) : std::nullopt;
      const auto begins = loss && loss->first != 0 ? loss->first : entry.sequence;
      if (begins > range.to) return verdict;
      if (loss && loss->first != 0) verdict = worst(verdict, verdict_of(*loss));
      if (!each(entry)) return verdict;
    }
    if (progress && end > from) progress(reader->position() - from, end - from);
  }
}

}  // namespace weather::log
