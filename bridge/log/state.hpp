// What the log knows about itself beyond its segments, and where a cursor stands: the payloads of their
// slots. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "bridge/log/log.hpp"
#include "bridge/log/loss.hpp"
#include "bridge/log/slot.hpp"

namespace weather::log {

inline constexpr std::string_view state_magic = "GWLSTAT1";
inline constexpr std::string_view cursor_magic = "GWLCURS1";
inline constexpr std::string_view identity_magic = "GWLOGID1";
inline constexpr std::size_t max_drops = 32;
inline constexpr std::size_t max_known_lost = 32;

struct State {
  Sequence first = 1;  // records below it were released: files that still hold them are left-overs
  std::uint64_t first_segment = 0;  // segments with a lower number likewise
  std::uint64_t next_segment = 1;   // numbers below were used
  Sequence durable = 0;             // was on the card when this was written
  std::uint64_t opens = 0;
  bool clean = false;  // closed in order; then the next three say where to go on
  std::uint64_t active_segment = 0;
  std::uint64_t active_offset = 0;
  std::uint32_t active_crc = 0;  // header checksum of its last frame
  std::uint64_t dropped_oldest = 0, dropped_newest = 0, lost = 0,
                torn_tails = 0;  // since the log was created
  std::uint64_t dropped_bytes = 0;
  Loss refused;  // readings refused by drop_newest and in no loss record up to `reported`
  Sequence reported = 0;
  std::vector<Loss> drops;  // dropped by drop_oldest and not yet passed by every cursor, in order
  std::vector<std::pair<Sequence, Sequence>> known_lost;  // ranges already counted in `lost`, newest last
  friend bool operator==(const State&, const State&) = default;
};

void encode_state(const State& state, std::span<std::byte, slot_payload_bytes> to);
State decode_state(std::span<const std::byte, slot_payload_bytes> from);
// Adds a drop to the end of the list: merged with the last one if it follows it, or if the list is full.
void add_drop(std::vector<Loss>& drops, const Loss& drop);
// Counts a damaged or missing range once, however often it is found. False: it was known.
bool count_lost(State& state, Sequence first, Sequence last);

struct CursorSlot {
  Cursor cursor;
  Sequence born = 1;
  Sequence durable = 0;  // of the log, when this was written: proves what had been acknowledged
  std::int64_t written_ns = 0;
  std::uint64_t turn = 0;  // see positions.hpp; 0: format 1 wrote it
  friend bool operator==(const CursorSlot&, const CursorSlot&) = default;
};

void encode_cursor(const CursorSlot& slot, std::span<std::byte, slot_payload_bytes> to);
CursorSlot decode_cursor(std::span<const std::byte, slot_payload_bytes> from);

}  // namespace weather::log
