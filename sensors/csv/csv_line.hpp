// One line of comma-separated values (RFC 4180) as cells. Pure; any thread.
//
//   2024-10-03 19:42:00,"Roof, north",21.4,-9999
// A quoted cell may hold the delimiter, and a quote as two. A line is a record: a cell cannot hold an end of
// line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::sensors {

// The cells without the blanks around them; of a quoted one what is between the quotes. With the delimiter '
// ' runs of blanks and tabs are one delimiter, and those at the ends none. The error is a sentence: a quote
// that is not closed, or text behind one that is.
tl::expected<std::vector<std::string>, std::string> split_csv(std::string_view line, char delimiter);

}  // namespace weather::sensors
