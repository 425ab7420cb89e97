#include "gateway/app/source_set.hpp"

#include <algorithm>
#include <utility>

#include <sysexits.h>

#include "gateway/config/source_kinds.hpp"

namespace weather::gateway {
namespace {

void stop_all(const std::vector<Source*>& sources) {
  std::vector<std::future<void>> stopping;
  for (auto* source : sources) stopping.push_back(source->stop());
  for (auto& stopped : stopping)
    if (stopped.valid()) stopped.wait();
}

using Owned = std::vector<std::unique_ptr<Source>>;

// "listener[0]: port 1883 of 127.0.0.1 is taken by another program"; empty:
// nothing is missing.
std::string missing_of(const std::string& section, const Owned& sources) {
  for (std::size_t i = 0; i < sources.size(); ++i)
    if (auto missing = sources[i]->missing(); !missing.empty())
      return section + "[" + std::to_string(i) + "]: " + missing;
  return {};
}

bool takes_port(const std::string& section) {
  return std::ranges::any_of(
      source_kinds(), [&](const SourceKind& kind) { return kind.section == section && kind.takes_port; });
}

}  // namespace

const std::vector<std::string>& source_section_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& kind : source_kinds()) all.emplace_back(kind.section);
    return all;
  }();
  return names;
}

Config only_section(const Config& config, const std::string& section) {
  Config result = config;
  for (const auto& other : source_kinds())
    if (section != other.section) other.clear(result);
  return result;
}

std::vector<std::filesystem::path> files_of(const Config& config, const std::string& section) {
  for (const auto& kind : source_kinds())
    if (kind.section == section && kind.files != nullptr) return kind.files(config);
  return {};
}

std::vector<std::unique_ptr<Source>> SourceSet::make_section(const std::string& section,
                                                             const Config& config) const {
  return make_(only_section(config, section));
}

void SourceSet::make(const Config& config) {
  for (const auto& section : source_section_names()) sources_[section] = make_section(section, config);
}

void SourceSet::start() {
  for (const auto& section : source_section_names())
    for (const auto& source : sources_[section]) source->start();
}

// All at once: each may take its two seconds.
void SourceSet::stop() {
  std::vector<Source*> all;
  for (const auto& [section, sources] : sources_)
    for (const auto& source : sources) all.push_back(source.get());
  stop_all(all);
}

void SourceSet::retire(const std::set<std::string>& sections) {
  std::vector<Source*> leaving;
  for (const auto& section : sections)
    for (const auto& source : sources_[section]) leaving.push_back(source.get());
  stop_all(leaving);
  retired_.clear();  // of the reload before: long done
  for (const auto& section : sections)
    for (auto& source : std::exchange(sources_[section], {})) retired_.push_back(std::move(source));
}

// A port must be free before the next listener can have it: those stop first.
// The others are made first, so that what cannot be made changes nothing.
void SourceSet::replace(const std::set<std::string>& sections, const Config& before, const Config& after) {
  std::map<std::string, std::vector<std::unique_ptr<Source>>> made;
  std::map<std::string, bool> listened;
  for (const auto& section : sections) listened[section] = missing_of(section, sources_[section]).empty();
  // A start waits for what is not there yet; a reload that would end what goes well is refused.
  const auto make = [&](const std::string& section) {
    made[section] = make_section(section, after);
    if (const auto missing = missing_of(section, made[section]); listened[section] && !missing.empty())
      throw StartError(EX_CONFIG, missing);
  };
  for (const auto& section : sections)
    if (!takes_port(section)) make(section);
  retire(sections);
  try {
    for (const auto& section : sections)
      if (takes_port(section)) make(section);
  } catch (...) {  // whatever it is, those before go on
    made.clear();
    for (const auto& section : sections) sources_[section] = make_section(section, before);
    start_sections(sections);
    throw;
  }
  for (auto& [section, fresh] : made) sources_[section] = std::move(fresh);
  start_sections(sections);
}

void SourceSet::start_sections(const std::set<std::string>& sections) {
  for (const auto& section : sections)
    for (const auto& source : sources_[section]) source->start();
}

bool SourceSet::read_files_again(const std::string& section) {
  for (const auto& source : sources_[section])
    if (!source->read_files_again()) return false;
  return true;
}

std::vector<SourceStatus> SourceSet::status() const {
  std::vector<SourceStatus> all;
  for (const auto& section : source_section_names())
    if (const auto found = sources_.find(section); found != sources_.end())
      for (const auto& source : found->second) all.push_back(source->status());
  return all;
}

}  // namespace weather::gateway
