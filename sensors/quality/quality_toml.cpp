#include "sensors/quality/quality_toml.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "sensors/reading/quantities.hpp"

namespace weather::sensors {
namespace {

constexpr std::array<std::string_view, 5> own_keys{"sentinels", "consistency", "rain_reset_below_mm",
                                                   "rain_largest_step_mm", "rain_wraps_at_mm"};

void read_limits(TableReader& in, const toml::table& table, QuantityLimits& limits) {
  in.known_keys(table, "[quality.QUANTITY]", {"low", "high", "step", "step_within", "stuck_after", "rest"});
  limits.low = in.number(table, "low").value_or(limits.low);
  limits.high = in.number(table, "high").value_or(limits.high);
  if (!(limits.low <= limits.high)) in.error(table, "low must not be above high");
  limits.step = in.number(table, "step").value_or(limits.step);
  if (!(limits.step > 0)) in.error(table, "step must be above 0; inf: not checked");
  limits.step_within_s = in.seconds(table, "step_within").value_or(limits.step_within_s);
  limits.stuck_s = in.seconds(table, "stuck_after").value_or(limits.stuck_s);
  if (table.get("rest") == nullptr) return;
  const auto rest = in.numbers(table, "rest");
  if (rest.size() != 2 || !(rest[0] <= rest[1]))
    return in.error(*table.get("rest"), "rest is [LOW, HIGH], where values may stay the same");
  limits.rest_low = rest[0];
  limits.rest_high = rest[1];
}

void read_not_negative(TableReader& in, const toml::table& table, std::string_view key, double& value) {
  const auto written = in.number(table, key);
  if (written && !(*written >= 0)) in.error(*table.get(key), std::string(key) + " must not be negative");
  value = written.value_or(value);
}

}  // namespace

tl::expected<QualitySettings, std::vector<TomlError>> quality_from_table(const toml::table& table,
                                                                         QualitySettings before) {
  TableReader in;
  auto out = std::move(before);
  for (const auto& [key, node] : table) {
    if (std::ranges::find(own_keys, key.str()) != own_keys.end()) continue;
    if (const auto* limits = node.as_table())
      read_limits(in, *limits, out.checks.limits[std::string(canonical_name(key.str()))]);
    else
      in.error(node, "\"" + std::string(key.str()) +
                         "\" is no key of [quality]; limits of a quantity are a table: [quality." +
                         std::string(key.str()) + "]");
  }
  if (table.get("sentinels") != nullptr) out.checks.sentinels = in.numbers(table, "sentinels");
  out.checks.consistency = in.flag(table, "consistency", out.checks.consistency);
  read_not_negative(in, table, "rain_reset_below_mm", out.rain.nearly_zero_mm);
  read_not_negative(in, table, "rain_largest_step_mm", out.rain.largest_step_mm);
  read_not_negative(in, table, "rain_wraps_at_mm", out.rain.modulus_mm);
  if (!in.errors.empty()) return tl::unexpected(std::move(in.errors));
  return out;
}

}  // namespace weather::sensors
