#include "gateway/config/given_names.hpp"

#include <array>
#include <cstdio>
#include <vector>

#include <toml++/toml.h>

#include "gateway/config/bounded_toml.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

std::string toml_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result.append({'\\', c});
    } else if (byte < 0x20 || byte == 0x7F) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04x", byte);
      result += code.data();
    } else {
      result += c;
    }
  }
  return result + "\"";
}

void add_table(std::string& text, std::string_view name, const std::map<std::string, std::string>& entries) {
  if (entries.empty()) return;
  text += "\n[sensors." + std::string(name) + "]\n";
  for (const auto& [key, value] : entries) text += toml_text(key) + " = " + toml_text(value) + "\n";
}

// Text of the configuration as it is written: no variables in it.
std::string literal(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '$' ? "$$" : std::string(1, c);
  return result;
}

std::string trimmed(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin));
}

// The ids under which the sensor that is shown as this comes.
std::vector<std::string> ids_of(const NamesInUse& now, const std::string& shown) {
  std::vector<std::string> ids;
  for (const auto& [id, name] : now.names)
    if (name == shown) ids.push_back(id);
  if (ids.empty()) ids.push_back(shown);
  return ids;
}

std::string why_not(const NamesInUse& now, const std::string& id, const std::string& name) {
  if (name.empty()) return "A name has at least one character.";
  if (name.size() > most_name_bytes)
    return "A name has at most " + std::to_string(most_name_bytes) + " bytes.";
  if (sensors::printable(name) != name) return "There are characters in this name that cannot be shown.";
  if (name == id) return "It is called so already.";
  if (now.sensors.contains(name)) return "Another sensor is called so: " + name + ".";
  for (const auto& [other, given] : now.names)
    if (given == name) return "Another sensor is called so: " + other + ".";
  return {};
}

}  // namespace

std::string to_toml(const GivenNames& given) {
  std::string text = "# What people said on the page. May be edited or removed; then reload.\n";
  add_table(text, "names", given.names);
  add_table(text, "ignore", given.ignored);
  return text;
}

tl::expected<GivenNames, std::string> given_names_from(std::string_view text) {
  if (const auto excess = toml_excess(text)) return tl::unexpected(excess->text);
  GivenNames given;
  try {
    const auto table = toml::parse(text);
    const auto take = [&](const char* name, std::map<std::string, std::string>& to) {
      if (const auto* entries = table["sensors"][name].as_table())
        for (const auto& [key, value] : *entries)
          if (const auto* said = value.as_string()) to[std::string(key.str())] = said->get();
    };
    take("names", given.names);
    take("ignore", given.ignored);
  } catch (const toml::parse_error& error) {
    return tl::unexpected(std::string(error.description()));
  }
  return given;
}

bool is_given_name(std::string_view key) {
  for (const std::string_view mine : {"sensors.names", "sensors.ignore"})
    if (key == mine || (key.starts_with(mine) && key[mine.size()] == '.')) return true;
  return false;
}

tl::expected<GivenNames, std::string> changed(GivenNames given, const NamesInUse& now,
                                              const NameRequest& request, const std::string& why) {
  switch (request.act) {
    case NameRequest::Act::rename: {
      const auto name = trimmed(request.name);
      if (const auto reason = why_not(now, request.id, name); !reason.empty()) return tl::unexpected(reason);
      for (const auto& id : ids_of(now, request.id)) given.names[id] = literal(name);
      return given;
    }
    case NameRequest::Act::ignore:
      for (const auto& id : ids_of(now, request.id)) given.ignored[id] = literal(why);
      return given;
    case NameRequest::Act::hear:
      if (given.ignored.erase(request.id) == 0)
        return tl::unexpected(std::string("It is not ignored from the page; look into [sensors] ignore."));
      return given;
  }
  return given;
}

std::string by_hand(const NamesInUse& now, const NameRequest& request) {
  const bool rename = request.act == NameRequest::Act::rename;
  if (request.act == NameRequest::Act::hear)
    return "remove " + toml_text(request.id) + " from [sensors.ignore]";
  std::string text = rename ? "[sensors.names]" : "[sensors.ignore]";
  for (const auto& id : ids_of(now, request.id))
    text += "\n" + toml_text(id) + " = " +
            (rename ? toml_text(literal(trimmed(request.name))) : "\"not wanted\"");
  return text;
}

}  // namespace weather::gateway
