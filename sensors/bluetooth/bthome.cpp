#include "sensors/bluetooth/bthome.hpp"

#include <string>

#include "sensors/bluetooth/bthome_objects.hpp"
#include "sensors/reading/quantities.hpp"

namespace weather::sensors::bluetooth {
namespace {

constexpr std::uint8_t encrypted_bit = 1, version_shift = 5, known_version = 2;
constexpr std::size_t counter_bytes = 4, bthome_tag_bytes = 4;

std::string hexadecimal(Bytes bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const auto byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

// "2" where the packet has one of this quantity already.
std::string next_part(const v1::Reading& reading, std::string_view quantity) {
  const auto name = canonical_name(quantity);
  int count = 0;
  for (const auto& there : reading.quantities()) count += there.name() == name ? 1 : 0;
  return count == 0 ? std::string() : std::to_string(count + 1);
}

// Of temperature and humidity the ends of the range are what firmware sends without a sensor.
std::optional<double> number_in(const BthomeObject& object, Bytes value) {
  const auto bits = little(value, 0, value.size());
  const bool is_signed = object.form == BthomeForm::signed_number;
  const auto number = is_signed ? as_signed(bits, value.size()) * object.step : bits * object.step;
  const std::string_view unit(object.unit);
  if (value.size() != 2 || (unit != "Cel" && unit != "%")) return number;
  return is_signed ? unless_lowest(as_signed(bits, 2), 2, object.step)
                   : unless_all_ones(bits, 2, object.step);
}

// "1.2.3", the least significant number first in the packet.
std::string version_in(Bytes value) {
  std::string out;
  for (std::size_t i = value.size(); i > 0; --i)
    out += (out.empty() ? "" : ".") + std::to_string(value[i - 1]);
  return out;
}

void add_object(Decoded& out, const BthomeObject& object, Bytes value) {
  auto& reading = out.reading;
  const auto part = next_part(reading, object.quantity);
  const Field field{.name = object.quantity, .unit = object.unit, .part = part};
  switch (object.form) {
    case BthomeForm::unsigned_number:
    case BthomeForm::signed_number:
      return add_value(reading, field, number_in(object, value));
    case BthomeForm::boolean:
      add_quantity(reading, field, value[0] != 0);
      return;
    case BthomeForm::packet_id:
      out.number = value[0];
      return;
    case BthomeForm::battery:
      return set_battery_percent(reading, value[0]);
    case BthomeForm::battery_low:
      if (value[0] == 1) reading.set_flags(reading.flags() | v1::FLAG_BATTERY_LOW);
      return;
    case BthomeForm::text: {
      const auto text = to_utf8({reinterpret_cast<const char*>(value.data()), value.size()});
      add_quantity(reading, field, std::string_view(text));
      return;
    }
    case BthomeForm::raw:
    case BthomeForm::command: {
      const auto text = hexadecimal(value);
      add_quantity(reading, field, std::string_view(text));
      return;
    }
    case BthomeForm::firmware:
      reading.mutable_source()->set_firmware(version_in(value));
      return;
    case BthomeForm::skipped:
      return;
  }
}

Result read_objects(Bytes bytes) {
  Decoded out;
  out.reading.mutable_source()->set_model("BTHome");
  bool cut_off = false;
  while (!bytes.empty() && !cut_off) {
    const auto* const object = find_bthome_object(bytes[0]);
    if (object == nullptr) {
      out.unknown = bytes[0];
      break;
    }
    std::size_t at = 1, size = object->bytes;
    const bool has_length = object->form == BthomeForm::text || object->form == BthomeForm::raw ||
                            object->form == BthomeForm::command;
    if (has_length && bytes.size() > 1) {
      at = 2;
      size = object->form == BthomeForm::command ? 1U + (bytes[1] & 0x1FU) : bytes[1];
    }
    cut_off = bytes.size() < at + size;
    if (cut_off) break;
    if (size > 0) add_object(out, *object, bytes.subspan(at, size));
    bytes = bytes.subspan(at + size);
  }
  if (says_something(out.reading) || out.unknown) return out;
  return tl::unexpected(cut_off ? Fault::malformed : Fault::empty);
}

Result open_and_read(const Piece& piece) {
  const auto bytes = piece.bytes;
  if (bytes.size() <= 1 + counter_bytes + bthome_tag_bytes) return tl::unexpected(Fault::malformed);
  if (piece.key == nullptr) return tl::unexpected(Fault::no_key);
  const auto counter = bytes.subspan(bytes.size() - bthome_tag_bytes - counter_bytes, counter_bytes);
  const auto address = address_bytes(piece.address);
  std::vector<std::uint8_t> nonce(address.begin(), address.end());
  nonce.insert(nonce.end(), {0xD2, 0xFC, bytes[0]});
  nonce.insert(nonce.end(), counter.begin(), counter.end());
  const auto sealed = bytes.subspan(1, bytes.size() - 1 - counter_bytes - bthome_tag_bytes);
  const auto said = open_ccm(*piece.key, nonce, sealed, bytes.last(bthome_tag_bytes));
  if (!said) return tl::unexpected(Fault::wrong_key);
  auto out = read_objects(*said);
  if (out) out->counter = little(counter, 0, counter_bytes);
  return out;
}

}  // namespace

Result decode_bthome(const Piece& piece) {
  if (piece.bytes.empty()) return tl::unexpected(Fault::malformed);
  const auto information = piece.bytes[0];
  if (information >> version_shift != known_version) return tl::unexpected(Fault::foreign);
  if ((information & encrypted_bit) != 0) return open_and_read(piece);
  if (piece.key != nullptr) return tl::unexpected(Fault::open);
  return read_objects(piece.bytes.subspan(1));
}

}  // namespace weather::sensors::bluetooth
