#include "bridge/log/state.hpp"

#include <algorithm>

#include "bridge/log/bytes.hpp"

namespace weather::log {
namespace {

constexpr std::size_t refused_at = 128;
constexpr std::size_t drop_count_at = refused_at + loss_body_bytes;
constexpr std::size_t drops_at = drop_count_at + 8;
constexpr std::size_t known_count_at = drops_at + max_drops * loss_body_bytes;
constexpr std::size_t known_at = known_count_at + 8;
static_assert(known_at + max_known_lost * 16 <= slot_payload_bytes);

void merge(Loss& into, const Loss& more) {
  into.last = more.last;
  into.records += more.records;
  into.bytes += more.bytes;
  if (into.from_ns == 0) into.from_ns = more.from_ns;
  if (more.to_ns != 0) into.to_ns = more.to_ns;
  into.noticed_ns = more.noticed_ns;
}

}  // namespace

void encode_state(const State& state, std::span<std::byte, slot_payload_bytes> to) {
  std::ranges::fill(to, std::byte{0});
  put(&to[0], state.first);
  put(&to[8], state.first_segment);
  put(&to[16], state.next_segment);
  put(&to[24], state.durable);
  put(&to[32], state.reported);
  put(&to[40], state.opens);
  put(&to[48], std::uint64_t{state.clean ? 1U : 0U});
  put(&to[56], state.active_segment);
  put(&to[64], state.active_offset);
  put(&to[72], std::uint64_t{state.active_crc});
  put(&to[80], state.dropped_oldest);
  put(&to[88], state.dropped_newest);
  put(&to[96], state.lost);
  put(&to[104], state.torn_tails);
  put(&to[112], state.dropped_bytes);
  encode_loss(state.refused, to.subspan<refused_at, loss_body_bytes>());
  const auto known = std::min(state.known_lost.size(), max_known_lost);
  put(&to[known_count_at], std::uint64_t{known});
  for (std::size_t i = 0; i < known; ++i) {
    put(&to[known_at + 16 * i], state.known_lost[i].first);
    put(&to[known_at + 16 * i + 8], state.known_lost[i].second);
  }
  const auto count = std::min(state.drops.size(), max_drops);
  put(&to[drop_count_at], std::uint64_t{count});
  for (std::size_t i = 0; i < count; ++i) {
    encode_loss(state.drops[i], to.subspan(drops_at + i * loss_body_bytes).first<loss_body_bytes>());
  }
}

State decode_state(std::span<const std::byte, slot_payload_bytes> from) {
  State state;
  state.first = std::max<Sequence>(1, get<std::uint64_t>(&from[0]));
  state.first_segment = get<std::uint64_t>(&from[8]);
  state.next_segment = get<std::uint64_t>(&from[16]);
  state.durable = get<std::uint64_t>(&from[24]);
  state.reported = get<std::uint64_t>(&from[32]);
  state.opens = get<std::uint64_t>(&from[40]);
  state.clean = get<std::uint64_t>(&from[48]) == 1;
  state.active_segment = get<std::uint64_t>(&from[56]);
  state.active_offset = get<std::uint64_t>(&from[64]);
  state.active_crc = get<std::uint32_t>(&from[72]);
  state.dropped_oldest = get<std::uint64_t>(&from[80]);
  state.dropped_newest = get<std::uint64_t>(&from[88]);
  state.lost = get<std::uint64_t>(&from[96]);
  state.torn_tails = get<std::uint64_t>(&from[104]);
  state.dropped_bytes = get<std::uint64_t>(&from[112]);
  if (const auto refused = decode_loss(from.subspan(refused_at, loss_body_bytes))) state.refused = *refused;
  const auto known = std::min<std::uint64_t>(get<std::uint64_t>(&from[known_count_at]), max_known_lost);
  for (std::size_t i = 0; i < known; ++i) {
    state.known_lost.emplace_back(get<std::uint64_t>(&from[known_at + 16 * i]),
                                  get<std::uint64_t>(&from[known_at + 16 * i + 8]));
  }
  const auto count = std::min<std::uint64_t>(get<std::uint64_t>(&from[drop_count_at]), max_drops);
  for (std::size_t i = 0; i < count; ++i) {
    const auto drop = decode_loss(from.subspan(drops_at + i * loss_body_bytes, loss_body_bytes));
    if (drop && drop->first != 0 && drop->last >= drop->first && drop->records != 0)
      state.drops.push_back(*drop);
  }
  return state;
}

void add_drop(std::vector<Loss>& drops, const Loss& drop) {
  if (!drops.empty() && drops.back().last + 1 == drop.first && drops.back().reason == drop.reason) {
    merge(drops.back(), drop);
    return;
  }
  if (drops.size() == max_drops) {
    // Cursors that hold records back have passed every drop but the last: only a cursor that holds nothing
    // back can still be before the oldest one, and for it records may be gone at any time.
    drops.erase(drops.begin());
  }
  drops.push_back(drop);
}

bool count_lost(State& state, Sequence first, Sequence last) {
  for (const auto& [known_first, known_last] : state.known_lost) {
    if (first >= known_first && last <= known_last) return false;
  }
  if (state.known_lost.size() == max_known_lost) state.known_lost.erase(state.known_lost.begin());
  state.known_lost.emplace_back(first, last);
  state.lost += last - first + 1;
  return true;
}

namespace {

// Cursor payload: a count, then from, next, delivered, dead-dead_lettered, dropped and passed of each.
constexpr std::size_t ranges_at = 64, range_bytes = 48;
constexpr std::size_t turn_at = ranges_at + 8 + max_delivered_ranges * range_bytes;
static_assert(turn_at + 8 <= slot_payload_bytes);

void encode_ranges(const std::vector<DeliveredRange>& ranges, std::span<std::byte, slot_payload_bytes> to) {
  const std::size_t count = std::min(ranges.size(), max_delivered_ranges);
  put(&to[ranges_at], static_cast<std::uint64_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    std::byte* const at = &to[ranges_at + 8 + i * range_bytes];
    put(at, ranges[i].from);
    put(at + 8, ranges[i].next);
    put(at + 16, ranges[i].delivered);
    put(at + 24, ranges[i].dead_lettered);
    put(at + 32, ranges[i].dropped);
    put(at + 40, ranges[i].passed);
  }
}

// Stops at the first that cannot be: what it names would be sent again, which is better than left out.
std::vector<DeliveredRange> decode_ranges(Sequence next,
                                          std::span<const std::byte, slot_payload_bytes> from) {
  std::vector<DeliveredRange> ranges;
  const auto count = std::min<std::uint64_t>(get<std::uint64_t>(&from[ranges_at]), max_delivered_ranges);
  for (std::size_t i = 0; i < count; ++i) {
    const std::byte* const at = &from[ranges_at + 8 + i * range_bytes];
    const DeliveredRange one{get<std::uint64_t>(at),      get<std::uint64_t>(at + 8),
                             get<std::uint64_t>(at + 16), get<std::uint64_t>(at + 24),
                             get<std::uint64_t>(at + 32), get<std::uint64_t>(at + 40)};
    if (one.from < next || one.next <= one.from) break;
    next = one.next;
    ranges.push_back(one);
  }
  return ranges;
}

}  // namespace

void encode_cursor(const CursorSlot& slot, std::span<std::byte, slot_payload_bytes> to) {
  std::ranges::fill(to, std::byte{0});
  put(&to[0], slot.cursor.next);
  put(&to[8], slot.cursor.delivered);
  put(&to[16], slot.cursor.dead_lettered);
  put(&to[24], slot.cursor.dropped);
  put(&to[32], slot.born);
  put(&to[40], slot.durable);
  put(&to[48], slot.written_ns);
  put(&to[56], slot.cursor.passed);
  encode_ranges(slot.cursor.delivered_ranges, to);
  put(&to[turn_at], slot.turn);
}

CursorSlot decode_cursor(std::span<const std::byte, slot_payload_bytes> from) {
  CursorSlot slot;
  slot.cursor.next = std::max<Sequence>(1, get<std::uint64_t>(&from[0]));
  slot.cursor.delivered = get<std::uint64_t>(&from[8]);
  slot.cursor.dead_lettered = get<std::uint64_t>(&from[16]);
  slot.cursor.dropped = get<std::uint64_t>(&from[24]);
  slot.born = std::max<Sequence>(1, get<std::uint64_t>(&from[32]));
  slot.durable = get<std::uint64_t>(&from[40]);
  slot.written_ns = get<std::int64_t>(&from[48]);
  slot.cursor.passed = get<std::uint64_t>(&from[56]);
  slot.cursor.delivered_ranges = decode_ranges(slot.cursor.next, from);
  slot.turn = get<std::uint64_t>(&from[turn_at]);
  return slot;
}

}  // namespace weather::log
