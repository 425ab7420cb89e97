// One TOML value to a Value of its field's kind: expansion, units, ranges, choices, paths.
#pragma once

#include <string>
#include <string_view>

#include <toml++/toml.h>

#include "gateway/config/schema.hpp"

namespace weather::gateway {

// Borrows its arguments. file: the one the value stands in; relative paths are against its folder ("" leaves
// them).
class ValueReader {
 public:
  ValueReader(const Field& field, const std::string& file, const Environment& environment)
      : field_(field), file_(file), environment_(environment) {}

  Parsed<Value> read(const toml::node& node) const;
  // A value that comes as text: quoted in the file, or from the environment.
  Parsed<Value> from_text(std::string_view raw) const;
  // After a fault: which part of a list or a table has it, or the whole.
  const toml::node& faulty(const toml::node& whole) const { return faulty_ != nullptr ? *faulty_ : whole; }

 private:
  std::string against_file(const std::string& text) const;
  Parsed<Value> choice(std::string text) const;
  Parsed<Value> ranged(double number, Value value) const;
  Parsed<Value> list(const toml::array& array) const;
  Parsed<Value> map(const toml::table& table) const;
  Parsed<std::string> scalar_text(const toml::node& node) const;

  const Field& field_;
  const std::string& file_;
  const Environment& environment_;
  mutable const toml::node* faulty_ = nullptr;
};

}  // namespace weather::gateway
