// Which of the sensors the page shows, and in which order. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/status/status.hpp"

namespace weather::gateway {

// As the page's address says it: ?find=roof&state=silent&page=2.
struct SensorAsk {
  std::string find;   // in name, source, names and texts of its value; letter case of ASCII does not matter
  std::string state;  // "rejecting", "silent", "late", "ok"; empty: all
  std::size_t page = 1;  // from 1

  static constexpr std::size_t most_find_bytes = 200;
  bool operator==(const SensorAsk&) const = default;
  auto operator<=>(const SensorAsk&) const = default;
};

// What it does not know counts as not asked.
SensorAsk ask_from(const std::map<std::string, std::string>& query);
// "/?find=roof&page=2"; "/" for the first page of all.
std::string address_of(const SensorAsk& ask);

struct SensorList {
  static constexpr std::size_t page_rows = 25;
  struct Row {
    const SensorStatus* sensor;
    std::string state;
  };
  std::vector<Row> rows;                      // worst first, then by name; those of one page
  std::size_t first = 0;                      // number of the first row among those found, from 1; 0: none
  std::size_t found = 0;                      // that match
  std::size_t page = 1, pages = 1;            // a page that is not there is the last one
  std::map<std::string, std::size_t> states;  // of all sensors
};

SensorList list_sensors(const std::vector<SensorStatus>& sensors, std::int64_t now_ns, const SensorAsk& ask);

}  // namespace weather::gateway
