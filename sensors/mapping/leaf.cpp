#include "sensors/mapping/leaf.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

namespace json = boost::json;

Scalar scalar(const json::value& value) {
  switch (value.kind()) {
    case json::kind::bool_:
      return value.get_bool();
    case json::kind::int64:
      return value.get_int64();
    case json::kind::uint64:
      return value.get_uint64();
    case json::kind::double_:
      return value.get_double();
    case json::kind::string:
      return std::string(value.get_string());
    default:
      return std::monostate{};
  }
}

bool composite(const json::value& value) {
  return value.is_object() || value.is_array();
}

void flatten_into(const json::value& value, std::vector<std::string>& path, std::vector<Leaf>& out) {
  if (out.size() >= max_leaves) return;
  if (!composite(value)) {
    out.push_back({path, scalar(value)});
    return;
  }
  const auto descend = [&](std::string key, const json::value& child) {
    path.push_back(std::move(key));
    flatten_into(child, path, out);
    path.pop_back();
  };
  if (const auto* object = value.if_object())
    for (const auto& [key, child] : *object) descend(std::string(key), child);
  else
    for (std::size_t i = 0; i < value.get_array().size(); ++i)
      descend(std::to_string(i), value.get_array()[i]);
}

// nullopt: nothing of it is left.
std::optional<json::value> rest_of(const json::value& value, const std::vector<bool>& consumed,
                                   std::size_t& leaf) {
  if (!composite(value)) {
    const auto index = leaf++;
    if (index < consumed.size() && consumed[index]) return std::nullopt;
    return value;
  }
  if (const auto* object = value.if_object()) {
    json::object out;
    for (const auto& [key, child] : *object)
      if (auto rest = rest_of(child, consumed, leaf)) out.emplace(key, std::move(*rest));
    if (out.empty() && !object->empty()) return std::nullopt;
    return out;
  }
  json::array out;
  bool any = value.get_array().empty();
  for (const auto& child : value.get_array()) {
    auto rest = rest_of(child, consumed, leaf);
    any |= rest.has_value();
    out.push_back(rest ? std::move(*rest) : json::value());
  }
  if (!any) return std::nullopt;
  return out;
}

Value as_value(const Scalar& value) {
  return std::visit(
      [](const auto& v) -> Value {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::string>)
          return std::string_view(v);
        else if constexpr (std::is_same_v<T, std::uint64_t>)
          return static_cast<double>(v);
        else
          return v;
      },
      value);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool says_missing(std::string_view text) {
  static constexpr std::array<std::string_view, 13> words = {
      "",     "nan", "+nan", "-nan", "unavailable", "unknown", "none",
      "null", "n/a", "--",   "inf",  "-inf",        "offline"};
  if (text.size() > 11) return false;
  std::array<char, 11> lower{};
  std::ranges::transform(text, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return std::ranges::find(words, std::string_view(lower.data(), text.size())) != words.end();
}

Value finite(double value) {
  if (!std::isfinite(value)) return std::monostate{};
  return value;
}

Value from_text(std::string_view text) {
  const auto word = trimmed(text);
  if (says_missing(word)) return std::monostate{};
  const auto number = parse_number(word.starts_with('+') ? word.substr(1) : word);
  if (!number) return word;
  return std::visit([](auto v) -> Value { return v; }, *number);
}

}  // namespace

std::vector<Leaf> flatten(const json::value& document) {
  std::vector<Leaf> out;
  std::vector<std::string> path;
  flatten_into(document, path, out);
  return out;
}

std::string without(const json::value& document, const std::vector<bool>& consumed) {
  std::size_t leaf = 0;
  const auto rest = rest_of(document, consumed, leaf);
  if (!rest || (rest->is_object() && rest->get_object().empty())) return {};
  std::string out;
  append_json(out, rest->is_object() ? *rest : json::value(json::object{{"value", *rest}}));
  return out;
}

std::string unmapped_object(std::span<const Leaf> leaves, const std::vector<bool>& consumed) {
  JsonMembers out;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (i < consumed.size() && consumed[i]) continue;
    std::string key;
    for (const auto& step : leaves[i].path) key += (key.empty() ? "" : "/") + step;
    out.add_json(key, value_text(leaves[i].value));
  }
  return out.take();
}

std::string path_text(const Leaf& leaf) {
  std::string out;
  for (const auto& step : leaf.path) {
    out += '/';
    for (const char c : step) {
      if (c == '~')
        out += "~0";
      else if (c == '/')
        out += "~1";
      else
        out += c;
    }
  }
  return out;
}

std::string value_text(const Scalar& value) {
  if (const auto* integer = std::get_if<std::uint64_t>(&value)) return std::to_string(*integer);
  std::string out;
  append_json_value(out, as_value(value));
  return out;
}

Value meaning(const Scalar& value) {
  switch (value.index()) {
    case 1:
      return std::get<bool>(value);
    case 2:
      return std::get<std::int64_t>(value);
    case 3:
      return static_cast<double>(std::get<std::uint64_t>(value));  // beyond int64 only
    case 4:
      return finite(std::get<double>(value));
    case 5:
      return from_text(std::get<std::string>(value));
    default:
      return std::monostate{};
  }
}

}  // namespace weather::sensors
