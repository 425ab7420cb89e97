#include "sensors/bluetooth/receiver.hpp"

#include <algorithm>

#include "sensors/bluetooth/govee.hpp"
#include "sensors/bluetooth/ruuvi_tag.hpp"
#include "sensors/mapping/repeats.hpp"

namespace weather::sensors::bluetooth {
namespace {

constexpr std::uint32_t begins_anew_below = 100;
constexpr std::int64_t long_form_lasts_ns = 600'000'000'000;
constexpr std::size_t replay_bit = faults, object_bit = faults + 1;

// Which quantities a packet of this sensor has.
std::uint64_t kind_of(std::string_view id, std::string_view family, const Reading& reading) {
  std::string names(id);
  names += family;
  for (const auto& quantity : reading.quantities()) names += ' ' + quantity.name() + ' ' + quantity.part();
  if (reading.link().has_battery_ratio() || reading.link().has_battery_v()) names += " battery";
  return hash_bytes(names);
}

std::uint32_t content_of(const Reading& reading) {
  const auto hash = hash_bytes(reading.SerializeAsString());
  return static_cast<std::uint32_t>(hash ^ hash >> 32U);
}

std::string_view advice(Fault fault) {
  switch (fault) {
    case Fault::no_key:
      return "is encrypted: put its key into keys_file";
    case Fault::wrong_key:
      return "cannot be opened with its key in keys_file";
    case Fault::open:
      return "has a key and sends unencrypted, as anybody can: not taken; if it was changed so, remove its "
             "key";
    case Fault::no_name:
      return "is not understood until it has said its name, for which it must be asked: a passive scan does "
             "not";
    default:
      return {};
  }
}

}  // namespace

Receiver::Receiver(ReceiverOptions options) : options_(std::move(options)), devices_(options_.devices) {
  for (const auto& [address, key] : options_.keys) devices_.insert(address);
  for (const auto& family : families())
    if (options_.families.empty() || std::ranges::count(options_.families, family.name) > 0)
      families_.push_back(&family);
}

bool Receiver::wants(Address address) const {
  return options_.accept_all || devices_.contains(address);
}

bool Receiver::reads(Under under, std::uint16_t number) const {
  return std::ranges::any_of(families_, [&](const Family* family) {
    return family->under == under && std::ranges::count(family->numbers, number) > 0;
  });
}

std::vector<Pattern> Receiver::patterns() const {
  return bluetooth::patterns(families_);
}

std::vector<Reading> Receiver::take(const Advertisement& heard, std::int64_t now_ns) {
  std::vector<Reading> readings;
  if (!wants(heard.address)) return readings;
  named(heard.address, heard.name, now_ns);
  bool of_a_family = false;
  for (const auto* family : families_)
    for (const auto& data : family->under == Under::company ? heard.manufacturer : heard.service)
      if (std::ranges::count(family->numbers, data.number) > 0) {
        of_a_family = true;
        take_piece(*family, data, heard, now_ns, readings);
      }
  if (of_a_family) ++counts_.advertisements;
  return readings;
}

void Receiver::take_piece(const Family& family, const AdvertisedData& data, const Advertisement& heard,
                          std::int64_t now_ns, std::vector<Reading>& readings) {
  const auto key = options_.keys.find(heard.address);
  const auto there = known_.find(heard.address);
  const Piece piece{heard.address, there == known_.end() ? std::string_view() : there->second.name,
                    data.number, data.bytes, key == options_.keys.end() ? nullptr : &key->second};
  const auto id = std::string(family.id_prefix) + address_text(heard.address);
  auto decoded = family.decode(piece);
  if (!decoded) return refuse(heard.address, id, decoded.error());
  auto& device = this->device(heard.address, now_ns);
  if (decoded->counter) {
    if (device.counter == decoded->counter) {
      ++device.repeats;
      ++counts_.repeats;
      return;
    }
    if (is_replay(device, heard.address, *decoded->counter)) return;
    device.counter = decoded->counter;
    if (!decoded->number) decoded->number = decoded->counter;
  }
  auto& reading = decoded->reading;
  const auto kind = kind_of(id, family.name, reading);
  const auto content = content_of(reading);
  const auto before = device.kinds.find(kind);
  const auto again_ns = std::chrono::nanoseconds(options_.repeat).count();
  const bool repeated = before != device.kinds.end() && before->second.content == content &&
                        before->second.number == decoded->number &&
                        (decoded->number || now_ns - before->second.stored_ns < again_ns);
  if (is_short_of_long(device, reading, now_ns) || repeated) {
    ++device.repeats;
    ++counts_.repeats;
    return;
  }
  if (decoded->unknown) {
    ++counts_.unknown_objects;
    note(heard.address, object_bit,
         id + " sends object " + std::to_string(*decoded->unknown) +
             " of BTHome, which is not known here: its readings end there");
  }
  if (!says_something(reading)) return;
  reading.set_sensor_id(id);
  if (decoded->number) reading.set_source_sequence(std::uint64_t{*decoded->number} + 1);
  auto& file = *reading.mutable_arrival()->mutable_file();
  file.set_device(heard.address);
  file.set_inode(kind);
  file.set_offset(reading.source_sequence());
  file.set_head(content);
  file.set_tail(device.counter.value_or(0));
  auto& last = device.kinds[kind];
  last = {decoded->number, content, now_ns, {}};
  if (!decoded->number) last.reading = reading;
  readings.push_back(finished(std::move(reading), device, heard.address, heard.rssi_dbm));
}

std::vector<Reading> Receiver::again(Address address, std::optional<std::int16_t> rssi_dbm,
                                     std::int64_t now_ns) {
  std::vector<Reading> readings;
  const auto found = known_.find(address);
  if (found == known_.end()) return readings;
  found->second.heard_ns = now_ns;
  for (auto& [kind, last] : found->second.kinds) {
    if (!last.reading || now_ns - last.stored_ns < std::chrono::nanoseconds(options_.repeat).count())
      continue;
    last.stored_ns = now_ns;
    readings.push_back(finished(*last.reading, found->second, address, rssi_dbm));
  }
  return readings;
}

void Receiver::named(Address address, const std::string& name, std::int64_t now_ns) {
  if (wants(address) && is_govee_name(name)) device(address, now_ns).name = name;
}

Receiver::Device& Receiver::device(Address address, std::int64_t now_ns) {
  if (!known_.contains(address) && known_.size() >= most_devices)
    known_.erase(std::min_element(known_.begin(), known_.end(), [](const auto& a, const auto& b) {
      return a.second.heard_ns < b.second.heard_ns;
    }));
  auto& device = known_[address];
  device.heard_ns = now_ns;
  return device;
}

bool Receiver::is_replay(Device& device, Address address, std::uint32_t counter) {
  if (!device.counter || counter > *device.counter || counter < begins_anew_below) return false;
  ++counts_.replayed;
  note(address, replay_bit,
       address_text(address) + ": packet " + std::to_string(counter) + " came after " +
           std::to_string(*device.counter) + ", as if an old one was sent again: not taken");
  return true;
}

bool Receiver::is_short_of_long(Device& device, const Reading& reading, std::int64_t now_ns) {
  if (reading.source().model() == ruuvi_air_long) device.long_form_ns = now_ns;
  return reading.source().model() == ruuvi_air_short && device.long_form_ns &&
         now_ns - *device.long_form_ns < long_form_lasts_ns;
}

Reading Receiver::finished(Reading reading, Device& device, Address address,
                           std::optional<std::int16_t> rssi_dbm) {
  ++counts_.readings;
  reading.mutable_source()->set_adapter("bluetooth");
  reading.mutable_source()->set_address(address_text(address));
  if (rssi_dbm) reading.mutable_link()->set_rssi_dbm(*rssi_dbm);
  if (device.repeats > 0) reading.mutable_link()->set_repeats(std::exchange(device.repeats, 0));
  return reading;
}

void Receiver::refuse(Address address, std::string_view id, Fault fault) {
  ++counts_.by_fault[static_cast<std::size_t>(fault)];
  if (const auto text = advice(fault); !text.empty())
    note(address, static_cast<std::size_t>(fault), std::string(id) + " " + std::string(text));
}

// Neighbours' devices are no news.
void Receiver::note(Address address, std::size_t bit, std::string text) {
  if (!devices_.contains(address)) return;
  auto& reported = known_[address].reported;
  if (!reported.test(bit)) notes_.push_back(std::move(text));
  reported.set(bit);
}

void Receiver::restore(std::span<const FilePosition> positions, std::int64_t now_ns) {
  for (const auto& position : positions) {
    if (!wants(position.device)) continue;
    auto& device = this->device(position.device, now_ns);
    if (position.tail > 0) device.counter = position.tail;
    Last last{{}, position.head, now_ns, {}};
    if (position.offset > 0) last.number = static_cast<std::uint32_t>(position.offset - 1);
    device.kinds[position.inode] = std::move(last);
  }
}

std::vector<FilePosition> Receiver::positions() const {
  std::vector<FilePosition> all;
  for (const auto& [address, device] : known_)
    for (const auto& [kind, last] : device.kinds)
      all.push_back({address, kind, last.number ? std::uint64_t{*last.number} + 1 : 0, last.content,
                     device.counter.value_or(0)});
  return all;
}

std::vector<std::string> Receiver::take_notes() {
  return std::exchange(notes_, {});
}

}  // namespace weather::sensors::bluetooth
