#include "gateway/config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

#include "sensors/reading/edit_distance.hpp"
#include "sensors/reading/letters.hpp"

namespace weather::gateway {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// What sizes and durations are written with, the largest first: format_size() and format_duration() take one
// that fits. People write more of them.
constexpr std::array size_units{Unit{"TiB", 1ULL << 40}, Unit{"GiB", 1ULL << 30}, Unit{"MiB", 1ULL << 20},
                                Unit{"KiB", 1ULL << 10}};
constexpr std::array duration_units{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                    Unit{"s", 1'000}, Unit{"ms", 1}};

// By its first letter; "i" or nothing behind it counts in 1024 as systemd's and dd's do, "B" alone in 1000.
// 0: there is none such.
std::uint64_t size_unit(std::string_view written) {
  const auto unit = sensors::lower(written);
  if (unit.empty() || unit == "b" || unit == "byte" || unit == "bytes") return 1;
  constexpr std::string_view letters = "kmgt";
  const auto place = letters.find(unit.front());
  if (place == std::string_view::npos) return 0;
  const auto rest = std::string_view(unit).substr(1);
  const bool binary = rest.empty() || rest == "i" || rest == "ib";
  if (!binary && rest != "b") return 0;
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i <= place; ++i) factor *= binary ? 1024 : 1000;
  return factor;
}

std::uint64_t duration_unit(std::string_view written) {
  if (written == "M") return 0;  // a month or a minute?
  auto unit = sensors::lower(written);
  if (unit.size() > 2 && unit.back() == 's') unit.pop_back();
  constexpr std::array spellings{Unit{"ms", 1},           Unit{"msec", 1},          Unit{"millisecond", 1},
                                 Unit{"s", 1'000},        Unit{"sec", 1'000},       Unit{"second", 1'000},
                                 Unit{"m", 60'000},       Unit{"min", 60'000},      Unit{"minute", 60'000},
                                 Unit{"h", 3'600'000},    Unit{"hr", 3'600'000},    Unit{"hour", 3'600'000},
                                 Unit{"d", 86'400'000},   Unit{"day", 86'400'000},  Unit{"w", 604'800'000},
                                 Unit{"wk", 604'800'000}, Unit{"week", 604'800'000}};
  for (const auto& known : spellings)
    if (known.name == unit) return known.factor;
  return 0;
}

constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());  // TOML is signed

// NUMBER UNIT, several of them one after the other where `several`; the sum.
class Sum {
 public:
  Sum(std::string_view text, std::uint64_t (*unit)(std::string_view), std::string_view example)
      : text_(text), rest_(text), unit_(unit), example_(example) {}

  Parsed<std::uint64_t> read(bool several) {
    std::uint64_t sum = 0;
    bool first = true;
    for (skip(); first || !rest_.empty(); skip(), first = false) {
      if (!first && !several) return refuse("has something behind its unit");
      const auto part = one();
      if (!part) return part;
      if (*part > most - sum) return refuse("is too large");
      sum += *part;
    }
    return sum;
  }

 private:
  tl::unexpected<std::string> refuse(std::string_view why) const {
    return tl::unexpected("\"" + std::string(text_) + "\" " + std::string(why) + "; write it like " +
                          std::string(example_));
  }
  void skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

  Parsed<std::uint64_t> one() {
    std::uint64_t number = 0, thousandths = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error == std::errc::result_out_of_range) return refuse("is too large");
    if (error != std::errc{}) return refuse("does not start with a number");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    if (rest_.starts_with('.')) {
      std::uint64_t place = 100;
      for (rest_.remove_prefix(1); !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
           rest_.remove_prefix(1)) {
        if (place == 0) return refuse("has more than three decimals");
        thousandths += static_cast<std::uint64_t>(rest_[0] - '0') * place;
        place /= 10;
      }
    }
    skip();
    const auto length = std::min(rest_.find_first_of("0123456789. "), rest_.size());
    const auto unit = rest_.substr(0, length);
    rest_.remove_prefix(length);
    const auto factor = unit_(unit);
    if (factor == 0) return refuse(unit.empty() ? "has no unit" : "has an unknown unit");
    if (number > most / factor) return refuse("is too large");
    return number * factor + thousandths * factor / 1000;
  }

  const std::string_view text_;
  std::string_view rest_;
  std::uint64_t (*const unit_)(std::string_view);
  const std::string_view example_;
};

bool is_variable_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Only a name as variables have it is shown; another may be a piece of a password with a dollar sign in it.
std::string shown_name(std::string_view name) {
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
      return tl::unexpected("variable " + shown_name(name) + " holds a line break, which is refused");
    return found->second;
  }
  const auto rest = colon == std::string_view::npos ? std::string_view{} : inside.substr(colon + 1);
  if (rest.starts_with("-")) return std::string(rest.substr(1));
  if (rest.starts_with("?")) return tl::unexpected(shown_name(name) + ": " + std::string(rest.substr(1)));
  if (!rest.empty() || colon != std::string_view::npos)
    return tl::unexpected("what follows variable " + shown_name(name) + " is not understood; use ${" +
                          shown_name(name) + ":-default} or ${" + shown_name(name) + ":?message}");
  return tl::unexpected("variable " + shown_name(name) + " is not set; ${" + shown_name(name) +
                        ":-default} gives it a default");
}

}  // namespace

Parsed<std::uint64_t> parse_size(std::string_view text) {
  return Sum(text, size_unit, "\"500M\", \"8MiB\" or \"1GB\"").read(false);
}

Parsed<std::chrono::milliseconds> parse_duration(std::string_view text) {
  return Sum(text, duration_unit, "\"500ms\", \"30s\", \"10 min\", \"1h30m\" or \"7d\"")
      .read(true)
      .map([](std::uint64_t ms) { return std::chrono::milliseconds{static_cast<std::int64_t>(ms)}; });
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

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string text;
  for (const auto& one : texts) (text += text.empty() ? "" : between) += one;
  return text;
}

std::optional<std::string_view> nearest(std::string_view name, std::span<const std::string_view> known) {
  std::optional<std::string_view> best;
  std::size_t fewest = std::max<std::size_t>(2, name.size() / 3) + 1;
  const auto written = sensors::lower(name);
  for (const auto candidate : known) {
    // Something of both must be left: an empty key is near to nothing.
    const auto count = sensors::edit_distance(written, sensors::lower(candidate));
    if (count < fewest && count < std::min(name.size(), candidate.size())) {
      fewest = count;
      best = candidate;
    }
  }
  return best;
}

}  // namespace weather::gateway
