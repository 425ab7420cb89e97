// The kinds of source there are, a row each: the one place that knows [[mqtt]], [[listener]] ... by name, but
// for what each is set up with (schema_sources.cpp) and how it is made (app/sources.cpp). Pure.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.hpp"

namespace weather::gateway {

// How a source reads the messages that come to it.
struct Reads {
  std::string title;                              // for people: "broker mqtt://pi:1883"
  std::string format;                             // empty: the path of each message says it
  std::map<std::string, std::string> units;       // as configured
  std::map<std::string, std::string> table = {};  // settings of the format
  std::vector<std::string> topics = {};           // filters of MQTT; none: of the one topic
  std::string topic = {};  // ... that all its messages have; empty: the sender's address
};

struct SourceKind {
  struct Names {
    std::string given;      // by a person; may be empty
    std::string otherwise;  // what the source is, "mqtt:pi:1883"
  };

  std::string_view section;  // as in the configuration
  void (*clear)(Config& config);
  std::vector<Names> (*names)(const Config& config);  // of each source, in the configuration's order
  // That they read, by what is configured: a change of their contents is a change of the section.
  std::vector<std::filesystem::path> (*files)(const Config& config) = nullptr;
  std::vector<Reads> (*reads)(const Config& config) = nullptr;  // null: it polls, and knows what it reads
  bool takes_port = false;  // which must be free before the next one can have it
  // The name is that of its sensor: a second one of the same is a fault even where none was given.
  bool names_sensor = false;
};

// In the order in which they are shown.
std::span<const SourceKind> source_kinds();

// look(kind, index, reads) of each source that reads messages, in that order.
template <class Look>
void for_each_reader(const Config& config, const Look& look) {
  for (const auto& kind : source_kinds()) {
    std::size_t index = 0;
    if (kind.reads != nullptr)
      for (const auto& reads : kind.reads(config)) look(kind, index++, reads);
  }
}

}  // namespace weather::gateway
