#include "sensors/mapping/leaf.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

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

bool is_any_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

constexpr std::array<std::string_view, 4> value_names = {"value", "v", "val", "measurementValue"};
constexpr std::array<std::string_view, 5> unit_names = {"unit", "units", "uom", "u", "unit_of_measurement"};
constexpr std::array<std::string_view, 6> type_names = {"type",      "name",     "quantity",
                                                        "parameter", "property", "measurement"};

// The leaves of one object have just been added, from `begin` on: which of them belong together?
void join_siblings(const std::vector<std::string>& path, bool in_list, std::size_t begin,
                   std::vector<Leaf>& out) {
  std::size_t value = no_leaf, unit = no_leaf, type = no_leaf;
  for (std::size_t i = begin; i < out.size(); ++i) {
    if (out[i].path.size() != path.size() + 1) continue;
    const auto& name = out[i].path.back();
    const bool text = std::holds_alternative<std::string>(out[i].value);
    if (value == no_leaf && is_any_of(name, value_names)) value = i;
    if (unit == no_leaf && text && is_any_of(name, unit_names)) unit = i;
    if (type == no_leaf && text && is_any_of(name, type_names)) type = i;
  }
  if (value == no_leaf) return;
  auto& leaf = out[value];
  if (unit != no_leaf) {
    leaf.unit = std::get<std::string>(out[unit].value);
    leaf.unit_leaf = unit;
    leaf.valued = !path.empty();
  }
  if (type != no_leaf && in_list) {
    leaf.typed = std::get<std::string>(out[type].value);
    leaf.type_leaf = type;
  }
}

void flatten_into(const json::value& value, std::vector<std::string>& path, bool in_list,
                  std::vector<Leaf>& out) {
  if (out.size() >= max_leaves) return;
  if (!composite(value)) {
    out.push_back({path, scalar(value)});
    return;
  }
  const auto begin = out.size();
  const auto descend = [&](std::string key, const json::value& child) {
    path.push_back(std::move(key));
    flatten_into(child, path, value.is_array(), out);
    path.pop_back();
  };
  if (const auto* object = value.if_object()) {
    for (const auto& [key, child] : *object) descend(std::string(key), child);
    join_siblings(path, in_list, begin, out);
  } else {
    for (std::size_t i = 0; i < value.get_array().size(); ++i)
      descend(std::to_string(i), value.get_array()[i]);
  }
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

bool is_quantity_name(std::string_view name) {
  return find_quantity(canonical_name(name)) != nullptr;
}

json::value with_raw_names(const json::object& object) {
  json::object out;
  for (const auto& [key, child] : object) {
    std::string name(key);
    if (is_quantity_name(name)) name = raw_name(name);
    while (out.contains(name)) name += "_2";
    out.emplace(name, child);
  }
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

// Is this its path_text? Each condition of a rule asks, so nothing is allocated.
bool is_at(const Leaf& leaf, std::string_view pointer) {
  std::string_view rest = pointer;
  for (const auto& step : leaf.path) {
    if (step.find_first_of("~/") != std::string::npos) return path_text(leaf) == pointer;
    if (!rest.starts_with('/') || !rest.substr(1).starts_with(step)) return false;
    rest.remove_prefix(1 + step.size());
  }
  return rest.empty();
}

Value finite(double value) {
  if (!std::isfinite(value)) return std::monostate{};
  return value;
}

}  // namespace

std::vector<Leaf> flatten(const json::value& document) {
  std::vector<Leaf> out;
  std::vector<std::string> path;
  flatten_into(document, path, false, out);
  return out;
}

std::string without(const json::value& document, const std::vector<bool>& consumed) {
  std::size_t leaf = 0;
  const auto rest = rest_of(document, consumed, leaf);
  if (!rest || (rest->is_object() && rest->get_object().empty())) return {};
  std::string out;
  append_json(out, rest->is_object() ? with_raw_names(rest->get_object())
                                     : json::value(json::object{{"value", *rest}}));
  return out;
}

std::string unmapped_object(std::span<const Leaf> leaves, const std::vector<bool>& consumed) {
  JsonMembers out;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (i < consumed.size() && consumed[i]) continue;
    std::string key;
    for (const auto& step : leaves[i].path) key += (key.empty() ? "" : "/") + step;
    if (is_quantity_name(key)) key = raw_name(key);
    out.add_json(key, value_text(leaves[i].value));
  }
  return out.take();
}

std::string path_text(const Leaf& leaf) {
  std::string out;
  for (const auto& step : leaf.path) out = child_pointer(out, step);
  return out;
}

const Leaf* find_leaf(std::span<const Leaf> leaves, std::string_view pointer) {
  const auto found = std::ranges::find_if(leaves, [&](const Leaf& leaf) { return is_at(leaf, pointer); });
  return found == leaves.end() ? nullptr : &*found;
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
      return meaning_of_text(std::get<std::string>(value));
    default:
      return std::monostate{};
  }
}

}  // namespace weather::sensors
