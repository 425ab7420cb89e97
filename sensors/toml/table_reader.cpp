#include "sensors/toml/table_reader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "sensors/reading/json_text.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {

void TableReader::error(const toml::node& node, std::string text) {
  const auto& at = node.source().begin;
  errors.push_back({at.line, at.column, std::move(text)});
}

void TableReader::known_keys(const toml::table& table, std::string_view what,
                             std::initializer_list<std::string_view> keys) {
  std::vector<TableKey> described;
  for (const auto name : keys) described.push_back({name, {}, {}});
  known_keys(table, what, described);
}

void TableReader::known_keys(const toml::table& table, std::string_view what,
                             std::span<const TableKey> keys) {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(keys, key.str(), &TableKey::name) != keys.end()) continue;
    std::string all;
    for (const auto& known : keys) all += (all.empty() ? "" : ", ") + std::string(known.name);
    error(node, std::string(what) + " has no key \"" + std::string(key.str()) + "\"; it has " + all);
  }
}

std::string schema_of(std::span<const TableKey> keys, std::string_view inner) {
  std::string out = R"({"type":"object","additionalProperties":false,"properties":{)";
  for (const auto& key : keys) {
    out += out.back() == '{' ? "" : ",";
    append_json_string(out, key.name);
    out += ":{" + std::string(key.json.empty() ? inner : key.json) + R"(,"description":)";
    append_json_string(out, key.meaning);
    out += '}';
  }
  return out + "}}";
}

std::optional<std::string> TableReader::text(const toml::table& table, std::string_view key) {
  const auto* node = table.get(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* value = node->as_string()) return value->get();
  error(*node, std::string(key) + " is a text in quotes");
  return std::nullopt;
}

std::vector<std::string> TableReader::texts(const toml::node& node, std::string_view key) {
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

std::optional<double> TableReader::number(const toml::table& table, std::string_view key) {
  const auto* node = table.get(key);
  if (node == nullptr) return std::nullopt;
  if (const auto value = node->value<double>(); value && node->is_number()) return value;
  error(*node, std::string(key) + " is a number");
  return std::nullopt;
}

std::vector<double> TableReader::numbers(const toml::table& table, std::string_view key) {
  std::vector<double> out;
  const auto* node = table.get(key);
  if (node == nullptr) return out;
  const auto* array = node->as_array();
  if (array == nullptr) error(*node, std::string(key) + " is a list of numbers");
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    if (const auto value = array->get(i)->value<double>(); value && array->get(i)->is_number())
      out.push_back(*value);
    else
      error(*array->get(i), std::string(key) + " is a list of numbers");
  }
  return out;
}

bool TableReader::flag(const toml::table& table, std::string_view key, bool otherwise) {
  const auto* node = table.get(key);
  if (node == nullptr) return otherwise;
  if (const auto* value = node->as_boolean()) return value->get();
  error(*node, std::string(key) + " is true or false");
  return otherwise;
}

std::int64_t TableReader::integer(const toml::table& table, std::string_view key, std::int64_t otherwise,
                                  std::int64_t least, std::int64_t most) {
  const auto* node = table.get(key);
  if (node == nullptr) return otherwise;
  const auto* value = node->as_integer();
  if (value != nullptr && value->get() >= least && value->get() <= most) return value->get();
  error(*node,
        std::string(key) + " is a number from " + std::to_string(least) + " to " + std::to_string(most));
  return otherwise;
}

std::optional<std::uint32_t> TableReader::seconds(const toml::table& table, std::string_view key) {
  const auto* node = table.get(key);
  if (node == nullptr) return std::nullopt;
  constexpr std::pair<char, std::uint32_t> units[] = {{'s', 1}, {'m', 60}, {'h', 3'600}, {'d', 86'400}};
  if (const auto* value = node->as_string(); value != nullptr && !value->get().empty()) {
    const std::string& written = value->get();
    std::uint32_t count = 0;
    const auto [end, fault] = std::from_chars(written.data(), written.data() + written.size(), count);
    for (const auto& [letter, factor] : units) {
      if (fault == std::errc{} && end + 1 == written.data() + written.size() && *end == letter &&
          count <= std::numeric_limits<std::uint32_t>::max() / factor)
        return count * factor;
    }
  }
  error(*node, std::string(key) + " is a duration such as \"90s\", \"10m\", \"12h\" or \"1d\"");
  return std::nullopt;
}

std::string TableReader::unit(const toml::table& table, std::string_view key) {
  const auto written = text(table, key);
  if (!written || written->empty()) return {};
  const auto ucum = ucum_from_spelling(*written);
  if (ucum.empty()) error(*table.get(key), "unknown unit \"" + *written + "\"");
  return std::string(ucum);
}

v1::Stat TableReader::stat(const toml::table& table, std::string_view key) {
  return word<v1::Stat>(table, key,
                        {{"instant", v1::STAT_INSTANT},
                         {"mean", v1::STAT_MEAN},
                         {"max", v1::STAT_MAX},
                         {"min", v1::STAT_MIN},
                         {"sum", v1::STAT_SUM},
                         {"counter", v1::STAT_COUNTER}});
}

}  // namespace weather::sensors
