// A payload as a flat list: every scalar with the way to it. JSON documents, plain text on one topic a value,
// and Sparkplug metrics all become this, so that one rule table serves them.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sensors/reading/json_text.hpp"
#include "sensors/reading/meaning.hpp"

namespace weather::sensors {

using Scalar = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string>;

constexpr std::size_t no_leaf = static_cast<std::size_t>(-1);

struct Leaf {
  std::vector<std::string> path;
  Scalar value;        // monostate: null
  std::string unit{};  // what the source says beside the value; wins over a rule's unit
  // {"air_temperature":{"value":20.1,"unit":"Cel"}}: the leaf /air_temperature/value is /air_temperature too.
  bool valued = false;
  std::size_t unit_leaf = no_leaf;  // where `unit` stands
  bool plain = false;               // the payload is this one value, no document
  // [{"type":"Air Temperature","value":21.4}]: an element of a list that says itself what it is.
  std::string typed{};
  std::size_t type_leaf = no_leaf;
};

constexpr std::size_t max_leaves = 4096;  // more than any sensor sends; what is beyond stays unmapped

std::vector<Leaf> flatten(const boost::json::value& document);

// The document without the consumed leaves (same order as flatten gave them), and without the objects that
// this empties; "" if nothing is left. Array elements keep their places (null where consumed). A member whose
// name belongs to a quantity is no such quantity, or it would have been consumed: it is called "..._raw".
std::string without(const boost::json::value& document, const std::vector<bool>& consumed);
// The same for leaves that come from no document: one object with "a/b/c" keys.
std::string unmapped_object(std::span<const Leaf> leaves, const std::vector<bool>& consumed);

std::string path_text(const Leaf& leaf);  // "/AM2301/Temperature", as a pattern is written
const Leaf* find_leaf(std::span<const Leaf> leaves, std::string_view pointer);  // by its path_text; or null
std::string value_text(const Scalar& value);                                    // as JSON

// What a scalar says, once sensors' habits are undone: numbers as strings ("12.3", " 60 ") are numbers; null,
// "", nan, inf, unavailable, unknown, none, n/a, "--" and offline are monostate. Text is a view into the
// scalar.
Value meaning(const Scalar& value);

}  // namespace weather::sensors
