// Constants of the format and the names of its files. docs/log-format.md says why they are so.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace weather::log {

// What is written unless Options::keep_format says otherwise; each from the oldest on is read, and can be
// written.
inline constexpr std::uint16_t format_version = 2, oldest_format = 1;
inline constexpr std::uint16_t positions_format = 2;  // the first with positions in frames
constexpr bool readable_version(std::uint16_t version) {
  return version >= oldest_format && version <= format_version;
}
inline constexpr std::size_t block_bytes =
    4096;  // commits start here: an acknowledged block is never rewritten
inline constexpr std::size_t max_frame_bytes = 1U << 20U;  // header, body and padding of one frame
inline constexpr std::size_t frame_target_bytes = 256U
                                                  << 10U;  // a frame of several appends stops growing here
inline constexpr std::uint64_t min_segment_bytes = 32U << 10U;
inline constexpr std::uint64_t max_segment_bytes = 64U << 20U;

using LogId = std::array<std::byte, 16>;
std::string to_text(const LogId& id);  // 32 lower-case hex digits
std::optional<LogId> parse_log_id(std::string_view text);
// What the checksums of frames and records start from, so that another log's bytes never pass for ours.
std::uint32_t frame_seed(const LogId& id);

// "0000000042-00000000000000123456.seg": segment number and base sequence, so that opening needs no header
// but the last one's. A dense rewrite of the same segment is "0000000042-00000000000000123456-d.seg".
struct SegmentName {
  std::uint64_t number = 0;
  std::uint64_t base = 0;
  bool dense = false;
};
std::string to_text(const SegmentName& name);
std::optional<SegmentName> parse_segment_name(std::string_view name);

// "0000000042.free": an already-written file waiting to be a segment again.
std::string free_name(std::uint64_t number);
std::optional<std::uint64_t> parse_free_name(std::string_view name);

// A cursor's file in cursors/. Names are 1 to 100 of [A-Za-z0-9._-], not starting with a dot.
bool valid_cursor_name(std::string_view name);

}  // namespace weather::log
