#include "bridge/encode/topic_template.hpp"

#include <algorithm>
#include <array>

#include "sensors/reading/edit_distance.hpp"

namespace weather::bridge {
namespace {

struct Name {
  std::string_view text;
  Field field;
};
constexpr std::array names{Name{"sensor", Field::sensor}, Name{"station", Field::station},
                           Name{"source", Field::source}, Name{"quantity", Field::quantity}};

bool allowed_in_topic(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

constexpr std::size_t longest_topic = 249;

}  // namespace

std::optional<Field> field_from(std::string_view name) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const Name& n) { return n.text == name; });
  return found == names.end() ? std::nullopt : std::optional(found->field);
}

std::string unknown_field(std::string_view name) {
  std::string text =
      "there is no {" + std::string(name) + "}: choose from {sensor}, {station}, {source} and {quantity}";
  for (const auto& known : names)
    if (sensors::edit_distance(name, known.text) <= 2)
      text += "; did you mean {" + std::string(known.text) + "}?";
  return text;
}

std::string_view value_of(Field field, const TemplateFields& fields) {
  switch (field) {
    case Field::sensor:
      return fields.sensor;
    case Field::station:
      return fields.station;
    case Field::source:
      return fields.source;
    case Field::quantity:
      return fields.quantity;
    case Field::none:
      break;
  }
  return {};
}

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
    const auto field = field_from(name);
    if (!field) return tl::unexpected(unknown_field(name));
    result.parts_.push_back({*field, {}});
    text.remove_prefix(close + 1);
  }
  if (result.parts_.empty()) return tl::unexpected(std::string("it is empty"));
  return result;
}

// Kafka's own rule (org.apache.kafka.common.internals.Topic).
tl::expected<Template, std::string> Template::parse_topic(std::string_view text) {
  auto parsed = parse(text);
  if (!parsed) return parsed;
  std::size_t length = 0;
  bool legal = text != "." && text != "..";
  for (const Part& part : parsed->parts_) {
    legal = legal && std::all_of(part.text.begin(), part.text.end(), allowed_in_topic);
    length += part.text.size();
  }
  if (!legal || length > longest_topic)
    return tl::unexpected(std::string("is not a topic name: 1 to 249 of letters, digits, '.', '_' and '-'"));
  return parsed;
}

void Template::topic(const TemplateFields& fields, std::string& out) const {
  plain(fields, out);
  if (out.size() > longest_topic) out.resize(longest_topic);
  for (char& c : out)
    if (!allowed_in_topic(c)) c = '_';
}

void Template::plain(const TemplateFields& fields, std::string& out) const {
  out.clear();
  for (const Part& part : parts_) {
    if (part.field == Field::none) {
      out += part.text;
    } else {
      const auto value = value_of(part.field, fields);
      out += value.empty() ? std::string_view("unknown") : value;
    }
  }
}

}  // namespace weather::bridge
