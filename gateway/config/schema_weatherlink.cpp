// The keys of [[weatherlink]].
#include <array>

#include "gateway/config/assign.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using W = table::Of<WeatherlinkConfig>;
constexpr std::array weatherlink_fields{
    Field{"address", Kind::text, "",
          "HOST or HOST:PORT of a Davis WeatherLink Live, best an address that the router always gives it",
          W::set<&WeatherlinkConfig::address>},
    Field{"interval",
          Kind::duration,
          R"("1m")",
          "time between two questions for its conditions; it takes one every 10 seconds",
          W::set<&WeatherlinkConfig::interval>,
          {},
          "10000..86400000"},
    Field{"wind", Kind::boolean, "false",
          "take the wind and the rain that it broadcasts every 2.5 seconds to UDP port 22222 as well",
          W::set<&WeatherlinkConfig::wind>},
    Field{"name", Kind::text, R"("")",
          "name of this source in status and metrics; empty: weatherlink:ADDRESS",
          W::set<&WeatherlinkConfig::name>},
};

constexpr std::array weatherlink_section{
    Section{"weatherlink", true, "a Davis WeatherLink Live in the local network, asked over HTTP",
            weatherlink_fields, table::element<&Config::weatherlink>}};

}  // namespace

std::span<const Section> weatherlink_sections() {
  return weatherlink_section;
}

}  // namespace weather::gateway
