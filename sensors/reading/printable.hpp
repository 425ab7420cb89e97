// The one way of foreign text (sensor ids, topics, values, errors of others) to a terminal, the journal or a
// label. What would move the cursor, start a line, forge a priority or turn the text around comes out as an
// escape that a person can read. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weather::sensors {

enum class LineEnds : bool { escape, keep };

// Control characters (C0, DEL, C1), marks of direction, line and paragraph separators, invisible characters
// and bytes that are no UTF-8 as "\n", "\x1b", "\u202e", "\xff". Everything else, a backslash too, stays as
// it is.
std::string printable(std::string_view text, LineEnds line_ends = LineEnds::escape);

// The same in a JSON text, as "\u202e": the document keeps its meaning. Line ends between its parts stay.
std::string printable_json(std::string_view json);

}  // namespace weather::sensors
