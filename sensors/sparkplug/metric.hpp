// One Sparkplug metric as a leaf for the mapping rules. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "sensors/mapping/leaf.hpp"
#include "sensors/sparkplug/sparkplug.pb.h"

namespace weather::sensors {

// What a birth says about a metric; data may send the alias alone.
struct MetricDefinition {
  std::string name;
  std::uint32_t datatype = 0;
  std::string unit;  // property engUnit, as Ignition and others send it
};

MetricDefinition definition_of(const sparkplug::Metric& metric);

// int_value and long_value hold two's complement: the datatype tells the sign. Bytes become hexadecimal text.
// False: a value this gateway does not interpret (data set, template, array).
bool metric_value(const sparkplug::Metric& metric, std::uint32_t datatype, Scalar& value);

// "Outdoor/Temperature" is the path Outdoor, Temperature.
Leaf metric_leaf(const MetricDefinition& definition, Scalar value);

}  // namespace weather::sensors
