#include "sensors/reading/render.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "sensors/reading/json_text.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"
#include "sensors/reading/view.hpp"

namespace weather::sensors {
namespace {

std::string_view target_unit(const QuantityView& quantity, UnitSystem units) {
  const QuantityInfo* const info = find_quantity(quantity.name);
  if (info == nullptr || units == UnitSystem::as_stored) return {};
  return units == UnitSystem::imperial && !info->imperial_unit.empty() ? info->imperial_unit : info->unit;
}

// The value in the wanted unit, if it needs converting at all: 60 stays the integer it came as.
std::optional<double> converted(const QuantityView& quantity, UnitSystem units) {
  // No unit of its own: stored in the canonical one, which is the metric one.
  if (units != UnitSystem::imperial && quantity.unit.empty()) return std::nullopt;
  const std::string_view target = target_unit(quantity, units);
  const std::string_view stored = quantity.unit.empty() ? canonical_unit(quantity.name) : quantity.unit;
  double value = 0;
  if (target.empty() || target == stored || !numeric_value(quantity.value, value)) return std::nullopt;
  // What came in that very unit is given back exactly.
  if (quantity.src_unit == target) return quantity.src_value;
  return convert(value, stored, target);
}

std::string_view stat_suffix(v1::Stat stat) {
  return stat == v1::STAT_MAX ? "_max" : stat == v1::STAT_MIN ? "_min" : "";
}

void append_member_name(std::string& name, const QuantityView& quantity, const RenderOptions& options) {
  const auto found = options.aliases.empty() ? options.aliases.end() : options.aliases.find(quantity.name);
  name += found != options.aliases.end() ? std::string_view(found->second) : alias_of(quantity.name);
  name += stat_suffix(quantity.stat);
  if (quantity.part.empty()) return;
  name += '_';
  name += quantity.part;
  std::replace(name.end() - static_cast<std::ptrdiff_t>(quantity.part.size()), name.end(), '.', '_');
}

// One JSON object under construction, at the end of `out`. Names are few, so a linear look for a second one
// is the cheapest.
class Object {
 public:
  explicit Object(std::string& out) : text_(out), begin_(out.size()) {}

  std::string& member(const QuantityView& quantity, const RenderOptions& options) {
    append_member_name(next_name(), quantity, options);
    return begin_member();
  }
  std::string& member(std::string_view name) {
    next_name() = name;
    return begin_member();
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
  std::string& next_name() {
    const auto at = static_cast<std::size_t>(used_);
    if (names_.size() == at) names_.emplace_back();
    names_[at].clear();
    return names_[at];
  }
  bool used(std::string_view name) const {
    return std::find(names_.begin(), names_.begin() + used_, name) != names_.begin() + used_;
  }
  std::string& begin_member() {
    std::string& name = names_[static_cast<std::size_t>(used_)];
    if (used(name)) {
      int n = 2;
      while (used(name + '_' + std::to_string(n))) ++n;
      name += '_' + std::to_string(n);
    }
    ++used_;
    text_ += empty() ? '{' : ',';
    append_json_string(text_, name);
    text_ += ':';
    return text_;
  }

  std::string& text_;
  const std::size_t begin_;
  std::ptrdiff_t used_ = 0;
  // One object is under construction at a time; its memory is there for the next.
  static thread_local std::vector<std::string> names_;
};

thread_local std::vector<std::string> Object::names_;

void render_location(Object& object, const LocationView& location) {
  if (!location.name.empty()) append_json_string(object.member("location"), location.name);
  if (location.latitude) append_number(object.member("latitude"), *location.latitude);
  if (location.longitude) append_number(object.member("longitude"), *location.longitude);
  if (location.altitude_m) append_number(object.member("altitude"), *location.altitude_m);
}

}  // namespace

std::optional<UnitSystem> unit_system_from(std::string_view text) {
  if (text == "metric") return UnitSystem::metric;
  if (text == "imperial") return UnitSystem::imperial;
  return std::nullopt;
}

std::string member_name(const v1::Quantity& quantity, const RenderOptions& options) {
  std::string name;
  append_member_name(name, view_of(quantity), options);
  return name;
}

void append_value_json(std::string& out, const ReadingView& reading, const RenderOptions& options) {
  Object object(out);
  for (const auto& quantity : reading.quantities) {
    std::string& text = object.member(quantity, options);
    if (const auto value = converted(quantity, options.units)) {
      append_number(text, *value);
    } else {
      append_json_value(text, quantity.value);
    }
  }
  if (reading.location) render_location(object, *reading.location);
  object.members(reading.extra_json);
  object.finish();
}

std::string render_value_json(const v1::Reading& reading, const RenderOptions& options) {
  ReadingView view;
  view_of(reading, view);
  std::string out;
  append_value_json(out, view, options);
  return out;
}

}  // namespace weather::sensors
