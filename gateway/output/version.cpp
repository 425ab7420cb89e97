#include "gateway/output/version.hpp"

namespace weather::gateway {

std::string_view version() {
  return WEATHER_VERSION;
}

std::string_view revision() {
  return WEATHER_REVISION;
}

}  // namespace weather::gateway
