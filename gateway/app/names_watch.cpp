#include "gateway/app/names_watch.hpp"

#include <algorithm>
#include <string_view>

#include "gateway/config/values.hpp"

namespace weather::gateway {
namespace {

std::string unheard(const std::string& id, const std::string& name, const std::set<std::string>& known,
                    const NamesWatch::Names& names) {
  std::vector<std::string_view> unnamed;
  for (const auto& sensor : known) {
    const auto is_it = [&](const auto& given) { return given.second == sensor; };
    if (std::none_of(names.begin(), names.end(), is_it)) unnamed.emplace_back(sensor);
  }
  const auto meant = nearest(id, unnamed);
  return "[sensors.names] calls \"" + id + "\" " + name + ", and nothing has come from that id for an hour" +
         (meant ? "; did you mean \"" + std::string(*meant) + "\"?"
                : "; weather-gateway sensors lists the ids");
}

}  // namespace

std::vector<std::string> NamesWatch::look(const Names& names,
                                          const std::function<std::set<std::string>()>& known,
                                          TimePoint now) {
  std::erase_if(given_, [&](const auto& entry) {
    const auto found = names.find(entry.first.first);
    return found == names.end() || found->second != entry.first.second;
  });
  bool due = false;
  for (const auto& name : names) {
    const auto& given = given_.try_emplace(name, Given{now}).first->second;
    due = due || (!given.reported && now - given.since >= patience);
  }
  std::vector<std::string> lines;
  if (!due) return lines;
  const auto sensors = known();
  for (auto& [name, given] : given_) {
    if (given.reported || now - given.since < patience) continue;
    given.reported = true;
    if (!sensors.contains(name.second)) lines.push_back(unheard(name.first, name.second, sensors, names));
  }
  return lines;
}

}  // namespace weather::gateway
