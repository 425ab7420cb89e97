// What is in the messages of bluetoothd. Whatever is not as its interface says is passed over.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <systemd/sd-bus.h>

#include "sensors/bluetooth/advertisement.hpp"
#include "sensors/bluetooth/families.hpp"
#include "sensors/bluetooth/scanner.hpp"

namespace weather::sensors::bluetooth {

inline constexpr char adapter_interface[] = "org.bluez.Adapter1", device_interface[] = "org.bluez.Device1",
                      manager_interface[] = "org.bluez.AdvertisementMonitorManager1";

using Reads = std::function<bool(Under, std::uint16_t)>;

// Each reads an a{sv} that is next. False: the message is broken.
bool read_device(sd_bus_message* message, const Reads& reads, Advertisement& heard);
bool read_adapter(sd_bus_message* message, Adapter& adapter);
bool read_manager(sd_bus_message* message, bool& takes_patterns);

// The a{sa{sv}} of an object, each interface and its a{sv}; `read` reads it, or leaves it alone. It returns
// false where the message is broken.
using ReadInterface = std::function<bool(const std::string& interface)>;
bool read_interfaces(sd_bus_message* message, const ReadInterface& read);
bool read_object(sd_bus_message* message, const std::string& path, const Reads& reads, Adapter& adapter,
                 Advertisement& heard);

}  // namespace weather::sensors::bluetooth
