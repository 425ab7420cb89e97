#include "sensors/reading/render.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

std::string_view target_unit(const v1::Quantity& quantity, UnitSystem units) {
  const QuantityInfo* const info = find_quantity(quantity.name());
  if (info == nullptr || units == UnitSystem::as_stored) return {};
  return units == UnitSystem::imperial && !info->imperial_unit.empty() ? info->imperial_unit : info->unit;
}

// The value in the wanted unit, if it needs converting at all: 60 stays the integer it came as.
std::optional<double> converted(const v1::Quantity& quantity, UnitSystem units) {
  // No unit of its own: stored in the canonical one, which is the metric one.
  if (units != UnitSystem::imperial && quantity.unit().empty()) return std::nullopt;
  const std::string_view target = target_unit(quantity, units);
  const std::string_view stored =
      quantity.unit().empty() ? canonical_unit(quantity.name()) : std::string_view{quantity.unit()};
  double value = 0;
  if (target.empty() || target == stored || !numeric_value(quantity, value)) return std::nullopt;
  // What came in that very unit is given back exactly.
  if (quantity.src_unit() == target) return quantity.src_value();
  return convert(value, stored, target);
}

std::string_view stat_suffix(v1::Stat stat) {
  return stat == v1::STAT_MAX ? "_max" : stat == v1::STAT_MIN ? "_min" : "";
}

// One JSON object under construction, at the end of `out`. Names are few, so a linear look for a second one
// is the cheapest.
class Object {
 public:
  explicit Object(std::string& out) : text_(out), begin_(out.size()) { names_.clear(); }

  std::string& member(std::string name) {
    if (used(name)) {
      int n = 2;
      while (used(name + '_' + std::to_string(n))) ++n;
      name += '_' + std::to_string(n);
    }
    text_ += empty() ? '{' : ',';
    append_json_string(text_, name);
    text_ += ':';
    names_.push_back(std::move(name));
    return text_;
  }
  // The members of another object, taken as they are.
  void members(std::string_view json) {
    if (json.size() <= 2 || json.front() != '{' || json.back() != '}') return;
    text_ += empty() ? '{' : ',';
    text_ += json.substr(1, json.size() - 2);
  }
  void finish() {
    if (empty()) text_ += '{';
    text_ += '}';
  }

 private:
  bool empty() const { return text_.size() == begin_; }
  bool used(const std::string& name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }
  std::string& text_;
  const std::size_t begin_;
  // One object is under construction at a time; its memory is there for the next.
  static thread_local std::vector<std::string> names_;
};

thread_local std::vector<std::string> Object::names_;

void render_location(Object& object, const v1::Location& location) {
  if (!location.name().empty()) append_json_string(object.member("location"), location.name());
  if (location.has_latitude()) append_number(object.member("latitude"), location.latitude());
  if (location.has_longitude()) append_number(object.member("longitude"), location.longitude());
  if (location.has_altitude_m()) append_number(object.member("altitude"), location.altitude_m());
}

}  // namespace

std::optional<UnitSystem> unit_system_from(std::string_view text) {
  if (text == "metric") return UnitSystem::metric;
  if (text == "imperial") return UnitSystem::imperial;
  return std::nullopt;
}

std::string member_name(const v1::Quantity& quantity, const RenderOptions& options) {
  const auto found = options.aliases.find(quantity.name());
  std::string name = found != options.aliases.end() ? found->second : std::string(alias_of(quantity.name()));
  name += stat_suffix(quantity.stat());
  if (!quantity.part().empty()) {
    name += '_';
    name += quantity.part();
    std::replace(name.end() - static_cast<std::ptrdiff_t>(quantity.part().size()), name.end(), '.', '_');
  }
  return name;
}

void append_value_json(std::string& out, const v1::Reading& reading, const RenderOptions& options) {
  Object object(out);
  for (const auto& quantity : reading.quantities()) {
    std::string& text = object.member(member_name(quantity, options));
    if (const auto value = converted(quantity, options.units)) {
      append_number(text, *value);
    } else {
      append_json_value(text, value_of(quantity));
    }
  }
  if (reading.has_location()) render_location(object, reading.location());
  object.members(reading.extra_json());
  object.finish();
}

std::string render_value_json(const v1::Reading& reading, const RenderOptions& options) {
  std::string out;
  append_value_json(out, reading, options);
  return out;
}

}  // namespace weather::sensors
