// What is wired to this machine as sources: [[bus]], [[modbus]], [[serial]] and [[nmea]].
#pragma once

#include <memory>
#include <string>

#include "gateway/app/sources.hpp"

namespace weather::gateway {

// They throw what the sources throw.
std::unique_ptr<Source> make_bus(const BusConfig& bus, const std::string& name, sensors::Sink& sink);
std::unique_ptr<Source> make_modbus(const ModbusConfig& modbus, const std::string& name, sensors::Sink& sink);
std::unique_ptr<Source> make_serial(const SerialConfig& serial, const std::string& name,
                                    sensors::Decoder decode, sensors::Sink& sink);
std::unique_ptr<Source> make_nmea(const NmeaConfig& nmea, const std::string& name, sensors::Sink& sink);

}  // namespace weather::gateway
