#include "sensors/mapping/match.hpp"

#include <algorithm>
#include <cmath>

#include "sensors/mapping/device.hpp"
#include "sensors/mapping/names.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

bool same_word(const Scalar& value, std::string_view wanted) {
  if (std::holds_alternative<std::monostate>(value)) return wanted.empty();
  return word_of(value) == word_of(std::string(wanted));
}

bool match_path(const FieldRule& rule, const Leaf& leaf, Captures& captures) {
  if (rule.path.match(leaf.path, captures)) return true;
  return leaf.valued && rule.path.match(std::span(leaf.path).first(leaf.path.size() - 1), captures);
}

// hole: keeps what stands before the quantity's words, so that {object} and {part} mean that.
bool by_name(std::string text, Match& out, std::pair<std::string, std::string>* hole) {
  const auto name = look_up_name(text);
  if (!name) return false;
  out.target = target_of(name->kind);
  out.something_else = name->kind == NameKind::something_else;
  out.stat = name->stat;
  out.unit = name->unit;
  const bool names_sensor = hole != nullptr && hole->first != "part";
  if (!names_sensor) out.part = name->before;
  if (names_sensor && !name->before.empty()) hole->second = name->before;
  for (const std::string_view more : {name->part, std::string_view(name->number)})
    if (!more.empty()) out.part += (out.part.empty() ? "" : ".") + std::string(more);
  out.name = name->quantity;
  if (!out.something_else) return true;
  // Its own name says whose it is, unless the level above does: ESP32/temperature.
  const auto slash = text.rfind('/');
  out.kind = name->quantity;
  out.name = text.substr(slash == std::string::npos ? 0 : slash + 1);
  if (slash == std::string::npos) out.part.clear();
  if (find_quantity(canonical_name(out.name)) != nullptr) {
    out.name = text;
    std::ranges::replace(out.name, '/', '_');
    out.part.clear();
  }
  return true;
}

// A level that says nothing of whose value it is.
bool is_container(std::string_view level) {
  constexpr std::string_view words[] = {"data",   "payload",      "decoded",   "object", "value",
                                        "values", "measurements", "telemetry", "sensors"};
  return std::ranges::find(words, level) != std::end(words);
}

bool by_common_name(const Leaf& leaf, Match& out) {
  if (!leaf.typed.empty()) return by_name(leaf.typed, out, nullptr);
  auto path = std::span(leaf.path);
  if (leaf.valued) path = path.first(path.size() - 1);
  if (path.empty() || path.size() > 4) return false;
  const bool alone = path.size() == 1 || is_container(path[path.size() - 2]);
  return by_name(alone ? path.back() : path[path.size() - 2] + "/" + path.back(), out, nullptr);
}

void by_rule(const FieldRule& rule, const Leaf& leaf, const Captures& captures, Match& out) {
  out.name = expand_captures(rule.quantity, captures);
  out.part = expand_captures(rule.part.empty() ? "{part}" : rule.part, captures);
  if (!rule.named || !says_something_else(out.part, canonical_name(out.name))) return;
  out.something_else = true;
  out.kind = canonical_name(out.name);
  out.name = out.part + "_" + leaf.path.back();
  out.part.clear();
}

}  // namespace

std::string expand_captures(std::string_view text, const Captures& captures) {
  std::string out;
  expand_template(
      text,
      [&](std::string_view name, std::string& to) {
        if (const auto* value = find_capture(captures, name)) to += *value;
        return true;
      },
      out);
  return out;
}

std::string word_of(const Scalar& value) {
  const auto* text = std::get_if<std::string>(&value);
  const std::string word = text != nullptr ? *text : value_text(value);
  const auto number = parse_double(word);
  return number ? format_number(*number) : word;
}

const Leaf* Matcher::at(std::string_view pointer) const {
  return find_leaf(leaves_, pointer);
}

const Leaf* Matcher::sibling(const Leaf& leaf, std::string_view key) const {
  if (leaf.path.empty()) return nullptr;
  for (const auto& other : leaves_)
    if (other.path.size() == leaf.path.size() && other.path.back() == key &&
        std::equal(leaf.path.begin(), leaf.path.end() - 1, other.path.begin()))
      return &other;
  return nullptr;
}

bool Matcher::holds(const Where& where, const Leaf& leaf) const {
  const auto* other = where.key.starts_with('/') ? at(where.key) : sibling(leaf, where.key);
  return std::ranges::any_of(where.values, [&](const std::string& wanted) {
    return other == nullptr ? wanted.empty() : same_word(other->value, wanted);
  });
}

bool Matcher::is_log_of(const FieldRule& rule, const Leaf& leaf) const {
  const auto* other = rule.unless_log_of.empty() ? nullptr : at(rule.unless_log_of);
  if (other == nullptr) return false;
  const auto raw = number_of(meaning(leaf.value)), lux = number_of(meaning(other->value));
  if (!raw || !lux || *raw > 70'000) return false;
  return std::abs(std::pow(10, (*raw - 1) / 10'000) - *lux) <= 0.51 + 0.01 * *lux;
}

std::optional<Match> Matcher::match(const FieldRule& rule, const Leaf& leaf, Captures& captures) const {
  const auto before = captures.size();
  if (!rule.common && !match_path(rule, leaf, captures)) return std::nullopt;
  const auto mismatch = [&] {
    captures.resize(before);
    return std::nullopt;
  };
  // "rain_total" is not for the rule "rain_{unit}": a {unit} must be a unit.
  const auto* unit = find_capture(captures, "unit");
  if (unit != nullptr && !rule.units.contains(*unit) && ucum_from_spelling(*unit).empty()) return mismatch();
  if (is_log_of(rule, leaf) || (rule.plain_only && !leaf.plain)) return mismatch();
  if (!std::ranges::all_of(rule.where, [&](const Where& where) { return holds(where, leaf); }))
    return mismatch();
  Match out{&rule, rule.target, {}, {}, {}, rule.stat, false, {}};
  if (rule.common) {
    if (!by_common_name(leaf, out)) return mismatch();
  } else if (rule.named && rule.quantity.empty()) {
    if (captures.size() == before || !by_name(captures.back().second, out, &captures.back()))
      return mismatch();
  } else {
    by_rule(rule, leaf, captures, out);
  }
  return out;
}

}  // namespace weather::sensors
