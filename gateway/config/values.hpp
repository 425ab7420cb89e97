// Small pure pieces of the configuration: sizes, durations, ${VAR}, the nearest known name.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::gateway {

// In all of these the error is a sentence that can follow "key: ".
template <class T>
using Parsed = tl::expected<T, std::string>;

// "8MiB", "1 GiB", "500kB", "4096". KiB, MiB, GiB, TiB count in 1024; kB, MB, GB, TB in 1000.
Parsed<std::uint64_t> parse_size(std::string_view text);
// "500ms", "1s", "5m", "2h", "7d". The unit is required.
Parsed<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string format_size(std::uint64_t bytes);                     // "8MiB" where exact, else "4096"
std::string format_duration(std::chrono::milliseconds duration);  // "1s", "1500ms"

using Environment = std::map<std::string, std::string>;
// ${VAR}, ${VAR:-default}, ${VAR:?message}, $$ for a dollar sign. Anything else after $ stays as it is.
// A value with a line break is refused: it would change what a line-based file means.
Parsed<std::string> expand(std::string_view text, const Environment& environment);

std::string joined(const std::vector<std::string>& texts, std::string_view between);

// The known name with the fewest edits, if it is near enough to be what was meant.
std::optional<std::string_view> nearest(std::string_view name, std::span<const std::string_view> known);

}  // namespace weather::gateway
