#include "gateway/config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "bridge/setting_names.hpp"

namespace weather::gateway {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array size_units{Unit{"TiB", 1ULL << 40},
                                Unit{"GiB", 1ULL << 30},
                                Unit{"MiB", 1ULL << 20},
                                Unit{"KiB", 1ULL << 10},
                                Unit{"", 1},
                                Unit{"B", 1},
                                Unit{"kB", 1'000},
                                Unit{"MB", 1'000'000},
                                Unit{"GB", 1'000'000'000},
                                Unit{"TB", 1'000'000'000'000}};
constexpr std::array duration_units{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                    Unit{"s", 1'000}, Unit{"ms", 1}};

template <std::size_t N>
Parsed<std::uint64_t> parse_with_unit(std::string_view text, const std::array<Unit, N>& units,
                                      std::string_view example) {
  const auto refuse = [&](std::string_view why) {
    return tl::unexpected("\"" + std::string(text) + "\" " + std::string(why) + "; write it like " +
                          std::string(example));
  };
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return refuse("is too large");
  if (error != std::errc{}) return refuse("does not start with a number");
  auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  const auto* found = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit; });
  if (found == units.end()) return refuse(unit.empty() ? "has no unit" : "has an unknown unit");
  // TOML and most of what reads these values is signed.
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / found->factor)
    return refuse("is too large");
  return number * found->factor;
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Only a name as variables have it is told; another may be a piece of a password with a dollar sign in it.
std::string told(std::string_view name) {
  const bool usual = std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return usual ? std::string(name) : "NAME";
}

// What stands between the braces of ${...}.
Parsed<std::string> expand_one(std::string_view inside, const Environment& environment) {
  const auto colon = inside.find(':');
  const auto name = inside.substr(0, colon);
  if (!is_variable_name(name))
    return tl::unexpected(std::string("what stands between ${ and } names no variable; $$ is a dollar sign"));
  const auto found = environment.find(std::string(name));
  const bool has_value =
      found != environment.end() && (colon == std::string_view::npos || !found->second.empty());
  if (has_value) {
    if (found->second.find_first_of("\r\n") != std::string::npos)
      return tl::unexpected("variable " + told(name) + " holds a line break, which is refused");
    return found->second;
  }
  const auto rest = colon == std::string_view::npos ? std::string_view{} : inside.substr(colon + 1);
  if (rest.starts_with("-")) return std::string(rest.substr(1));
  if (rest.starts_with("?")) return tl::unexpected(told(name) + ": " + std::string(rest.substr(1)));
  if (!rest.empty() || colon != std::string_view::npos)
    return tl::unexpected("what follows variable " + told(name) + " is not understood; use ${" + told(name) +
                          ":-default} or ${" + told(name) + ":?message}");
  return tl::unexpected("variable " + told(name) + " is not set; ${" + told(name) +
                        ":-default} gives it a default");
}

}  // namespace

Parsed<std::uint64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, size_units, "\"8MiB\" or \"1GiB\"");
}

Parsed<std::chrono::milliseconds> parse_duration(std::string_view text) {
  return parse_with_unit(text, duration_units, "\"500ms\", \"30s\" or \"7d\"").map([](std::uint64_t ms) {
    return std::chrono::milliseconds{static_cast<std::int64_t>(ms)};
  });
}

std::string format_size(std::uint64_t bytes) {
  for (const auto& unit : size_units) {
    if (bytes != 0 && bytes % unit.factor == 0)
      return std::to_string(bytes / unit.factor) + std::string(unit.name);
  }
  return std::to_string(bytes);
}

std::string format_duration(std::chrono::milliseconds duration) {
  const auto ms = static_cast<std::uint64_t>(duration.count());
  for (const auto& unit : duration_units) {
    if (ms != 0 && ms % unit.factor == 0) return std::to_string(ms / unit.factor) + std::string(unit.name);
  }
  return "0s";
}

Parsed<std::string> expand(std::string_view text, const Environment& environment) {
  std::string result;
  while (!text.empty()) {
    const auto dollar = text.find('$');
    result += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    if (text.starts_with("$")) {
      result += '$';
      text.remove_prefix(1);
    } else if (text.starts_with("{")) {
      const auto close = text.find('}');
      if (close == std::string_view::npos) return tl::unexpected(std::string("\"${\" without \"}\""));
      auto value = expand_one(text.substr(1, close - 1), environment);
      if (!value) return value;
      result += *value;
      text.remove_prefix(close + 1);
    } else {
      result += '$';
    }
  }
  return result;
}

std::optional<std::string_view> nearest(std::string_view name, std::span<const std::string_view> known) {
  std::optional<std::string_view> best;
  std::size_t fewest = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto candidate : known) {
    // Something of both must be left: an empty key is near to nothing.
    const auto count = bridge::edit_distance(name, candidate);
    if (count < fewest && count < std::min(name.size(), candidate.size())) {
      fewest = count;
      best = candidate;
    }
  }
  return best;
}

}  // namespace weather::gateway
