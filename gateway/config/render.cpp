#include "gateway/config/render.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "bridge/kafka/secrets.hpp"
#include "gateway/config/changes.hpp"
#include "gateway/config/foreign.hpp"
#include "gateway/config/schema.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::gateway {
namespace {

std::string json_type(const Field& field) {
  switch (field.kind) {
    case Kind::text:
    case Kind::path:
    case Kind::duration:
      return R"("type":"string")";
    case Kind::choice: {
      std::string text = R"("enum":[)";
      std::string_view rest = field.choices;
      while (!rest.empty()) {
        const auto bar = std::min(rest.find('|'), rest.size());
        text += (text.back() == '[' ? "\"" : ",\"") + std::string(rest.substr(0, bar)) + "\"";
        rest.remove_prefix(std::min(bar + 1, rest.size()));
      }
      return text + "]";
    }
    case Kind::label:
    case Kind::size:
      return R"("type":["integer","string"])";
    case Kind::integer:
      return R"("type":"integer")";
    case Kind::number:
      return R"("type":"number")";
    case Kind::boolean:
      return R"("type":"boolean")";
    case Kind::list:
      return R"("type":"array","items":{"type":"string"})";
    case Kind::map:
      return R"("type":"object","additionalProperties":{"type":["string","number","boolean"]})";
  }
  return "";
}

std::string properties_of(const Section& section) {
  std::string text;
  for (const auto& field : section.fields) {
    text += text.empty() ? "" : ",";
    sensors::append_json_string(text, field.name);
    text += ":{" + json_type(field) + R"(,"description":)";
    sensors::append_json_string(text, field.meaning);
    const auto key = (section.name.empty() ? "" : std::string(section.name) + ".") + std::string(field.name);
    text += std::string(R"(,"x-reloadable":)") + (is_reloadable(key) ? "true}" : "false}");
  }
  return text;
}

std::string object_of(const Section& section);

// The tables within one: [kafka.proxy] in [kafka].
std::string inner_tables(const Section& section) {
  std::string text;
  const auto prefix = std::string(section.name) + ".";
  for (const auto& inner : sections())
    if (inner.name.starts_with(prefix))
      text += ",\"" + std::string(inner.name.substr(prefix.size())) + "\":" + object_of(inner);
  return text;
}

std::string object_of(const Section& section) {
  std::string required;
  for (const auto& field : section.fields)
    if (field.default_toml.empty())
      required += (required.empty() ? "\"" : ",\"") + std::string(field.name) + "\"";
  const auto object = R"({"type":"object","additionalProperties":false,"properties":{)" +
                      properties_of(section) + inner_tables(section) + "}" +
                      (required.empty() ? "" : ",\"required\":[" + required + "]") + "}";
  return section.repeated ? R"({"type":"array","items":)" + object + "}" : object;
}

// The part of a key that is the user's own: of "kafka.properties.acks", "route[0].headers.site". Nothing: the
// whole key is in the table, and none of those is a secret.
std::optional<std::string_view> free_name(std::string_view key) {
  for (const std::string_view map : {".properties.", ".headers."})
    if (const auto at = key.find(map); at != std::string_view::npos) return key.substr(at + map.size());
  return std::nullopt;
}

}  // namespace

std::string shown_value(const Config& config, const std::string& key) {
  if (const auto name = free_name(key); name && bridge::is_secret(*name)) return " = <redacted>";
  constexpr std::string_view properties = "kafka.properties.", headers = "kafka.headers.";
  for (const auto& [prefix, values] :
       {std::pair(properties, &config.kafka.properties), std::pair(headers, &config.kafka.headers)})
    if (key.starts_with(prefix))
      if (const auto found = values->find(key.substr(prefix.size())); found != values->end())
        return " = \"" + bridge::shown(found->second) + "\"";
  const auto value = config.values.find(key);
  return value == config.values.end() ? "" : " = " + bridge::shown(value->second);
}

std::string render_default() {
  std::string text =
      "# Every key of the weather gateway with its default. What is commented out is as if it were not "
      "there.\n# \"restart\" marks what a reload (SIGHUP) does not change.\n";
  for (const auto& section : sections()) {
    if (!section.name.empty()) {
      text += "\n# " + std::string(section.meaning) +
              (section.repeated ? "; may come several times\n# [[" : "\n[") + std::string(section.name) +
              (section.repeated ? "]]\n" : "]\n");
    }
    for (const auto& field : section.fields) {
      text += "# " + std::string(field.meaning);
      if (!field.choices.empty()) text += " (" + std::string(written_choices(field)) + ")";
      if (!is_reloadable(std::string(section.name) + "." + std::string(field.name))) text += " [restart]";
      text += "\n# " + std::string(field.name) + " = " +
              (field.default_toml.empty() ? "... (required)" : std::string(field.default_toml)) + "\n";
    }
  }
  for (const auto& table : foreign_tables())
    text += "\n# " + std::string(table.meaning) + ": see weather-gateway.toml(5)\n# " +
            (table.repeated ? "[[" : "[") + std::string(table.name) + (table.repeated ? "]]\n" : "]\n");
  return text;
}

std::string render_schema() {
  std::string properties;
  for (const auto& section : sections()) {
    if (section.name.find('.') != std::string_view::npos) continue;  // stands in another
    properties += properties.empty() ? "" : ",";
    if (section.name.empty())
      properties += properties_of(section);
    else
      properties += "\"" + std::string(section.name) + "\":" + object_of(section);
  }
  for (const auto& table : foreign_tables())
    properties += ",\"" + std::string(table.name) + "\":" +
                  (table.repeated ? R"({"type":"array","items":)" + table.schema() + "}" : table.schema());
  return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"weather-gateway.toml","type":"object","additionalProperties":false,"properties":{)" +
         properties + "}}\n";
}

std::string render_origins(const Config& config, bool all) {
  std::string text;
  for (const auto& [key, place] : config.places) {
    text += key + shown_value(config, key) + "   # " + place.file +
            (place.line == 0 ? "" : ":" + std::to_string(place.line)) + "\n";
  }
  if (!all) return text;
  for (const auto& section : sections()) {
    if (section.repeated) continue;
    for (const auto& field : section.fields) {
      const auto key =
          (section.name.empty() ? "" : std::string(section.name) + ".") + std::string(field.name);
      if (!config.places.contains(key))
        text += key + " = " + std::string(field.default_toml) + "   # default\n";
    }
  }
  return text;
}

}  // namespace weather::gateway
