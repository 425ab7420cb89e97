// Lines of a table as readings: one line, one reading. One thread at a time.
//
//   time,temp_out,RH,WindSpeed_ms            "TOA5","roof","CR1000X","1234","OS","CPU:p.CR1X","4711","Hourly"
//   2024-10-03 19:42:00,21.4,55,3.1          "TIMESTAMP","RECORD","AirTC_Avg","RH"
//                                            "TS","RN","Deg C","%"
//                                            "","","Avg","Smp"
//                                            "2024-10-03 19:42:00",17,21.4,55
// A column's name says its quantity (mapping/names.hpp), TOA5's third line its unit; a column of another name
// is kept in extra_json. TOA5: Campbell Scientific, LoggerNet manual, appendix B.
//
// The heading is the first line, or lines, of the file (Message::heading), or of the lines that came if there
// is no file. A line that says it again, as loggers write after a restart, is passed over.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/csv/csv_settings.hpp"
#include "sensors/mapping/rules.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

class CsvDecoder {
 public:
  explicit CsvDecoder(CsvSettings settings);

  // Nothing for a heading. Errors: "csv_quote", "csv_header" (the heading names no columns, or not the
  // configured ones), "csv_columns" (not as many cells as names), "csv_time", "no_sensor_id", "no_quantity".
  Decoded decode(const Message& message);

 private:
  struct Column {
    std::string name;  // as the heading has it
    std::string leaf;  // without its unit, spelled out
    std::string unit;  // UCUM
    enum class Role : std::uint8_t { value, time, identity } role = Role::value;
  };
  using Cells = std::vector<std::string>;

  bool is_heading(const Message& message);
  void learn(std::vector<std::string> lines);
  std::optional<DecodeError> learn_columns();
  std::optional<DecodeError> learn_toa5();
  std::optional<DecodeError> name_columns(const Cells& names, const Cells& units);
  std::optional<std::int64_t> time_of(const Cells& cells) const;
  std::string id_of(const Cells& cells) const;
  const std::vector<Leaf>& leaves_of(const Cells& cells);
  Scalar value_of_cell(const std::string& cell) const;

  const CsvSettings settings_;
  std::vector<FieldRule> rules_;
  std::string heading_;             // of the file, as it was last learned
  std::vector<std::string> lines_;  // of the heading, as far as it came
  std::vector<Column> columns_;
  std::vector<Leaf> leaves_;       // of the columns that are values; none: made with the next line
  std::vector<std::size_t> time_;  // columns, in the order in which they are joined
  std::map<std::string, std::string, std::less<>> about_;  // TOA5: station, logger, table
  std::optional<DecodeError> unusable_;                    // why no line can be read
};

}  // namespace weather::sensors
