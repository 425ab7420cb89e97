#include "sensors/mapping/toml.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "sensors/mapping/presets.hpp"
#include "sensors/mapping/rule_toml.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

std::string with_base(std::string text, std::string_view base) {
  constexpr std::string_view hole = "{base}";
  if (const auto at = text.find(hole); at != std::string::npos && !base.empty())
    text.replace(at, hole.size(), base);
  return text;
}

std::span<const TableKey> time_keys() {
  using namespace key_type;
  static constexpr TableKey keys[] = {
      {"path", text, "pointer of the field"},
      {"source", R"("enum":["sensor","receiver"])", "whose clock it is"},
      {"utc", flag, "a time without zone is UTC; otherwise it is no instant"},
  };
  return keys;
}

class Reader {
 public:
  TableReader in;

  std::vector<Mapping> read(const toml::table& table) {
    const auto preset_name = in.text(table, "preset");
    if (!preset_name) return {own(table, {})};
    const auto* preset = find_preset(*preset_name);
    if (preset == nullptr) {
      in.error(*table.get("preset"), "no preset \"" + *preset_name + "\"; there are " + preset_names());
      return {};
    }
    return changed(toml::parse(preset->toml), table);
  }

  std::vector<Mapping> read_all(const toml::table& document) {
    std::vector<Mapping> out;
    const auto* tables = document.get_as<toml::array>("mapping");
    if (tables == nullptr || !tables->is_array_of_tables()) {
      in.error(document, "there is no [[mapping]] in it");
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
      toml::table units;
      for (const auto* source :
           {std::as_const(merged).get_as<toml::table>("units"), table.get_as<toml::table>("units")})
        if (source != nullptr)
          for (const auto& [key, value] : *source) units.insert_or_assign(key, value);
      for (const auto& [key, value] : table)
        if (key.str() != "preset" && key.str() != "field") merged.insert_or_assign(key, value);
      if (!units.empty()) merged.insert_or_assign("units", std::move(units));
      merged.insert_or_assign("field", std::move(fields));
      out.push_back(own(merged, in.text(merged, "base").value_or("")));
    }
    return out;
  }

  Mapping own(const toml::table& table, std::string base) {
    in.known_keys(table, "[[mapping]]", mapping_keys());
    if (base.empty()) base = in.text(table, "base").value_or("");
    Mapping out;
    out.name = in.text(table, "name").value_or("mapping");
    out.topics = topics(table, "topics", base);
    out.ignore = topics(table, "ignore", base);
    out.other = topics(table, "other", base);
    out.id = with_base(in.text(table, "id").value_or(""), base);
    out.payload = in.word<PayloadForm>(table, "payload",
                                       {{"json", PayloadForm::json},
                                        {"text", PayloadForm::text},
                                        {"any", PayloadForm::any},
                                        {"ruuvi", PayloadForm::ruuvi},
                                        {"ascii", PayloadForm::ascii},
                                        {"sdi12", PayloadForm::sdi12},
                                        {"rtl_433", PayloadForm::rtl_433}});
    out.unknown = in.word<Unknown>(table, "unknown", {{"refuse", Unknown::refuse}, {"pass", Unknown::pass}});
    out.repeats = in.word<RepeatPolicy>(
        table, "repeats",
        {{"keep", RepeatPolicy::keep}, {"flag", RepeatPolicy::flag}, {"drop", RepeatPolicy::drop}});
    out.repeat_key = in.text(table, "repeat_key").value_or("");
    conditions(table, out);
    times(table, out);
    out.fields = rules_from_table(in, table, "[[mapping.field]]");
    if (in.flag(table, "common_names", false)) out.fields.push_back(common_names());
    units(table, out);
    check_templates(table, out);
    if (out.payload == PayloadForm::rtl_433) return out;
    if (out.topics.empty() && in.errors.empty()) in.error(table, "a mapping needs topics = [\"...\"]");
    if (out.id.empty() && in.errors.empty())
      in.error(table, "a mapping needs an id, for example id = \"roof:{device}\"");
    if (out.fields.empty() && in.errors.empty())
      in.error(table, "a mapping needs a [[mapping.field]], or common_names = true");
    return out;
  }

  std::vector<Pattern> topics(const toml::table& table, std::string_view key, std::string_view base) {
    std::vector<Pattern> out;
    const auto* node = table.get(key);
    if (node == nullptr) return out;
    for (const auto& topic : in.texts(*node, key)) {
      auto pattern = Pattern::topic(with_base(topic, base));
      if (pattern)
        out.push_back(std::move(*pattern));
      else
        in.error(*node, std::string(key) + ": " + pattern.error());
    }
    return out;
  }

  void units(const toml::table& table, Mapping& out) {
    const auto* node = table.get("units");
    if (node == nullptr) return;
    if (!node->is_table()) return in.error(*node, "units is a table: { wind_speed = \"km/h\" }");
    for (const auto& [key, value] : *node->as_table()) {
      const std::string name(canonical_name(key.str()));
      const auto unit = in.unit(*node->as_table(), key.str());
      if (find_quantity(name) == nullptr)
        in.error(value, "units: no quantity \"" + std::string(key.str()) + "\"");
      else if (!unit.empty() && !are_convertible(unit, canonical_unit(name)))
        in.error(value, "units: " + name + " is not measured in " + unit);
      else
        out.units.insert_or_assign(name, unit);
    }
  }

  // Every {name} of a template must be caught by a topic or a path, or the field would never be found.
  void check_templates(const toml::table& table, const Mapping& mapping) {
    std::vector<std::string> topic_names{"base"};
    for (const auto& topic : mapping.topics)
      std::ranges::copy(topic.names(), std::back_inserter(topic_names));
    auto all = topic_names;
    for (const auto& field : mapping.fields) std::ranges::copy(field.path.names(), std::back_inserter(all));
    if (const auto* id = table.get("id")) check_template(*id, "id", mapping.id, all);
    const auto* nodes = table.get_as<toml::array>("field");
    for (std::size_t i = 0; nodes != nullptr && i < nodes->size() && i < mapping.fields.size(); ++i) {
      const auto& field = mapping.fields[i];
      auto names = topic_names;
      std::ranges::copy(field.path.names(), std::back_inserter(names));
      check_template(*nodes->get(i), "quantity", field.quantity, names);
      check_template(*nodes->get(i), "part", field.part, names);
      check_template(*nodes->get(i), "unit_from", field.unit_from, names);
    }
  }
  void check_template(const toml::node& node, std::string_view key, std::string_view text,
                      const std::vector<std::string>& names) {
    std::string unused;
    const bool closed = expand_template(
        text,
        [&](std::string_view name, std::string&) {
          if (name.ends_with("|mac")) name.remove_suffix(4);
          if (name.starts_with('/') || std::ranges::find(names, name) != names.end()) return true;
          std::string known;
          for (const auto& other : names)
            if (other != "base") known += (known.empty() ? "{" : ", {") + other + "}";
          in.error(node, std::string(key) + ": nothing is called {" + std::string(name) +
                             "}; topics and paths have " + (known.empty() ? "no names" : known));
          return true;
        },
        unused);
    if (!closed) in.error(node, std::string(key) + ": a \"{\" has no \"}\"");
  }

  void conditions(const toml::table& table, Mapping& out) {
    const auto* node = table.get("when");
    if (node == nullptr) return;
    if (!node->is_table()) return in.error(*node, "when is a table: { \"/pointer\" = [\"value\"] }");
    for (const auto& [key, values] : *node->as_table())
      out.when.push_back({pointer_from_text(in, values, key.str()), in.texts(values, "when")});
  }

  void times(const toml::table& table, Mapping& out) {
    in.tables(table, "time", [&](const toml::table& time) {
      in.known_keys(time, "time", time_keys());
      TimeRule rule;
      rule.path = pointer_from_text(in, time, in.text(time, "path").value_or(""));
      rule.source = in.word<v1::TimeSource>(time, "source",
                                            {{"sensor", v1::TIME_SENSOR}, {"receiver", v1::TIME_RECEIVER}});
      rule.utc = in.flag(time, "utc", false);
      out.times.push_back(std::move(rule));
    });
  }
};

}  // namespace

std::span<const TableKey> mapping_keys() {
  using namespace key_type;
  static const std::string times = R"("type":"array","items":)" + schema_of(time_keys());
  static const std::string fields = R"("type":"array","items":)" + schema_of(field_keys());
  static const TableKey keys[] = {
      {"preset", text, "take all that a preset says; `weather-gateway presets` lists them"},
      {"name", text, "the source's name in the reading"},
      {"topics", texts, "patterns of topics: station/{device}/json, {name...} for any number of levels"},
      {"ignore", texts, "patterns of topics without readings, looked at before topics"},
      {"other", texts, "the same, looked at where no mapping's topics fit"},
      {"id", text, "key of the sensor; a template: {device}, {/pointer}, {/pointer|mac}"},
      {"base", text, "replaces {base} in patterns and id"},
      {"payload", R"("enum":["json","text","any","ruuvi","ascii","sdi12","rtl_433"])", "what a payload is"},
      {"when", texts_map, "only messages in which this field has one of these values"},
      {"time", times, "the first of these that is an instant is the event time"},
      {"units", text_map, "unit of a quantity where neither the message nor the field says one"},
      {"unknown", R"("enum":["refuse","pass"])", "a message in which no field is known"},
      {"repeats", R"("enum":["keep","flag","drop"])", "the same values or packet again"},
      {"repeat_key", text, "pointer of the packet, for repeats = drop"},
      {"common_names", flag, "after the fields: every field whose name is known"},
      {"field", fields, "the rules; the first that fits a field decides"},
  };
  return keys;
}

Mappings mappings_from_table(const toml::table& table) {
  Reader reader;
  auto out = reader.read(table);
  if (!reader.in.errors.empty()) return tl::unexpected(std::move(reader.in.errors));
  return out;
}

Mappings mappings_from_text(std::string_view toml_text) {
  Reader reader;
  try {
    auto out = reader.read_all(toml::parse(toml_text));
    if (reader.in.errors.empty()) return out;
  } catch (const toml::parse_error& e) {
    const auto& at = e.source().begin;
    reader.in.errors.push_back({at.line, at.column, std::string(e.description())});
  }
  return tl::unexpected(std::move(reader.in.errors));
}

}  // namespace weather::sensors
