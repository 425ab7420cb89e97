// Topic and key by template: "weather.{station}", "{sensor}". Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::bridge {

// What a record can fill in. Empty ones are written as "unknown".
struct TemplateFields {
  std::string_view sensor;    // the sensor's id
  std::string_view station;   // label "station", else "site", else the location's name
  std::string_view source;    // which format it came in
  std::string_view quantity;  // its first quantity
};

enum class Field : std::uint8_t { none, sensor, station, source, quantity };
std::optional<Field> field_from(std::string_view name);
std::string unknown_field(std::string_view name);  // the complaint, with the nearest name
std::string_view value_of(Field field, const TemplateFields& fields);

class Template {
 public:
  // The error says what is wrong, in words, with the names there are.
  static tl::expected<Template, std::string> parse(std::string_view text);
  // The same for a topic, whose fixed text must follow Kafka's rule for names.
  static tl::expected<Template, std::string> parse_topic(std::string_view text);

  // As a topic name: what Kafka does not allow ([a-zA-Z0-9._-], 249 bytes) becomes '_'.
  void topic(const TemplateFields& fields, std::string& out) const;
  void plain(const TemplateFields& fields, std::string& out) const;

 private:
  struct Part {
    Field field = Field::none;
    std::string text;  // of Field::none
  };
  std::vector<Part> parts_;
};

}  // namespace weather::bridge
