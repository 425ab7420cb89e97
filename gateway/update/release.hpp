// What an update offers, and whether this machine may take it. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace weather::gateway {

inline constexpr std::uint64_t most_bundle_bytes = 1U << 30, most_index_bytes = 64U << 10;

// Negative: left is older. As Debian compares them, "~" before the end: 1.0~rc1 < 1.0 < 1.0.1.
int compare_versions(std::string_view left, std::string_view right);

struct Release {
  std::string version, board;
  std::string bundle;  // an https URL
  std::string sha256;  // hexadecimal, lower case
  std::uint64_t bytes = 0;
};

// latest.json: {"version": "1.2.0", "board": "rpi-arm64", "bundle": URL or name beside it, "sha256": "...",
// "size": 123}
tl::expected<Release, std::string> read_index(std::string_view json, std::string_view index_url);

enum class Offer : std::uint8_t { newer, same, refused };
struct Judgement {
  Offer offer = Offer::refused;
  std::string text;  // a sentence
};
// board: "weather-gateway-BOARD" of this machine's RAUC, or BOARD alone; empty: unknown, refused.
Judgement judge_offer(std::string_view version, std::string_view board, std::string_view running_version,
                      std::string_view running_board);

// The version and the board of a bundle, from `rauc info --output-format=json`.
struct BundleFacts {
  std::string version, compatible;
};
tl::expected<BundleFacts, std::string> read_bundle_info(std::string_view json);

}  // namespace weather::gateway
