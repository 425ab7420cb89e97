#include "bridge/topic_template.hpp"

#include <algorithm>

namespace weather::bridge {
namespace {

bool allowed_in_topic(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

constexpr std::size_t longest_topic = 249;

}  // namespace

tl::expected<Template, std::string> Template::parse(std::string_view text) {
  Template result;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    if (open != 0) {
      result.parts_.push_back({Field::none, std::string(text.substr(0, open))});
      text.remove_prefix(std::min(open, text.size()));
      continue;
    }
    const std::size_t close = text.find('}');
    if (close == std::string_view::npos) return tl::unexpected(std::string("there is no '}' after '{'"));
    const std::string_view name = text.substr(1, close - 1);
    Field field = Field::none;
    if (name == "sensor") field = Field::sensor;
    if (name == "station") field = Field::station;
    if (name == "source") field = Field::source;
    if (name == "quantity") field = Field::quantity;
    if (field == Field::none)
      return tl::unexpected("there is no {" + std::string(name) +
                            "}: choose from {sensor}, {station}, {source} and {quantity}");
    result.parts_.push_back({field, {}});
    text.remove_prefix(close + 1);
  }
  if (result.parts_.empty()) return tl::unexpected(std::string("it is empty"));
  return result;
}

std::string_view Template::value_of(const Part& part, const TemplateFields& fields) {
  std::string_view value;
  switch (part.field) {
    case Field::none:
      return part.text;
    case Field::sensor:
      value = fields.sensor;
      break;
    case Field::station:
      value = fields.station;
      break;
    case Field::source:
      value = fields.source;
      break;
    case Field::quantity:
      value = fields.quantity;
      break;
  }
  return value.empty() ? std::string_view("unknown") : value;
}

void Template::topic(const TemplateFields& fields, std::string& out) const {
  plain(fields, out);
  if (out.size() > longest_topic) out.resize(longest_topic);
  for (char& c : out)
    if (!allowed_in_topic(c)) c = '_';
}

void Template::plain(const TemplateFields& fields, std::string& out) const {
  out.clear();
  for (const Part& part : parts_) out += value_of(part, fields);
}

}  // namespace weather::bridge
