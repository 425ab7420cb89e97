// How a time is written in our JSON.
#pragma once

#include <cstdint>

#include <boost/json/value.hpp>

#include "sensors/reading/time.hpp"

namespace weather::gateway {

// RFC 3339 in UTC; null for 0: never.
inline boost::json::value time_json(std::int64_t ns) {
  if (ns == 0) return nullptr;
  return boost::json::value(sensors::format_time(ns));
}

}  // namespace weather::gateway
