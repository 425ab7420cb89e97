#include "gateway/config/source_names.hpp"

#include <set>

#include "gateway/config/source_kinds.hpp"

namespace weather::gateway {
namespace {

struct Name {
  std::string section;
  std::size_t index = 0;
  bool is_sensor = false;
  std::string given, otherwise;
};

std::vector<Name> names_of(const Config& config) {
  std::vector<Name> names;
  for (const auto& kind : source_kinds()) {
    std::size_t index = 0;
    for (auto& name : kind.names(config))
      names.push_back({std::string(kind.section), index++, kind.names_sensor, std::move(name.given),
                       std::move(name.otherwise)});
  }
  return names;
}

std::string written(const Name& name) {
  return name.section + "[" + std::to_string(name.index) + "]";
}

}  // namespace

void name_sources(Config& config) {
  const auto names = names_of(config);
  std::set<std::string> taken;
  for (const auto& name : names) taken.insert(name.given);
  config.source_names.clear();
  for (const auto& name : names) {
    auto effective = name.given;
    for (unsigned i = 1; effective.empty(); ++i) {
      const auto candidate = i == 1 ? name.otherwise : name.otherwise + "-" + std::to_string(i);
      if (taken.insert(candidate).second) effective = candidate;
    }
    config.source_names[name.section].push_back(std::move(effective));
  }
}

std::string source_name(const Config& config, const std::string& section, std::size_t index) {
  if (const auto found = config.source_names.find(section);
      found != config.source_names.end() && index < found->second.size())
    return found->second[index];
  Config named = config;
  name_sources(named);
  return named.source_names.at(section).at(index);
}

std::vector<ConfigError> shared_names(const Config& config) {
  std::vector<ConfigError> errors;
  std::map<std::string, std::string> seen;
  for (const auto& name : names_of(config)) {
    // The readings of an instrument are those of the sensor of its name.
    const auto& meant = name.is_sensor ? name.otherwise : name.given;
    if (meant.empty()) continue;
    const auto [first, fresh] = seen.emplace(meant, written(name));
    if (!fresh)
      errors.push_back(fault_at(config, written(name) + ".name",
                                first->second + " has this name already: each needs one of its own"));
  }
  return errors;
}

}  // namespace weather::gateway
