// The table of every key the configuration knows: name, kind, default, meaning. Loading, checking,
// `config default`, `config show` and `config schema` all read it, so a key is described once.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/config/values.hpp"

namespace weather::gateway {

enum class Kind : std::uint8_t {
  text,
  label,   // text, or an integer
  choice,  // text, one of Field::choices
  path,    // relative to the file that names it
  integer,
  number,
  boolean,
  size,      // bytes, integer or "8MiB"
  duration,  // "1s"
  list,      // of text
  map,       // a table of text, any names
};

using Value = std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>,
                           std::map<std::string, std::string>>;

struct Field {
  std::string_view name;
  Kind kind;
  std::string_view default_toml;  // as it would stand in a file; "" for a required key
  std::string_view meaning;       // one line, for people
  void (*assign)(void* section, const Value& value);
  std::string_view choices = {};  // "record|envelope"; "|record|envelope" if it may be empty
  std::string_view range = {};    // "0..2", inclusive; for integer, number, size (bytes), duration (ms)
};

struct Section {
  std::string_view name;
  bool repeated;  // [[name]]
  std::string_view meaning;
  std::span<const Field> fields;
  void* (*open)(Config& config);  // the section itself; a new element for a repeated one
};

std::span<const Section> sections();
// Those of them that are about the way to Kafka, about readings coming in, about what waits, what cannot be
// delivered, and updates; and single ones with a file of their own.
std::span<const Section> proxy_sections();
std::span<const Section> source_sections();
std::span<const Section> delivery_sections();
std::span<const Section> route_sections();
std::span<const Section> weatherlink_sections();
std::span<const Section> bluetooth_sections();
std::span<const Section> downlink_sections();

// Sections of another file, and the one that they come behind; none: the last.
struct Part {
  std::span<const Section> sections;
  std::string_view behind = {};
};
std::vector<Section> joined(std::span<const Section> first, std::initializer_list<Part> more);

std::string_view written_choices(const Field& field);  // without the empty one, which stands for another key
std::string_view kind_name(Kind kind);                 // "a string", for messages

}  // namespace weather::gateway
