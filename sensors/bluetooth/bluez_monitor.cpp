#include "sensors/bluetooth/bluez_monitor.hpp"

#include <string>

namespace weather::sensors::bluetooth {
namespace {

constexpr char monitor_interface[] = "org.bluez.AdvertisementMonitor1";

int on_activate(sd_bus_message* message, void* monitor, sd_bus_error*) {
  static_cast<BluezMonitor*>(monitor)->activated(true);
  return sd_bus_reply_method_return(message, nullptr);
}
int on_release(sd_bus_message* message, void* monitor, sd_bus_error*) {
  static_cast<BluezMonitor*>(monitor)->activated(false);
  return sd_bus_reply_method_return(message, nullptr);
}
// The signals of the device say the same.
int on_device(sd_bus_message* message, void*, sd_bus_error*) {
  return sd_bus_reply_method_return(message, nullptr);
}

int say_type(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void*, sd_bus_error*) {
  return sd_bus_message_append(reply, "s", "or_patterns");
}

int say_patterns(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* monitor,
                 sd_bus_error*) {
  int result = sd_bus_message_open_container(reply, 'a', "(yyay)");
  for (const auto& pattern : static_cast<const BluezMonitor*>(monitor)->patterns) {
    if (result >= 0) result = sd_bus_message_open_container(reply, 'r', "yyay");
    if (result >= 0) result = sd_bus_message_append(reply, "yy", 0, pattern.type);
    if (result >= 0)
      result = sd_bus_message_append_array(reply, 'y', pattern.begin.data(), pattern.begin.size());
    if (result >= 0) result = sd_bus_message_close_container(reply);
  }
  return result < 0 ? result : sd_bus_message_close_container(reply);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"  // sd-bus's own macros
const sd_bus_vtable monitor_table[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Release", "", "", on_release, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Activate", "", "", on_activate, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("DeviceFound", "o", "", on_device, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("DeviceLost", "o", "", on_device, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Type", "s", say_type, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Patterns", "a(yyay)", say_patterns, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END};
#pragma GCC diagnostic pop

}  // namespace

bool BluezMonitor::show_on(sd_bus* bus) {
  const auto path = std::string(monitors_path) + "/1";
  return sd_bus_add_object_manager(bus, nullptr, monitors_path) >= 0 &&
         sd_bus_add_object_vtable(bus, nullptr, path.c_str(), monitor_interface, monitor_table, this) >= 0;
}

}  // namespace weather::sensors::bluetooth
