// Fuzz target: what devices advertise. First byte: the family and which of its numbers; second: with a key,
// with a name. The rest is heard twice, the second time at a later time and with one byte changed.
#include <cstdint>
#include <vector>

#include "sensors/bluetooth/receiver.hpp"
#include "tests/fuzz/readings.hpp"

namespace {

using namespace weather::sensors;
namespace ble = weather::sensors::bluetooth;

constexpr ble::Address device = 0xA4C138AABBCC;

ble::Receiver receiver_of(const ble::Family& family, bool with_key) {
  ble::ReceiverOptions options;
  options.families = {std::string(family.name)};
  options.accept_all = true;
  if (with_key) options.keys[device] = ble::Key{};
  return ble::Receiver(options);
}

void demand_sound_of(const std::vector<Reading>& readings, std::size_t most) {
  demand(readings.size() <= most);
  for (const auto& reading : readings) {
    demand_sound(reading);
    demand(reading.arrival().has_file());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto all = ble::families();
  const auto chosen_family = chosen(data[0]);
  const auto& family = all[chosen_family % all.size()];
  auto receiver = receiver_of(family, data[1] % 2 == 1);
  constexpr const char* names[] = {"", "GVH5177_1234", "GVH5106_1234", "GV5140303A"};
  ble::Advertisement heard;
  heard.address = device;
  heard.name = names[data[1] / 2 % 4];
  const auto number = family.numbers[chosen_family / all.size() % family.numbers.size()];
  auto& under = family.under == ble::Under::company ? heard.manufacturer : heard.service;
  under.push_back({number, {data + 2, data + size}});
  constexpr std::int64_t minute = 60'000'000'000;
  demand_sound_of(receiver.take(heard, minute), 1);
  demand(receiver.take(heard, minute).empty());
  if (size > 2) under[0].bytes[data[1] % under[0].bytes.size()] ^= 1;
  demand_sound_of(receiver.take(heard, 3 * minute), 1);
  demand_sound_of(receiver.again(device, std::int16_t{-50}, 5 * minute), 2);
  const auto& counts = receiver.counts();
  demand(counts.advertisements == 3 && counts.repeats <= 2);
  // A restart knows what counted.
  auto later = receiver_of(family, data[1] % 2 == 1);
  later.restore(receiver.positions(), 5 * minute);
  if (!heard.name.empty()) later.named(device, heard.name, 5 * minute);
  demand(later.take(heard, 5 * minute).empty());
  return 0;
}
