#include "sensors/mapping/toml.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "sensors/mapping/presets.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

template <class T>
using Words = std::initializer_list<std::pair<std::string_view, T>>;

std::string listed(std::initializer_list<std::string_view> names) {
  std::string out;
  for (const auto name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

std::string with_base(std::string text, std::string_view base) {
  constexpr std::string_view hole = "{base}";
  if (const auto at = text.find(hole); at != std::string::npos && !base.empty())
    text.replace(at, hole.size(), base);
  return text;
}

class Reader {
 public:
  std::vector<MappingError> errors;

  std::vector<Mapping> read(const toml::table& table) {
    const auto preset_name = text(table, "preset");
    if (!preset_name) return {own(table, {})};
    const auto* preset = find_preset(*preset_name);
    if (preset == nullptr) {
      error(*table.get("preset"), "no preset \"" + *preset_name + "\"; there are " + preset_names());
      return {};
    }
    return changed(toml::parse(preset->toml), table);
  }

  std::vector<Mapping> read_all(const toml::table& document) {
    std::vector<Mapping> out;
    const auto* tables = document.get_as<toml::array>("mapping");
    if (tables == nullptr || !tables->is_array_of_tables()) {
      error(document, "there is no [[mapping]] in it");
      return out;
    }
    for (const auto& node : *tables)
      for (auto& mapping : read(*node.as_table())) out.push_back(std::move(mapping));
    return out;
  }

 private:
  static std::string preset_names() {
    std::string out;
    for (const auto& preset : presets()) out += (out.empty() ? "" : ", ") + std::string(preset.name);
    return out;
  }

  void error(const toml::node& node, std::string text) {
    const auto& at = node.source().begin;
    errors.push_back({at.line, at.column, std::move(text)});
  }

  void known_keys(const toml::table& table, std::string_view what,
                  std::initializer_list<std::string_view> keys) {
    for (const auto& [key, node] : table)
      if (std::ranges::find(keys, key.str()) == keys.end())
        error(node,
              std::string(what) + " has no key \"" + std::string(key.str()) + "\"; it has " + listed(keys));
  }

  // The preset's own tables, each with what the user's table says instead.
  std::vector<Mapping> changed(const toml::table& document, const toml::table& table) {
    std::vector<Mapping> out;
    for (const auto& node : *document.get_as<toml::array>("mapping")) {
      toml::table merged = *node.as_table();
      toml::array fields;
      for (const auto* source :
           {table.get_as<toml::array>("field"), std::as_const(merged).get_as<toml::array>("field")})
        if (source != nullptr)
          for (const auto& field : *source) fields.push_back(field);
      for (const auto& [key, value] : table)
        if (key.str() != "preset" && key.str() != "field") merged.insert_or_assign(key, value);
      merged.insert_or_assign("field", std::move(fields));
      out.push_back(own(merged, text(merged, "base").value_or("")));
    }
    return out;
  }

  Mapping own(const toml::table& table, std::string base) {
    known_keys(table, "[[mapping]]",
               {"preset", "name", "topics", "ignore", "id", "payload", "base", "when", "time", "repeats",
                "repeat_key", "common_names", "field"});
    if (base.empty()) base = text(table, "base").value_or("");
    Mapping out;
    out.name = text(table, "name").value_or("mapping");
    out.topics = topics(table, "topics", base);
    out.ignore = topics(table, "ignore", base);
    out.id = with_base(text(table, "id").value_or(""), base);
    out.payload = word<PayloadForm>(
        table, "payload",
        {{"json", PayloadForm::json}, {"text", PayloadForm::text}, {"ruuvi", PayloadForm::ruuvi}});
    out.repeats = word<RepeatPolicy>(
        table, "repeats",
        {{"keep", RepeatPolicy::keep}, {"flag", RepeatPolicy::flag}, {"drop", RepeatPolicy::drop}});
    out.repeat_key = text(table, "repeat_key").value_or("");
    conditions(table, out);
    times(table, out);
    tables(table, "field", [&](const toml::table& field) { out.fields.push_back(rule(field)); });
    if (const auto* flag = table.get("common_names"); flag != nullptr && flag->value_or(false))
      std::ranges::move(common_names(), std::back_inserter(out.fields));
    if (out.topics.empty() && errors.empty()) error(table, "a mapping needs topics = [\"...\"]");
    if (out.id.empty() && errors.empty())
      error(table, "a mapping needs an id, for example id = \"roof:{device}\"");
    if (out.fields.empty() && errors.empty())
      error(table, "a mapping needs a [[mapping.field]], or common_names = true");
    return out;
  }

  std::optional<std::string> text(const toml::table& table, std::string_view key) {
    const auto* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    if (const auto* value = node->as_string()) return value->get();
    error(*node, std::string(key) + " is a text in quotes");
    return std::nullopt;
  }

  std::optional<double> number(const toml::table& table, std::string_view key) {
    const auto* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    if (const auto value = node->value<double>(); value && node->is_number()) return value;
    error(*node, std::string(key) + " is a number");
    return std::nullopt;
  }

  template <class T>
  T word(const toml::table& table, std::string_view key, Words<T> words) {
    const auto value = text(table, key);
    if (!value) return words.begin()->second;
    for (const auto& [name, meaning] : words)
      if (name == *value) return meaning;
    std::string all;
    for (const auto& [name, meaning] : words) all += (all.empty() ? "" : ", ") + std::string(name);
    error(*table.get(key), std::string(key) + " is one of " + all + ", not \"" + *value + "\"");
    return words.begin()->second;
  }

  template <class Each>
  void tables(const toml::table& table, std::string_view key, Each each) {
    const auto* node = table.get(key);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr || (!array->empty() && !array->is_array_of_tables()))
      return error(*node, std::string(key) + " is a list of tables");
    for (const auto& element : *array) each(*element.as_table());
  }

  std::vector<std::string> texts(const toml::node& node, std::string_view key) {
    std::vector<std::string> out;
    const auto* array = node.as_array();
    if (array == nullptr) error(node, std::string(key) + " is a list of texts");
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      if (const auto* value = array->get_as<std::string>(i))
        out.push_back(value->get());
      else
        error(*array->get(i), std::string(key) + " is a list of texts");
    }
    return out;
  }

  std::vector<Pattern> topics(const toml::table& table, std::string_view key, std::string_view base) {
    std::vector<Pattern> out;
    const auto* node = table.get(key);
    if (node == nullptr) return out;
    for (const auto& topic : texts(*node, key)) {
      auto pattern = Pattern::topic(with_base(topic, base));
      if (pattern)
        out.push_back(std::move(*pattern));
      else
        error(*node, std::string(key) + ": " + pattern.error());
    }
    return out;
  }

  Pattern pointer(const toml::node& node, std::string_view value) {
    auto out = Pattern::pointer(value);
    if (!out) error(node, out.error());
    return out ? std::move(*out) : Pattern();
  }

  void conditions(const toml::table& table, Mapping& out) {
    const auto* node = table.get("when");
    if (node == nullptr) return;
    if (!node->is_table()) return error(*node, "when is a table: { \"/pointer\" = [\"value\"] }");
    for (const auto& [key, values] : *node->as_table())
      out.when.push_back({pointer(values, key.str()), texts(values, "when")});
  }

  void times(const toml::table& table, Mapping& out) {
    tables(table, "time", [&](const toml::table& time) {
      known_keys(time, "time", {"path", "source", "utc"});
      TimeRule rule;
      rule.path = pointer(time, text(time, "path").value_or(""));
      rule.source = word<v1::TimeSource>(time, "source",
                                         {{"sensor", v1::TIME_SENSOR}, {"receiver", v1::TIME_RECEIVER}});
      if (const auto* utc = time.get("utc")) rule.utc = utc->value_or(false);
      out.times.push_back(std::move(rule));
    });
  }

  FieldRule rule(const toml::table& table) {
    known_keys(table, "[[mapping.field]]",
               {"path", "target", "quantity", "unit", "unit_from", "units", "part", "stat", "period_s",
                "scale", "offset", "missing"});
    FieldRule out;
    const auto path = text(table, "path");
    if (!path) error(table, "a field needs a path, for example path = \"/temperature\"");
    out.path = pointer(table, path.value_or(""));
    out.target = target(table);
    out.quantity = text(table, "quantity").value_or("");
    if (out.target == Target::quantity && out.quantity.empty())
      error(table, "a field needs a quantity, for example quantity = \"air_temperature\", or a target");
    out.unit = text(table, "unit").value_or("");
    if (!out.unit.empty() && ucum_from_spelling(out.unit).empty())
      error(*table.get("unit"), "nobody knows the unit \"" + out.unit + "\"");
    out.unit_from = text(table, "unit_from").value_or("");
    if (const auto* units = table.get_as<toml::table>("units"))
      for (const auto& [said, unit] : *units) out.units.emplace(said.str(), unit.value_or(std::string()));
    out.part = text(table, "part").value_or("");
    out.stat = word<v1::Stat>(table, "stat",
                              {{"instant", v1::STAT_INSTANT},
                               {"mean", v1::STAT_MEAN},
                               {"max", v1::STAT_MAX},
                               {"min", v1::STAT_MIN},
                               {"sum", v1::STAT_SUM},
                               {"counter", v1::STAT_COUNTER}});
    const double period = number(table, "period_s").value_or(0);
    if (period < 0 || period > 4e9)
      error(table, "period_s is a number of seconds");
    else
      out.period_s = static_cast<std::uint32_t>(period);
    out.scale = number(table, "scale").value_or(1);
    out.offset = number(table, "offset").value_or(0);
    if (const auto* missing = table.get_as<toml::array>("missing"))
      for (const auto& value : *missing) out.missing.push_back(value.value_or(0.0));
    return out;
  }

  Target target(const toml::table& table) {
    return word<Target>(table, "target",
                        {{"quantity", Target::quantity},
                         {"drop", Target::drop},
                         {"rssi_dbm", Target::rssi_dbm},
                         {"snr_db", Target::snr_db},
                         {"battery_v", Target::battery_v},
                         {"battery_ratio", Target::battery_ratio},
                         {"battery_low", Target::battery_low},
                         {"battery_ok", Target::battery_ok},
                         {"sequence", Target::sequence},
                         {"latitude", Target::latitude},
                         {"longitude", Target::longitude},
                         {"altitude_m", Target::altitude_m},
                         {"model", Target::model},
                         {"firmware", Target::firmware}});
  }
};

}  // namespace

Mappings mappings_from_table(const toml::table& table) {
  Reader reader;
  auto out = reader.read(table);
  if (!reader.errors.empty()) return tl::unexpected(std::move(reader.errors));
  return out;
}

Mappings mappings_from_text(std::string_view toml_text) {
  Reader reader;
  try {
    auto out = reader.read_all(toml::parse(toml_text));
    if (reader.errors.empty()) return out;
  } catch (const toml::parse_error& e) {
    const auto& at = e.source().begin;
    reader.errors.push_back({at.line, at.column, std::string(e.description())});
  }
  return tl::unexpected(std::move(reader.errors));
}

}  // namespace weather::sensors
