#include "sensors/bluetooth/bluez_read.hpp"

#include <string_view>

namespace weather::sensors::bluetooth {
namespace {

// Each entry of a dictionary of variants: `one` reads the variant, or says false and it is passed over.
template <char KeyType, class Key, class One>
bool each_entry(sd_bus_message* message, const One& one) {
  constexpr char entry[] = {KeyType, 'v', 0};
  constexpr char entries[] = {'{', KeyType, 'v', '}', 0};
  if (sd_bus_message_enter_container(message, 'a', entries) < 0) return false;
  int more = 0;
  while ((more = sd_bus_message_enter_container(message, 'e', entry)) > 0) {
    Key key{};
    if (sd_bus_message_read_basic(message, KeyType, &key) < 0) return false;
    if (!one(key) && sd_bus_message_skip(message, "v") < 0) return false;
    if (sd_bus_message_exit_container(message) < 0) return false;
  }
  return more == 0 && sd_bus_message_exit_container(message) >= 0;
}

bool holds(sd_bus_message* message, const char* type) {
  char kind = 0;
  const char* contents = nullptr;
  return sd_bus_message_peek_type(message, &kind, &contents) > 0 && kind == 'v' && contents != nullptr &&
         std::string_view(contents) == type;
}

template <class Out>
bool read_simple(sd_bus_message* message, const char* type, Out& out) {
  return holds(message, type) && sd_bus_message_read(message, "v", type, &out) >= 0;
}

bool read_text(sd_bus_message* message, std::string& out) {
  const char* text = nullptr;
  if (!read_simple(message, "s", text)) return false;
  out = text;
  return true;
}

bool read_flag(sd_bus_message* message, std::optional<bool>& out) {
  int flag = 0;
  if (!read_simple(message, "b", flag)) return false;
  out = flag != 0;
  return true;
}

bool read_bytes(sd_bus_message* message, std::vector<std::uint8_t>& out) {
  const void* bytes = nullptr;
  std::size_t size = 0;
  if (!holds(message, "ay") || sd_bus_message_enter_container(message, 'v', "ay") < 0 ||
      sd_bus_message_read_array(message, 'y', &bytes, &size) < 0 ||
      sd_bus_message_exit_container(message) < 0)
    return false;
  const auto* const begin = static_cast<const std::uint8_t*>(bytes);
  out.assign(begin, begin + size);
  return true;
}

bool read_manufacturer(sd_bus_message* message, const Reads& reads, std::vector<AdvertisedData>& out) {
  if (!holds(message, "a{qv}") || sd_bus_message_enter_container(message, 'v', "a{qv}") < 0) return false;
  return each_entry<'q', std::uint16_t>(
             message,
             [&](std::uint16_t company) {
               AdvertisedData data{company, {}};
               if (!reads(Under::company, company) || !read_bytes(message, data.bytes)) return false;
               out.push_back(std::move(data));
               return true;
             }) &&
         sd_bus_message_exit_container(message) >= 0;
}

bool read_services(sd_bus_message* message, const Reads& reads, std::vector<AdvertisedData>& out) {
  if (!holds(message, "a{sv}") || sd_bus_message_enter_container(message, 'v', "a{sv}") < 0) return false;
  return each_entry<'s', const char*>(
             message,
             [&](const char* uuid) {
               const auto number = short_uuid(uuid);
               AdvertisedData data{number.value_or(0), {}};
               if (!number || !reads(Under::service, *number) || !read_bytes(message, data.bytes))
                 return false;
               out.push_back(std::move(data));
               return true;
             }) &&
         sd_bus_message_exit_container(message) >= 0;
}

}  // namespace

bool read_device(sd_bus_message* message, const Reads& reads, Advertisement& heard) {
  return each_entry<'s', const char*>(message, [&](const char* key) {
    const std::string_view name(key);
    std::int16_t rssi = 0;
    if (name == "ManufacturerData") return read_manufacturer(message, reads, heard.manufacturer);
    if (name == "ServiceData") return read_services(message, reads, heard.service);
    if (name == "Name") return read_text(message, heard.name);
    if (name != "RSSI" || !read_simple(message, "n", rssi)) return false;
    heard.rssi_dbm = rssi;
    return true;
  });
}

bool read_adapter(sd_bus_message* message, Adapter& adapter) {
  return each_entry<'s', const char*>(message, [&](const char* key) {
    const std::string_view name(key);
    if (name == "Address") return read_text(message, adapter.address);
    if (name == "Powered") return read_flag(message, adapter.powered);
    return name == "Discovering" && read_flag(message, adapter.discovering);
  });
}

bool read_manager(sd_bus_message* message, bool& takes_patterns) {
  return each_entry<'s', const char*>(message, [&](const char* key) {
    if (std::string_view(key) != "SupportedMonitorTypes" || !holds(message, "as") ||
        sd_bus_message_enter_container(message, 'v', "as") < 0 ||
        sd_bus_message_enter_container(message, 'a', "s") < 0)
      return false;
    const char* type = nullptr;
    while (sd_bus_message_read_basic(message, 's', &type) > 0)
      if (std::string_view(type) == "or_patterns") takes_patterns = true;
    return sd_bus_message_exit_container(message) >= 0 && sd_bus_message_exit_container(message) >= 0;
  });
}

bool read_interfaces(sd_bus_message* message, const ReadInterface& read) {
  if (sd_bus_message_enter_container(message, 'a', "{sa{sv}}") < 0) return false;
  int more = 0;
  while ((more = sd_bus_message_enter_container(message, 'e', "sa{sv}")) > 0) {
    const char* interface = nullptr;
    if (sd_bus_message_read_basic(message, 's', &interface) < 0 || !read(interface) ||
        sd_bus_message_exit_container(message) < 0)
      return false;
  }
  return more == 0 && sd_bus_message_exit_container(message) >= 0;
}

bool read_object(sd_bus_message* message, const std::string& path, const Reads& reads, Adapter& adapter,
                 Advertisement& heard) {
  return read_interfaces(message, [&](const std::string& interface) {
    if (interface == adapter_interface) {
      adapter.path = path;
      return read_adapter(message, adapter);
    }
    if (interface == manager_interface) return read_manager(message, adapter.monitors);
    const auto address = interface == device_interface ? address_of_path(path) : std::nullopt;
    if (!address) return sd_bus_message_skip(message, "a{sv}") >= 0;
    heard.address = *address;
    return read_device(message, reads, heard);
  });
}

}  // namespace weather::sensors::bluetooth
