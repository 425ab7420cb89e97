#include "sensors/reading/direction.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weather::sensors {
namespace {

constexpr double full_turn = 360, radians = std::numbers::pi / 180;

}  // namespace

bool is_direction(std::string_view quantity) {
  return quantity == "wind_from_direction" || quantity == "wind_gust_from_direction";
}

double turn_between(double a, double b) {
  const double plain = std::abs(a - b);
  return std::min(plain, std::abs(full_turn - plain));
}

void MeanDirection::add(double degrees, double length) {
  east_ += length * std::sin(degrees * radians);
  north_ += length * std::cos(degrees * radians);
  length_ += length;
}

std::optional<double> MeanDirection::mean(double least_share) const {
  if (!(std::hypot(east_, north_) > least_share * length_)) return std::nullopt;
  return std::fmod(std::atan2(east_, north_) / radians + full_turn, full_turn);
}

}  // namespace weather::sensors
