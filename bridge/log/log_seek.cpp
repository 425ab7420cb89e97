// Finding a record by wall time.
#include <algorithm>

#include "bridge/log/for_each.hpp"
#include "bridge/log/frame_reader.hpp"
#include "bridge/log/log_impl.hpp"
#include "bridge/log/reader.hpp"

namespace weather::log {
namespace {

// Time of the segment's first frame; nothing if it has none that can be read.
std::optional<std::int64_t> first_time(const Context& context, const Catalog::Place& place) {
  auto file = context.files.open(place.segment->path, Mode::read);
  if (!file) return std::nullopt;
  const auto block = read_block(**file, block_bytes);
  if (!block) return std::nullopt;
  const auto parsed = decode_frame_header(*block, context.seed);
  if (!parsed || parsed->header.segment != place.segment->number) return std::nullopt;
  return parsed->header.base_ns;
}

}  // namespace

Result<Sequence> LogImpl::find_time(std::int64_t wall_ns) {
  const auto places = catalog_->all();
  // The last segment that begins before the time asked for; one that cannot be read counts as beginning
  // before.
  const auto after = std::partition_point(places.begin(), places.end(), [&](const Catalog::Place& place) {
    return first_time(context_, place).value_or(wall_ns - 1) < wall_ns;
  });
  const auto from = after == places.begin() ? Sequence{1} : std::prev(after)->segment->base;
  LogReader reader(context_, catalog_, from, {});
  for (;;) {
    const auto entries = reader.read(read_at_once_records, read_at_once_bytes);
    if (!entries) return fail(entries.error());
    if (entries->empty()) return reader.position();
    for (const auto& entry : *entries) {
      if (entry.type != Type::loss && entry.time_ns >= wall_ns) return entry.sequence;
    }
  }
}

}  // namespace weather::log
