// Does a rule fit a leaf, and what do its names mean there? For rules.cpp. Pure; one thread at a time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sensors/mapping/leaf.hpp"
#include "sensors/mapping/rules.hpp"

namespace weather::sensors {

std::string expand_captures(std::string_view text, const Captures& captures);

// "1.0", 1 and " 1" are one word.
std::string word_of(const Scalar& value);

// One rule that fits one leaf, with what its names mean.
struct Match {
  const FieldRule* rule = nullptr;
  Target target = Target::quantity;
  std::string name, part;  // of a quantity; name as the rule or the field's name says it
  std::string_view unit;   // by the field's name
  v1::Stat stat = v1::STAT_INSTANT;
  bool something_else = false;  // measured like `name`, but it is another thing's: `name` is the field's own
  std::string kind;             // then: the canonical quantity that it is measured like
};

class Matcher {
 public:
  explicit Matcher(std::span<const Leaf> leaves) : leaves_(leaves) {}

  // Appends what the path's holes caught; on a mismatch `captures` is left as it was.
  std::optional<Match> match(const FieldRule& rule, const Leaf& leaf, Captures& captures) const;
  const Leaf* at(std::string_view pointer) const;  // null: not there
  // Another member of the same object; or null.
  const Leaf* sibling(const Leaf& leaf, std::string_view key) const;

 private:
  bool holds(const Where& where, const Leaf& leaf) const;
  bool is_log_of(const FieldRule& rule, const Leaf& leaf) const;

  std::span<const Leaf> leaves_;
};

}  // namespace weather::sensors
