// Lines of instruments as documents, so that a mapping reads them like any other message. Pure.
//
//   0R0,Dm=236D,Sm=0.1M,Ta=21.4C,Ua=38.2P     {"0":"0R0","Dm":{"value":"236","unit":"D"}, ...}
//   A 12.4 mm 3                               {"0":"A","1":"12.4","2":"mm","3":"3"}
//   0+21.4-3.5                  (SDI-12)      {"address":"0","1":"+21.4","2":"-3.5"}
#pragma once

#include <string>
#include <string_view>

namespace weather::sensors {

// Words between commas, semicolons, tabs and blanks, by number from 0; one with a = by its name. Letters
// behind a number are its unit. A number that ends in # is none: so Vaisala's WXT520 and WXT530 mark what
// they do not know.
std::string ascii_as_json(std::string_view line);

// The answer to aD0!: an address and numbers with their signs (SDI-12 1.4, 4.4.7). Empty: it is none.
std::string sdi12_as_json(std::string_view line);

}  // namespace weather::sensors
