// What a sensor says, for people: of an object of /api/v1/sensors or of `tail`. Pure; any thread. Foreign
// text in it has been through printable().
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

namespace weather::gateway {

// "temperature 21.6 °C, humidity 60 %" as the page has it (shown_value.hpp), or "cannot be read: why".
std::string value_text(const boost::json::object& sensor);
// What is to be looked after: "battery low (15 %)", "doubtful: temperature (step)". Empty: nothing is.
std::string trouble_text(const boost::json::object& sensor);
// The rest it says about itself: "battery 88 %, signal -71 dBm".
std::string radio_text(const boost::json::object& sensor);

}  // namespace weather::gateway
