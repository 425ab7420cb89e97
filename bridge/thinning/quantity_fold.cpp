#include "bridge/thinning/quantity_fold.hpp"

#include <algorithm>

#include "sensors/reading/meaning.hpp"
#include "sensors/reading/number.hpp"

namespace weather::bridge {
namespace {

// Of the length that all vectors would have in one line: less is a calm, or winds that cancel each other.
constexpr double no_direction = 1e-9;
constexpr int mean_digits = 7;

// How long the vector is: the speed that the same reading gives for it.
double length_of(const sensors::ReadingView& reading, const sensors::QuantityView& direction) {
  const std::string_view speed =
      direction.name == "wind_from_direction" ? "wind_speed" : "wind_speed_of_gust";
  for (const auto& quantity : reading.quantities) {
    double value = 0;
    if (quantity.name == speed && quantity.part == direction.part && quantity.stat != v1::STAT_MAX &&
        quantity.stat != v1::STAT_MIN && sensors::numeric_value(quantity.value, value))
      return std::max(value, 0.0);
  }
  return 1;
}

bool takes_part(const sensors::QuantityView& quantity) {
  return quantity.quality != v1::QUALITY_ERRONEOUS && quantity.quality != v1::QUALITY_MISSING &&
         !std::holds_alternative<std::monostate>(quantity.value);
}

bool contains(std::span<const Statistic> statistics, Statistic one) {
  return std::find(statistics.begin(), statistics.end(), one) != statistics.end();
}

v1::Quantity& add_quantity(v1::Reading& to, const std::string& name, const std::string& part,
                           const std::string& unit, bool doubtful) {
  auto& quantity = *to.add_quantities();
  quantity.set_name(name);
  if (!part.empty()) quantity.set_part(part);
  if (!unit.empty()) quantity.set_unit(unit);
  if (doubtful) quantity.set_quality(v1::QUALITY_DOUBTFUL);
  return quantity;
}

}  // namespace

QuantityFold::Kind QuantityFold::kind_of(const sensors::QuantityView& quantity, bool number) {
  if (!number) return Kind::last;
  switch (quantity.stat) {
    case v1::STAT_MAX:
      return Kind::max;
    case v1::STAT_MIN:
      return Kind::min;
    case v1::STAT_SUM:
      return Kind::sum;
    case v1::STAT_COUNTER:
      return Kind::last;
    default:
      return sensors::is_direction(quantity.name) ? Kind::direction : Kind::level;
  }
}

template <class Like>
const QuantityFold::Column* QuantityFold::find(const Like& like, Kind kind) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const Column& one) {
    return one.kind == kind && one.name == like.name && one.part == like.part && one.unit == like.unit;
  });
  return found == columns_.end() ? nullptr : &*found;
}

QuantityFold::Column& QuantityFold::column(const sensors::QuantityView& quantity, Kind kind) {
  if (const auto* found = find(quantity, kind))
    return columns_[static_cast<std::size_t>(found - columns_.data())];
  auto& made = columns_.emplace_back();
  made.name = quantity.name;
  made.part = quantity.part;
  made.unit = quantity.unit;
  made.kind = kind;
  return made;
}

void QuantityFold::add(const sensors::ReadingView& reading) {
  ++readings_;
  for (const auto& quantity : reading.quantities) {
    if (!takes_part(quantity)) continue;
    double value = 0;
    const bool number = sensors::numeric_value(quantity.value, value);
    Column& to = column(quantity, kind_of(quantity, number));
    to.stat = quantity.stat;
    to.doubtful = to.doubtful || quantity.quality == v1::QUALITY_DOUBTFUL;
    if (const auto* text = std::get_if<std::string_view>(&quantity.value))
      to.value = std::string(*text);
    else if (const auto* flag = std::get_if<bool>(&quantity.value))
      to.value = *flag;
    else if (const auto* integer = std::get_if<std::int64_t>(&quantity.value))
      to.value = *integer;
    else
      to.value = value;
    to.least = to.count == 0 ? value : std::min(to.least, value);
    to.most = to.count == 0 ? value : std::max(to.most, value);
    to.sum += value;
    to.last = value;
    ++to.count;
    if (to.kind == Kind::direction) to.direction.add(value, length_of(reading, quantity));
  }
}

void QuantityFold::put(const Column& column, Statistic statistic, std::uint32_t period_s,
                       v1::Reading& to) const {
  const auto say = [&](v1::Stat stat, double value) {
    auto& quantity = add_quantity(to, column.name, column.part, column.unit, column.doubtful);
    quantity.set_stat(stat);
    quantity.set_number(stat == v1::STAT_MEAN ? sensors::round_significant(value, mean_digits)
                                              : sensors::without_float_noise(value));
    quantity.set_period_s(period_s);
  };
  const bool direction = column.kind == Kind::direction;
  switch (statistic) {
    case Statistic::mean:
      if (!direction) return say(v1::STAT_MEAN, column.sum / static_cast<double>(column.count));
      if (const auto mean = column.direction.mean(no_direction)) say(v1::STAT_MEAN, *mean);
      return;
    case Statistic::min: {
      const auto* other = find(column, Kind::min);
      if (!direction) say(v1::STAT_MIN, other ? std::min(column.least, other->least) : column.least);
      return;
    }
    case Statistic::max: {
      const auto* other = find(column, Kind::max);
      if (!direction) say(v1::STAT_MAX, other ? std::max(column.most, other->most) : column.most);
      return;
    }
    case Statistic::last:
      return say(v1::STAT_INSTANT, column.last);
    case Statistic::sum:
      if (!direction) say(v1::STAT_SUM, column.sum);
      return;
    case Statistic::count:
      return;  // of the readings: see write()
  }
}

void QuantityFold::put_as_it_came(const Column& column, std::span<const Statistic> statistics,
                                  std::uint32_t period_s, v1::Reading& to) const {
  const bool level = find(column, Kind::level) != nullptr;
  if (column.kind == Kind::max && level && contains(statistics, Statistic::max)) return;  // said with that
  if (column.kind == Kind::min && level && contains(statistics, Statistic::min)) return;
  auto& quantity = add_quantity(to, column.name, column.part, column.unit, column.doubtful);
  quantity.set_stat(column.stat);
  if (column.kind == Kind::last) {
    if (const auto* text = std::get_if<std::string>(&column.value))
      quantity.set_text(*text);
    else if (const auto* flag = std::get_if<bool>(&column.value))
      quantity.set_boolean(*flag);
    else if (const auto* integer = std::get_if<std::int64_t>(&column.value))
      quantity.set_integer(*integer);
    else
      quantity.set_number(column.last);
    return;
  }
  quantity.set_period_s(period_s);
  quantity.set_number(column.kind == Kind::max   ? column.most
                      : column.kind == Kind::min ? column.least
                                                 : sensors::without_float_noise(column.sum));
}

bool QuantityFold::write(std::span<const Statistic> statistics, std::uint32_t period_s,
                         v1::Reading& to) const {
  for (const auto& column : columns_) {
    if (column.kind == Kind::level || column.kind == Kind::direction) {
      for (const auto statistic : statistics) put(column, statistic, period_s, to);
    } else {
      put_as_it_came(column, statistics, period_s, to);
    }
  }
  if (to.quantities().empty()) return false;
  if (!contains(statistics, Statistic::count)) return true;
  // CF's standard name for it.
  auto& count = add_quantity(to, "number_of_observations", "", "", false);
  count.set_stat(v1::STAT_SUM);
  count.set_integer(static_cast<std::int64_t>(readings_));
  count.set_period_s(period_s);
  return true;
}

}  // namespace weather::bridge
