// Whose advertisements count, and which of them say something new. Pure; one thread at a time.
//
// A sensor sends each measurement many times. One reading is made of each:
//  - of a packet with a number of the sensor's own (packet id, sequence, frame counter) whose number or
//  values
//    are others than those of the last one of its kind;
//  - of a packet without one whose values are others, or that comes again `repeat` after the last reading, so
//    that a value that does not change is not silence.
// The kind of a packet is which quantities are in it: temperature and battery may come in turns. Ruuvi Air
// says each measurement in a short and a long form; where the long one is heard, the short one is a repeat.
//
// An encrypted packet counts if its counter is above that of the last one; or below 100, because a new
// battery begins anew (so does bthome-ble).
//
// What counted last rides in the reading's own record, as positions of files do (../file_position.hpp), so
// that a restart makes no reading twice, and takes no old packet for a new one.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sensors/bluetooth/advertisement.hpp"
#include "sensors/bluetooth/families.hpp"
#include "sensors/bluetooth/keys.hpp"
#include "sensors/file_position.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors::bluetooth {

struct ReceiverOptions {
  std::vector<std::string> families;  // names; none: all
  bool accept_all = false;            // else `devices` and those that have a key
  std::set<Address> devices;
  Keys keys;
  std::chrono::milliseconds repeat{60'000};
};

struct ReceiverCounts {
  std::uint64_t advertisements = 0;  // with data of one of the families
  std::uint64_t readings = 0, repeats = 0;
  std::uint64_t replayed = 0;         // whose counter was below the last one
  std::uint64_t unknown_objects = 0;  // at which a reading ended
  std::array<std::uint64_t, faults> by_fault{};
};

class Receiver {
 public:
  static constexpr std::size_t most_devices = 1000;  // beyond it the one heard longest ago is forgotten

  explicit Receiver(ReceiverOptions options);

  bool wants(Address address) const;
  // Is there a reader for data under this number?
  bool reads(Under under, std::uint16_t number) const;
  std::vector<Pattern> patterns() const;
  const std::set<Address>& devices() const { return devices_; }  // without accept_all: all that count
  bool accepts_all() const { return options_.accept_all; }

  // now_ns: a clock that is never set.
  std::vector<Reading> take(const Advertisement& heard, std::int64_t now_ns);
  // It was heard again, with the data that was stored last: the same is not stored twice.
  std::vector<Reading> again(Address address, std::optional<std::int16_t> rssi_dbm, std::int64_t now_ns);
  void named(Address address, const std::string& name, std::int64_t now_ns);

  void restore(std::span<const FilePosition> positions, std::int64_t now_ns);
  std::vector<FilePosition> positions() const;

  const ReceiverCounts& counts() const { return counts_; }
  // What a person should know of a sensor of his, once each.
  std::vector<std::string> take_notes();

 private:
  struct Last {
    std::optional<std::uint32_t> number;
    std::uint32_t content = 0;
    std::int64_t stored_ns = 0;
    std::optional<Reading> reading;  // of a packet without a number
  };
  struct Device {
    std::string name;
    std::map<std::uint64_t, Last> kinds;
    std::optional<std::uint32_t> counter;
    std::optional<std::int64_t> long_form_ns;  // when Ruuvi Air's long form was heard last
    std::int64_t heard_ns = 0;
    std::uint32_t repeats = 0;
    std::bitset<16> reported;
  };

  Device& device(Address address, std::int64_t now_ns);
  void take_piece(const Family& family, const AdvertisedData& data, const Advertisement& heard,
                  std::int64_t now_ns, std::vector<Reading>& readings);
  bool is_replay(Device& device, Address address, std::uint32_t counter);
  static bool is_short_of_long(Device& device, const Reading& reading, std::int64_t now_ns);
  Reading finished(Reading reading, Device& device, Address address, std::optional<std::int16_t> rssi_dbm);
  void refuse(Address address, std::string_view id, Fault fault);
  void note(Address address, std::size_t bit, std::string text);

  ReceiverOptions options_;
  std::set<Address> devices_;
  std::vector<const Family*> families_;
  std::map<Address, Device> known_;
  ReceiverCounts counts_;
  std::vector<std::string> notes_;
};

}  // namespace weather::sensors::bluetooth
