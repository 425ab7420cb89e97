// Directions in degrees, which go round: their names, their differences, and their mean. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace weather::sensors {

bool is_direction(std::string_view quantity);  // by canonical name

// The shorter way round: 359 and 1 are two degrees apart.
double turn_between(double a, double b);

// The mean of directions as vectors: 350 and 10 are 0.
class MeanDirection {
 public:
  void add(double degrees, double length = 1);
  // In [0, 360). None without a direction, or where they cancel each other out: if what is left is no more
  // than this share of all lengths.
  std::optional<double> mean(double least_share = 0.01) const;
  void clear() { *this = {}; }

 private:
  double east_ = 0, north_ = 0, length_ = 0;
};

}  // namespace weather::sensors
