#include "sensors/reading/render.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
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
  return convert_measured(value, stored, target);
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

// A unit that nothing else says.
void append_unit(std::string& name, const QuantityView& quantity) {
  if (quantity.unit.empty() || quantity.unit == canonical_unit(quantity.name)) return;
  const std::string suffix = unit_suffix(quantity.unit);
  if (suffix.empty() || name.ends_with('_' + suffix)) return;
  name += '_';
  name += suffix;
}

std::string_view word_for(v1::Quality quality) {
  switch (quality) {
    case v1::QUALITY_DOUBTFUL:
      return "doubtful";
    case v1::QUALITY_ERRONEOUS:
      return "erroneous";
    case v1::QUALITY_MISSING:
      return "missing";
    default:
      return {};
  }
}

// One JSON object under construction, at the end of `out`. Names are few as a rule, and then a linear look
// for a second one is the cheapest.
class Object {
 public:
  explicit Object(std::string& out, std::string* units = nullptr)
      : text_(out), begin_(out.size()), units_(units) {
    doubtful_.clear();
    if (!next_suffix_.empty()) next_suffix_.clear();
  }

  void quantity(const QuantityView& quantity, const RenderOptions& options) {
    const auto value = converted(quantity, options.units);
    std::string& name = next_name();
    append_member_name(name, quantity, options);
    if (!value) append_unit(name, quantity);
    if (quantity.quality > v1::QUALITY_GOOD) doubtful_.push_back({used_, quantity.quality});
    std::string& text = begin_member();
    if (value)
      append_number(text, *value);
    else
      append_json_value(text, quantity.value);
    if (units_ != nullptr) note_unit(quantity, options);
  }
  std::string& member(std::string_view name) {
    next_name() = name;
    return begin_member();
  }
  // The members of another object.
  void members(std::string_view json) {
    if (json.size() <= 2 || json.front() != '{' || json.back() != '}') return;
    json = json.substr(1, json.size() - 2);
    while (!json.empty()) {
      const std::size_t name = end_of_text(json);
      std::size_t end = name;
      for (int depth = 0; end < json.size() && (depth > 0 || json[end] != ','); ++end) {
        if (json[end] == '"') end += end_of_text(json.substr(end)) - 1;
        if (json[end] == '{' || json[end] == '[') ++depth;
        if (json[end] == '}' || json[end] == ']') --depth;
      }
      if (name < 2 || end > json.size()) return;
      next_name() = json.substr(1, name - 2);  // escaped already
      begin_escaped();
      text_ += json.substr(name + 1, end - name - 1);
      json.remove_prefix(std::min(end + 1, json.size()));
    }
  }
  void quality() {
    if (doubtful_.empty()) return;
    std::string& text = member("quality");
    char separator = '{';
    for (const auto& [index, quality] : doubtful_) {
      if (word_for(quality).empty()) continue;
      text += separator;
      separator = ',';
      text += '"';
      text += names_[static_cast<std::size_t>(index)];
      text += "\":\"";
      text += word_for(quality);
      text += '"';
    }
    text += separator == '{' ? "{}" : "}";
  }
  void finish() {
    if (empty()) text_ += '{';
    text_ += '}';
  }

 private:
  // "temperature":"°C", at the end of *units_; of a number only.
  void note_unit(const QuantityView& quantity, const RenderOptions& options) {
    double number = 0;
    if (!numeric_value(quantity.value, number)) return;
    const auto target = target_unit(quantity, options.units);
    const auto symbol = unit_symbol(!target.empty()         ? target
                                    : quantity.unit.empty() ? canonical_unit(quantity.name)
                                                            : quantity.unit);
    if (symbol.empty()) return;
    *units_ += units_->empty() ? "\"" : ",\"";
    *units_ += names_[static_cast<std::size_t>(used_) - 1];
    *units_ += "\":";
    append_json_string(*units_, symbol);
  }
  bool empty() const { return text_.size() == begin_; }
  // Behind the closing quote of the JSON text at the front.
  static std::size_t end_of_text(std::string_view json) {
    std::size_t i = 1;
    while (i < json.size() && json[i] != '"') i += json[i] == '\\' ? 2 : 1;
    return i + 1;
  }
  std::string& next_name() {
    const auto at = static_cast<std::size_t>(used_);
    if (names_.size() == at) names_.emplace_back();
    names_[at].clear();
    return names_[at];
  }
  // A birth of Sparkplug has thousands of members: looked for one by one they would take seconds.
  bool used(const std::string& name) const {
    if (used_ > few) return next_suffix_.contains(name);
    return std::find(names_.begin(), names_.begin() + used_, name) != names_.begin() + used_;
  }
  void note_used(const std::string& name) {
    if (used_ == few + 1)
      for (std::ptrdiff_t i = 0; i < few; ++i)
        next_suffix_.try_emplace(names_[static_cast<std::size_t>(i)], 2);
    if (used_ > few) next_suffix_.try_emplace(name, 2);
  }
  static bool is_plain(std::string_view name) {
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  }
  std::string& begin_member() {
    std::string& name = names_[static_cast<std::size_t>(used_)];
    if (!is_plain(name)) {
      std::string escaped;
      append_json_string(escaped, name);
      name = escaped.substr(1, escaped.size() - 2);
    }
    return begin_escaped();
  }
  std::string& begin_escaped() {
    std::string& name = names_[static_cast<std::size_t>(used_)];
    if (used(name)) {
      int few_so_far = 2;
      int& n = used_ > few ? next_suffix_[name] : few_so_far;
      while (used(name + '_' + std::to_string(n))) ++n;
      name += '_' + std::to_string(n);
    }
    ++used_;
    note_used(name);
    text_ += empty() ? '{' : ',';
    text_ += '"';
    text_ += name;
    text_ += "\":";
    return text_;
  }

  std::string& text_;
  const std::size_t begin_;
  std::string* const units_;
  std::ptrdiff_t used_ = 0;
  // One object is under construction at a time; its memory is there for the next.
  static thread_local std::vector<std::string> names_;  // as they stand in the JSON
  static thread_local std::vector<std::pair<std::ptrdiff_t, v1::Quality>> doubtful_;
  // Where there are many: each name, and from which number on a repeat of it is free.
  static constexpr std::ptrdiff_t few = 16;
  static thread_local std::unordered_map<std::string, int> next_suffix_;
};

thread_local std::vector<std::string> Object::names_;
thread_local std::unordered_map<std::string, int> Object::next_suffix_;
thread_local std::vector<std::pair<std::ptrdiff_t, v1::Quality>> Object::doubtful_;

// A float with the digits a battery or a radio has.
void append_float(std::string& out, double value) {
  append_number(out, round_significant(value, 6));
}

void render_status(Object& object, const ReadingView& reading) {
  const auto& link = reading.link;
  if (link.battery_ratio)
    append_float(object.member("battery_level"), static_cast<double>(*link.battery_ratio) * 100);
  if (link.battery_v) append_float(object.member("battery_voltage"), static_cast<double>(*link.battery_v));
  if ((reading.flags & v1::FLAG_BATTERY_LOW) != 0) object.member("battery_low") += "true";
  if (link.rssi_dbm) append_float(object.member("signal_strength"), static_cast<double>(*link.rssi_dbm));
  object.quality();
}

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
  const auto view = view_of(quantity);
  append_member_name(name, view, options);
  if (!converted(view, options.units)) append_unit(name, view);
  return name;
}

void append_value_json(std::string& out, const ReadingView& reading, const RenderOptions& options) {
  Object object(out);
  for (const auto& quantity : reading.quantities) object.quantity(quantity, options);
  if (reading.location) render_location(object, *reading.location);
  if (options.status) render_status(object, reading);
  object.members(reading.extra_json);
  object.finish();
}

std::string render_units_json(const v1::Reading& reading, const RenderOptions& options) {
  ReadingView view;
  view_of(reading, view);
  std::string value, units;
  Object object(value, &units);
  for (const auto& quantity : view.quantities) object.quantity(quantity, options);
  return "{" + units + "}";
}

std::string render_value_json(const v1::Reading& reading, const RenderOptions& options) {
  ReadingView view;
  view_of(reading, view);
  std::string out;
  append_value_json(out, view, options);
  return out;
}

}  // namespace weather::sensors
