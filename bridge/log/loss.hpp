// The body of a Type::loss entry: which records are gone, and why. Pure.
//
// A loss inside the stream stands at the place of the missing records: its entry's sequence is the last
// missing one, so that "sequence + 1" is the next record after every entry alike. It has no sequence of its
// own; it is delivered under an id made of its range (identity.hpp: "<log id>-<first>-<last>") and counts
// its records as dropped. Only refused readings, which never had a sequence, are reported by an appended
// record with one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weather::log {

enum class LossReason : std::uint8_t {
  dropped_oldest = 1,  // the log was full and made room (on_full = "drop_oldest")
  refused_newest = 2,  // the log was full and took nothing more (on_full = "drop_newest"); no sequence range
  damaged = 3,         // acknowledged records whose bytes on the card are no longer readable
  missing = 4,         // acknowledged records that are not on the card at all
};

struct Loss {
  std::uint64_t first = 0, last = 0;  // inclusive; both 0: the records never had a sequence
  std::uint64_t records = 0;          // last - first + 1, or the number refused
  std::uint64_t bytes = 0;            // payload bytes; for damaged and missing the bytes skipped on the card
  std::int64_t from_ns = 0, to_ns = 0;  // wall times of the oldest and newest record, 0 if unknown
  std::int64_t noticed_ns = 0;          // wall time of the drop or the discovery
  LossReason reason = LossReason::damaged;
  friend bool operator==(const Loss&, const Loss&) = default;
};

inline constexpr std::size_t loss_body_bytes = 64;

void encode_loss(const Loss& loss, std::span<std::byte, loss_body_bytes> to);
std::optional<Loss> decode_loss(std::span<const std::byte> body);  // nothing: not a loss body

std::string_view to_text(LossReason reason);  // "dropped_oldest", ...
// {"first":1,"last":9,"records":9,"bytes":1620,"from":"2025-09-20T06:30:00.000Z","to":...,"noticed":...,"reason":"damaged"}
std::string to_json(const Loss& loss);
// "9 records (1 to 9, 1620 bytes) dropped because the log was full, at 2025-09-20T06:30:00.000Z"
std::string to_sentence(const Loss& loss);

// Both together; of records that never had a sequence.
Loss sum(const Loss& older, const Loss& newer);

// Part of a loss, from `from` to `to`: bytes in proportion. All of it if that is no part.
Loss clip(const Loss& loss, std::uint64_t from, std::uint64_t to = std::numeric_limits<std::uint64_t>::max());

}  // namespace weather::log
