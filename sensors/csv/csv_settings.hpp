// How a table is written, as its user says. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/csv/csv_time.hpp"
#include "sensors/decoders/registry.hpp"

namespace weather::sensors {

enum class TableForm : std::uint8_t {
  csv,   // a heading line of names, or none and `columns`
  toa5,  // Campbell Scientific: four heading lines
};

struct CsvSettings {
  TableForm form = TableForm::csv;
  std::vector<std::string> columns = {};  // names, in order; none: the heading names them
  char delimiter = ',';                   // ' ': runs of blanks
  char decimal = '.';
  std::vector<std::string> time =
      {};  // columns that are the time, joined by a blank; none: looked for by name
  CsvTimeFormat time_format = {};
  std::vector<std::string> missing = {};  // cells that say that there is no value, beside nan, null, -- ...
  std::string id = {};                    // template: {column}; of TOA5 also {station}, {logger}, {table}

  std::size_t heading_lines() const { return form == TableForm::toa5 ? 4 : 1; }
};

// Keys: columns, delimiter, decimal, time, time_format, zone, missing, id. Lists are separated by blanks,
// columns by the delimiter. The error is a sentence for the user.
tl::expected<CsvSettings, std::string> csv_settings(TableForm form, const DecoderSettings& settings);

}  // namespace weather::sensors
