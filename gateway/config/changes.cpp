#include "gateway/config/changes.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "gateway/config/render.hpp"

namespace weather::gateway {
namespace {

// What was opened at the start and is held until the end: the log and the cursors of the routes, sockets of
// the page, the clock's judge.
constexpr std::array<std::string_view, 11> fixed_sections{
    "gateway", "limits", "log", "clock", "web", "fleet", "downlink", "device", "route", "silence", ""};
constexpr std::array<std::string_view, 1> reloadable_keys{"gateway.log_level"};

// Secrets count as well: only whether they differ is said.
std::string text_of(const Config& config, const std::string& key) {
  constexpr std::string_view properties = "kafka.properties.";
  if (key.starts_with(properties))
    if (const auto found = config.kafka.properties.find(key.substr(properties.size()));
        found != config.kafka.properties.end())
      return found->second;
  if (const auto written = config.values.find(key); written != config.values.end()) return written->second;
  return config.places.contains(key) ? shown_value(config, key) : std::string("\n");  // unlike any value
}

}  // namespace

std::vector<std::string> changed_keys(const Config& before, const Config& after) {
  std::set<std::string> keys;
  for (const auto* config : {&before, &after})
    for (const auto& [key, place] : config->places) keys.insert(key);
  std::vector<std::string> changed;
  for (const auto& key : keys)
    if (text_of(before, key) != text_of(after, key)) changed.push_back(key);
  return changed;
}

std::string_view section_of(std::string_view key) {
  const auto end = key.find_first_of(".[");
  return end == std::string_view::npos && key == "config_version" ? std::string_view{} : key.substr(0, end);
}

bool is_reloadable(std::string_view key) {
  return std::find(reloadable_keys.begin(), reloadable_keys.end(), key) != reloadable_keys.end() ||
         std::find(fixed_sections.begin(), fixed_sections.end(), section_of(key)) == fixed_sections.end();
}

}  // namespace weather::gateway
