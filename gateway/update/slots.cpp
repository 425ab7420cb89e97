#include "gateway/update/slots.hpp"

#include <charconv>
#include <sstream>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace weather::gateway {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& object, std::initializer_list<std::string_view> path) {
  const json::object* at = &object;
  for (const auto name : path) {
    const auto* member = at->if_contains(name);
    if (member == nullptr) return {};
    if (member->is_string()) return std::string(member->as_string());
    if (!member->is_object()) return {};
    at = &member->as_object();
  }
  return {};
}

std::map<std::string, std::string> boot_variables(std::string_view text) {
  std::map<std::string, std::string> variables;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);)
    if (const auto equals = line.find('='); equals != std::string::npos)
      variables[line.substr(0, equals)] = line.substr(equals + 1);
  return variables;
}

}  // namespace

tl::expected<Slots, std::string> read_slots(std::string_view rauc_status, std::string_view boot_state) {
  boost::system::error_code error;
  const auto document = json::parse(json::string_view(rauc_status.data(), rauc_status.size()), error);
  if (error || !document.is_object())
    return tl::unexpected(std::string("rauc status says nothing that can be read"));
  const auto variables = boot_variables(boot_state);
  Slots found;
  found.compatible = text_at(document.as_object(), {"compatible"});
  if (const auto order = variables.find("BOOT_ORDER"); order != variables.end())
    found.first = order->second.substr(0, order->second.find(' '));
  const auto* list = document.as_object().if_contains("slots");
  if (list == nullptr || !list->is_array()) return tl::unexpected(std::string("rauc status names no slots"));
  for (const auto& entry : list->as_array())
    for (const auto& [key, value] : entry.as_object()) {
      const auto& from = value.as_object();
      Slot slot;
      slot.name = text_at(from, {"bootname"});
      slot.booted = text_at(from, {"state"}) == "booted";
      slot.good = text_at(from, {"boot_status"}) == "good";
      slot.version = text_at(from, {"slot_status", "bundle", "version"});
      if (slot.name.empty()) continue;
      if (const auto left = variables.find("BOOT_" + slot.name + "_LEFT"); left != variables.end()) {
        int number = 0;
        if (std::from_chars(left->second.data(), left->second.data() + left->second.size(), number).ec ==
            std::errc{})
          slot.attempts_left = number;
      }
      found.slots.push_back(slot);
    }
  return found;
}

BootedSlot booted_slot(std::string_view command_line) {
  BootedSlot slot;
  std::istringstream stream{std::string(command_line)};
  for (std::string word; stream >> word;) {
    if (word.starts_with("rauc.slot=")) slot.name = word.substr(10);
    if (word == "weather.trial" || word.starts_with("weather.trial=")) slot.trial = true;
  }
  return slot;
}

}  // namespace weather::gateway
