// What top/ needs of our JSON. Pure. Foreign text comes out printable.
#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "sensors/reading/printable.hpp"

namespace weather::gateway {

// Of a member of an object; empty or 0 if it is not there.
inline std::string text_of(const boost::json::value& object, const char* name) {
  const auto* value = object.as_object().if_contains(name);
  return value == nullptr || !value->is_string() ? std::string()
                                                 : sensors::printable(std::string(value->as_string()));
}
inline double number_of(const boost::json::value& object, const char* name) {
  const auto* value = object.as_object().if_contains(name);
  return value == nullptr || !value->is_number() ? 0 : value->to_number<double>();
}

}  // namespace weather::gateway
