// Messages that were once read wrongly or not at all, each with its right value, worked out by hand from the
// sensor's documents. The name says what is at stake; beside each row stand others of its kind.
#pragma once

#include <string_view>
#include <vector>

namespace weather::sensors {

struct Row {
  std::string_view name;  // of the test
  std::string_view format, topic, payload;
  std::string_view right;  // key and value as Kafka gets them; several readings a line each; or "passed over"
};

std::vector<Row> rows_of_values();    // a wrong value or name
std::vector<Row> rows_of_names();     // whose value it is
std::vector<Row> rows_of_lost();      // what reached nobody
std::vector<Row> rows_of_families();  // what was not recognised
std::vector<Row> rows_of_stations();  // the same, of consoles and instruments

}  // namespace weather::sensors
