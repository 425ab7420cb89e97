// All sources of a running gateway, by the section of the configuration that asked for them, so that a
// changed section is replaced without touching the others. On the io thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gateway/app/sources.hpp"

namespace weather::gateway {

class SourceSet {
 public:
  // Makes the sources of a configuration; throws StartError. Called once for each section.
  using Make = std::function<std::vector<std::unique_ptr<Source>>(const Config&)>;

  explicit SourceSet(Make make) : make_(std::move(make)) {}

  void make(const Config& config);  // throws StartError
  void start();
  void stop();  // blocks for as long as the slowest needs, at most two seconds

  // Stops the sources of these sections and starts those of `after` in their place. If that fails, those of
  // `before` are started again and StartError is thrown.
  void replace(const std::set<std::string>& sections, const Config& before, const Config& after);
  // Files that the sources of a section were given (passwords, users, certificates) have new contents. False:
  // one of them cannot read them again by itself; replace() it.
  bool read_files_again(const std::string& section);

  std::vector<SourceStatus> status() const;

 private:
  std::vector<std::unique_ptr<Source>> make_section(const std::string& section, const Config& config) const;
  void start_sections(const std::set<std::string>& sections);
  void retire(const std::set<std::string>& sections);

  const Make make_;
  std::map<std::string, std::vector<std::unique_ptr<Source>>> sources_;
  // Stopped; their last callbacks may still be on the way through the loop.
  std::vector<std::unique_ptr<Source>> retired_;
};

// The sections that ask for sources, in the order in which they are shown.
const std::vector<std::string>& source_section_names();
// The configuration without any source but those of one section.
Config only_section(const Config& config, const std::string& section);
// The files that a section's sources read: a change of their contents is a change of the section.
std::vector<std::filesystem::path> files_of(const Config& config, const std::string& section);

}  // namespace weather::gateway
