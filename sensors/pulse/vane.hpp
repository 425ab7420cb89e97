// A wind vane: a switch or potentiometer whose voltage says a direction. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace weather::sensors {

enum class BetweenEntries : std::uint8_t {
  nearest,  // a vane with a contact for each direction
  linear,   // a potentiometer
};

class VaneTable {
 public:
  // From a configuration, millivolts to degrees: { "411" = "0", "1377" = "22.5" }. The error says what is
  // wrong with it: fewer than two entries, a number that is none, a direction outside of 0 to 360.
  static tl::expected<VaneTable, std::string> parse(const std::map<std::string, std::string>& degrees_by_mv,
                                                    BetweenEntries between);

  // In [0, 360). None for what the vane cannot give: further outside of the table than half of the way to the
  // next entry (nearest), or than a hundredth of its width (linear), as without a vane or with a broken wire.
  std::optional<double> degrees(double mv) const;

 private:
  struct Entry {
    double mv, degrees;
  };
  std::vector<Entry> entries_;  // by voltage, two at least
  BetweenEntries between_ = BetweenEntries::nearest;
};

}  // namespace weather::sensors
