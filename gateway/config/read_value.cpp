#include "gateway/config/read_value.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "sensors/reading/number.hpp"

namespace weather::gateway {

Parsed<Value> ValueReader::read(const toml::node& node) const {
  switch (field_.kind) {
    case Kind::text:
    case Kind::choice:
    case Kind::path:
      if (const auto* text = node.as_string()) return from_text(text->get());
      break;
    case Kind::label:
      if (const auto* text = node.as_string()) return from_text(text->get());
      if (const auto* whole = node.as_integer()) return Value(std::to_string(whole->get()));
      break;
    case Kind::integer:
      if (const auto* whole = node.as_integer())
        return ranged(static_cast<double>(whole->get()), Value(whole->get()));
      break;
    case Kind::number:
      if (const auto number = node.value<double>(); number && node.is_number())
        return ranged(*number, Value(*number));
      break;
    case Kind::boolean:
      if (const auto* real = node.as_floating_point()) return sensors::format_number(real->get());
      if (const auto* flag = node.as_boolean()) return Value(flag->get());
      break;
    case Kind::size:
      if (const auto* whole = node.as_integer())
        return whole->get() < 0 ? tl::unexpected(std::string("a size cannot be negative"))
                                : ranged(static_cast<double>(whole->get()), Value(whole->get()));
      [[fallthrough]];
    case Kind::duration:
      if (const auto* text = node.as_string()) return from_text(text->get());
      break;
    case Kind::list:
      if (const auto* array = node.as_array()) return list(*array);
      break;
    case Kind::map:
      if (const auto* table = node.as_table()) return map(*table);
      break;
  }
  return tl::unexpected("expected " + std::string(kind_name(field_.kind)));
}

Parsed<Value> ValueReader::from_text(std::string_view raw) const {
  auto expanded = expand(raw, environment_);
  if (!expanded) return tl::unexpected(expanded.error());
  switch (field_.kind) {
    case Kind::size:
      return parse_size(*expanded).and_then([&](std::uint64_t bytes) {
        return ranged(static_cast<double>(bytes), Value(static_cast<std::int64_t>(bytes)));
      });
    case Kind::duration:
      return parse_duration(*expanded).and_then([&](std::chrono::milliseconds ms) {
        return ranged(static_cast<double>(ms.count()), Value(static_cast<std::int64_t>(ms.count())));
      });
    case Kind::path:
      if (expanded->find("://") != std::string::npos)
        return tl::unexpected(std::string("names a file or a folder, and this is a URL"));
      return Value(against_file(*expanded));
    case Kind::choice:
      return choice(std::move(*expanded));
    default:
      return Value(std::move(*expanded));
  }
}

std::string ValueReader::against_file(const std::string& text) const {
  const std::filesystem::path path(text);
  if (text.empty() || path.is_absolute() || file_.empty()) return text;
  return (std::filesystem::path(file_).parent_path() / path).lexically_normal().string();
}

Parsed<Value> ValueReader::choice(std::string text) const {
  std::vector<std::string_view> known;
  std::string_view rest = field_.choices;
  while (!rest.empty()) {
    const auto bar = std::min(rest.find('|'), rest.size());
    if (rest.substr(0, bar) == text) return Value(std::move(text));
    known.push_back(rest.substr(0, bar));
    rest.remove_prefix(std::min(bar + 1, rest.size()));
  }
  const auto near = nearest(text, known);
  return tl::unexpected("\"" + text + "\" is none of " + std::string(written_choices(field_)) +
                        (near ? "; did you mean \"" + std::string(*near) + "\"?" : ""));
}

Parsed<Value> ValueReader::ranged(double number, Value value) const {
  if (field_.range.empty()) return value;
  const auto dots = field_.range.find("..");
  const auto least = field_.range.substr(0, dots), most = field_.range.substr(dots + 2);
  const auto bound = [](std::string_view text) {
    double result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return result;
  };
  if (number >= bound(least) && number <= bound(most)) return value;
  // As a person writes it.
  const auto shown = [&](std::string_view text) {
    if (field_.kind == Kind::duration)
      return format_duration(std::chrono::milliseconds(static_cast<std::int64_t>(bound(text))));
    return field_.kind == Kind::size ? format_size(static_cast<std::uint64_t>(bound(text)))
                                     : std::string(text);
  };
  return tl::unexpected("out of range: it must be from " + shown(least) + " to " + shown(most));
}

Parsed<Value> ValueReader::list(const toml::array& array) const {
  std::vector<std::string> result;
  for (const auto& item : array) {
    faulty_ = &item;
    const auto* text = item.as_string();
    if (text == nullptr) return tl::unexpected("expected " + std::string(kind_name(field_.kind)));
    auto expanded = expand(text->get(), environment_);
    if (!expanded) return tl::unexpected(expanded.error());
    result.push_back(std::move(*expanded));
  }
  return Parsed<Value>(tl::in_place, std::move(result));
}

Parsed<Value> ValueReader::map(const toml::table& table) const {
  std::map<std::string, std::string> result;
  for (const auto& [key, node] : table) {
    faulty_ = &node;
    auto text = scalar_text(node);
    if (!text) return tl::unexpected("\"" + std::string(key.str()) + "\": " + text.error());
    result[std::string(key.str())] = std::move(*text);
  }
  return Parsed<Value>(tl::in_place, std::move(result));
}

// librdkafka takes text only; people write numbers and booleans.
Parsed<std::string> ValueReader::scalar_text(const toml::node& node) const {
  if (const auto* text = node.as_string()) return expand(text->get(), environment_);
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* real = node.as_floating_point()) return sensors::format_number(real->get());
  if (const auto* flag = node.as_boolean()) return std::string(flag->get() ? "true" : "false");
  if (node.is_table())
    return tl::unexpected(std::string("a name with dots must be quoted: \"bootstrap.servers\" = ..."));
  return tl::unexpected(std::string("expected a string"));
}

}  // namespace weather::gateway
