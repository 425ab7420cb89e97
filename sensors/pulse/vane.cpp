#include "sensors/pulse/vane.hpp"

#include <algorithm>
#include <cmath>

#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

constexpr double full_turn = 360;
constexpr double linear_margin = 0.01;  // of the table's width

double within_turn(double degrees) {
  const auto rest = std::fmod(degrees, full_turn);
  return rest < 0 ? rest + full_turn : rest;
}

}  // namespace

tl::expected<VaneTable, std::string> VaneTable::parse(const std::map<std::string, std::string>& degrees_by_mv,
                                                      BetweenEntries between) {
  VaneTable table;
  table.between_ = between;
  for (const auto& [mv, degrees] : degrees_by_mv) {
    const auto voltage = parse_double(mv), direction = parse_double(degrees);
    if (!voltage) return tl::unexpected("\"" + mv + "\" is no number of millivolts");
    if (!direction || *direction < 0 || *direction > full_turn)
      return tl::unexpected("\"" + degrees + "\" is no direction from 0 to 360");
    table.entries_.push_back({*voltage, *direction});
  }
  if (table.entries_.size() < 2)
    return tl::unexpected(std::string("needs two entries at least: { 411 = 0, 1377 = 22.5 }"));
  std::ranges::sort(table.entries_, {}, &Entry::mv);
  const auto same = std::ranges::adjacent_find(table.entries_, {}, &Entry::mv);
  if (same != table.entries_.end())
    return tl::unexpected(format_number(same->mv) + " millivolts stand in it twice");
  return table;
}

std::optional<double> VaneTable::degrees(double mv) const {
  const auto& first = entries_.front();
  const auto& last = entries_.back();
  const bool linear = between_ == BetweenEntries::linear;
  const auto width = (last.mv - first.mv) * linear_margin;
  const auto below = linear ? width : (entries_[1].mv - first.mv) / 2;
  const auto above = linear ? width : (last.mv - entries_[entries_.size() - 2].mv) / 2;
  if (!(mv >= first.mv - below && mv <= last.mv + above)) return std::nullopt;
  const auto next = std::ranges::lower_bound(entries_, mv, {}, &Entry::mv);
  if (next == entries_.begin()) return within_turn(first.degrees);
  if (next == entries_.end()) return within_turn(last.degrees);
  const auto& before = *(next - 1);
  const auto share = (mv - before.mv) / (next->mv - before.mv);
  if (linear) return within_turn(before.degrees + share * (next->degrees - before.degrees));
  return within_turn(share < 0.5 ? before.degrees : next->degrees);
}

}  // namespace weather::sensors
