// Reads values from a TOML table and gathers what is wrong with it, each fault with its place, all at once.
// For the tables that instruments and mappings bring: [[mapping]], [[modbus]], [quality] and their like.
//
// A reader that met a fault goes on with the value it was given for that case; look at `errors` at the end.
// Includes toml++: for the configuration only. Pure; one thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

struct TomlError {
  std::uint32_t line = 0, column = 0;
  std::string text;  // what is wrong and what is possible
};

// A key of a table: read, described by `config schema` and explained in docs/mapping.md from one list.
struct TableKey {
  std::string_view name;
  std::string_view json;     // its JSON Schema without a description
  std::string_view meaning;  // one line
};
namespace key_type {
inline constexpr std::string_view
    text = R"("type":"string")",
    texts = R"("type":"array","items":{"type":"string"})", number = R"("type":"number")",
    integer = R"("type":"integer")", flag = R"("type":"boolean")",
    numbers = R"("type":"array","items":{"type":"number"})",
    text_map = R"("type":"object","additionalProperties":{"type":"string"})",
    texts_map = R"("type":"object","additionalProperties":{"type":"array","items":{"type":"string"}})",
    stat = R"("enum":["instant","mean","max","min","sum","counter"])";
}  // namespace key_type
// {"type":"object","additionalProperties":false,"properties":{...}}; a key whose json is empty gets `inner`.
std::string schema_of(std::span<const TableKey> keys, std::string_view inner = {});

template <class T>
using Words = std::initializer_list<std::pair<std::string_view, T>>;

class TableReader {
 public:
  std::vector<TomlError> errors;

  void error(const toml::node& node, std::string text);
  // Every key that is not in the list is an error; `what` is how the user writes the table: "[[modbus]]".
  void known_keys(const toml::table& table, std::string_view what,
                  std::initializer_list<std::string_view> keys);
  void known_keys(const toml::table& table, std::string_view what, std::span<const TableKey> keys);

  std::optional<std::string> text(const toml::table& table, std::string_view key);
  std::vector<std::string> texts(const toml::node& node, std::string_view key);
  std::optional<double> number(const toml::table& table, std::string_view key);
  std::vector<double> numbers(const toml::table& table, std::string_view key);
  bool flag(const toml::table& table, std::string_view key, bool otherwise);
  std::int64_t integer(const toml::table& table, std::string_view key, std::int64_t otherwise,
                       std::int64_t least, std::int64_t most);
  // "90s", "10m", "12h", "1d", in seconds.
  std::optional<std::uint32_t> seconds(const toml::table& table, std::string_view key);
  // The UCUM unit of what is written there; empty if nothing is.
  std::string unit(const toml::table& table, std::string_view key);
  v1::Stat stat(const toml::table& table, std::string_view key);

  // One of these words; the first without the key.
  template <class T>
  T word(const toml::table& table, std::string_view key, Words<T> words) {
    const auto value = text(table, key);
    if (!value) return words.begin()->second;
    std::string all;
    for (const auto& [name, meaning] : words) {
      if (name == *value) return meaning;
      all += (all.empty() ? "" : ", ") + std::string(name);
    }
    error(*table.get(key), std::string(key) + " is one of " + all + ", not \"" + *value + "\"");
    return words.begin()->second;
  }

  // Each table of a list of tables.
  template <class Each>
  void tables(const toml::table& table, std::string_view key, Each each) {
    const auto* node = table.get(key);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr || (!array->empty() && !array->is_array_of_tables()))
      return error(*node, std::string(key) + " is a list of tables");
    for (const auto& element : *array) each(*element.as_table());
  }
};

}  // namespace weather::sensors
