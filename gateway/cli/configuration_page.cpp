// The tables of docs/configuration.md: of each section its keys with kind, default and meaning. docs/fill-in
// puts them there; a test compares.
#include <algorithm>
#include <string>

#include "gateway/cli/cli.hpp"
#include "gateway/config/changes.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

// Within a cell of a table.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

std::string code(std::string_view text) {
  return text.empty() ? std::string() : '`' + cell(text) + '`';
}

std::string choices_of(const Field& field) {
  std::string choices(written_choices(field)), result;
  for (std::size_t begin = 0; begin <= choices.size();) {
    const auto end = std::min(choices.find('|', begin), choices.size());
    result += (result.empty() ? "" : ", ") + code(choices.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::text:
    case Kind::choice:
      return "text";
    case Kind::label:
      return "text or number";
    case Kind::path:
      return "path";
    case Kind::integer:
      return "integer";
    case Kind::number:
      return "number";
    case Kind::boolean:
      return "true or false";
    case Kind::size:
      return "size";
    case Kind::duration:
      return "duration";
    case Kind::list:
      return "list of text";
    case Kind::map:
      return "table";
  }
  return "";
}

std::string type_of(const Field& field) {
  if (!field.choices.empty()) return choices_of(field);
  std::string type(name_of(field.kind));
  if (field.kind == Kind::integer || field.kind == Kind::number) type += ' ' + std::string(field.range);
  while (type.ends_with(' ')) type.pop_back();
  return type;
}

std::string header_of(const Section& section) {
  const std::string name(section.name);
  if (name.empty()) return "The file itself";
  return section.repeated ? "[[" + name + "]]" : "[" + name + "]";
}

}  // namespace

std::string configuration_page() {
  std::string text;
  for (const auto& section : sections()) {
    const std::string prefix(section.name);
    text += "## " + header_of(section) + "\n\n";
    if (!section.meaning.empty()) text += std::string(section.meaning) + ".\n\n";
    text += "| key | type | default | |\n|---|---|---|---|\n";
    for (const auto& field : section.fields) {
      const auto key = prefix + (prefix.empty() ? "" : ".") + std::string(field.name);
      text += "| " + code(field.name) + " | " + type_of(field) + " | " +
              (field.default_toml.empty() ? "required" : code(field.default_toml)) + " | " +
              cell(field.meaning) + (is_reloadable(key) ? "" : "; needs a restart") + " |\n";
    }
    text += '\n';
  }
  return text;
}

}  // namespace weather::gateway
