#include "gateway/config/quantity_name.hpp"

#include <vector>

#include "gateway/config/values.hpp"
#include "sensors/reading/quantities.hpp"

namespace weather::gateway {

std::string quantity_slip(std::string_view written) {
  const auto name = sensors::canonical_name(written);
  if (sensors::find_quantity(name) != nullptr) return {};
  std::vector<std::string_view> known;
  for (const auto& info : sensors::known_quantities()) {
    known.push_back(info.name);
    if (info.alias != info.name) known.push_back(info.alias);
  }
  const auto near = nearest(name, known);
  if (!near) return {};
  return "no quantity \"" + std::string(written) + "\"; did you mean \"" + std::string(*near) + "\"?";
}

}  // namespace weather::gateway
