// The keys of [[bluetooth]].
#include <array>

#include "gateway/config/assign.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using T = table::Of<BluetoothConfig>;
constexpr std::array bluetooth_fields{
    Field{"adapter", Kind::text, R"("")",
          "hci0, or an adapter's address, which stays where its number does not; empty: the first that is on",
          T::set<&BluetoothConfig::adapter>},
    Field{"accept", Kind::choice, R"("known")",
          "known: devices, and those with a key. all: every sensor that is heard, the neighbours' too",
          T::set<&BluetoothConfig::accept>, "known|all"},
    Field{"devices", Kind::list, "[]", "addresses of the sensors: [\"A4:C1:38:00:00:01\"]",
          T::set<&BluetoothConfig::devices>},
    Field{"keys_file", Kind::path, R"("")",
          "a line for each sensor that encrypts: its address and its key of 32 hexadecimal digits",
          T::set<&BluetoothConfig::keys_file>},
    Field{"families", Kind::list, "[]",
          "what is understood: bthome, ruuvi, govee, xiaomi, atc; none: all of them",
          T::set<&BluetoothConfig::families>},
    Field{"repeat",
          Kind::duration,
          R"("1m")",
          "a value that does not change, of a sensor that does not number its packets, is a reading so often",
          T::set<&BluetoothConfig::repeat>,
          {},
          "1000..86400000"},
    Field{"name", Kind::text, R"("")", "name of this source in status and metrics; empty: bluetooth:ADAPTER",
          T::set<&BluetoothConfig::name>},
};

constexpr std::array bluetooth_section{
    Section{"bluetooth", true, "sensors that say by Bluetooth LE what they measure, heard by bluetoothd",
            bluetooth_fields, table::element<&Config::bluetooth>}};

}  // namespace

std::span<const Section> bluetooth_sections() {
  return bluetooth_section;
}

}  // namespace weather::gateway
