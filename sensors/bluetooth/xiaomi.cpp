#include "sensors/bluetooth/xiaomi.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

namespace weather::sensors::bluetooth {
namespace {

constexpr unsigned bit_encrypted = 1U << 3U, bit_address = 1U << 4U, bit_capability = 1U << 5U,
                   bit_objects = 1U << 6U, bit_mesh = 1U << 7U;
constexpr unsigned least_version = 2, least_version_sealed = 4;
constexpr std::size_t head_bytes = 5, xiaomi_counter_bytes = 3, xiaomi_tag_bytes = 4;

struct Device {
  std::uint16_t type;
  const char* model;
  bool measures_light = false;  // in lux; of others the object says light or dark
};
constexpr Device xiaomi_devices[] = {{0x0098, "HHCCJCY01", true},
                                     {0x015D, "HHCCPOT002"},
                                     {0x01AA, "LYWSDCGQ"},
                                     {0x02DF, "JQJCY01YM"},
                                     {0x0347, "CGG1"},
                                     {0x0387, "MHO-C401"},
                                     {0x03BC, "GCLS002", true},
                                     {0x045B, "LYWSD02"},
                                     {0x055B, "LYWSD03MMC"},
                                     {0x0576, "CGD1"},
                                     {0x066F, "CGDK2"},
                                     {0x06D3, "MHO-C303"},
                                     {0x0B48, "CGG1"},
                                     {0x16E4, "LYWSD02MMC"},
                                     {0x2542, "LYWSD02MMC"},
                                     {0x2832, "MJWSD05MMC"}};

enum class XiaomiForm : std::uint8_t { whole, with_sign, real, battery, air };
struct XiaomiObject {
  std::uint16_t id;
  std::uint8_t bytes;
  XiaomiForm form;
  double step = 1;
  std::string_view quantity = {}, unit = {};
};
using enum XiaomiForm;
constexpr std::uint16_t light_object = 0x1007;
constexpr XiaomiObject xiaomi_objects[] = {
    {0x1004, 2, with_sign, 0.1, "air_temperature", "Cel"},
    {0x1006, 2, whole, 0.1, "relative_humidity", "%"},
    {light_object, 3, whole, 1, "illuminance", "lx"},
    {0x1008, 1, whole, 1, "soil_moisture", "%"},
    {0x1009, 2, whole, 1, "soil_conductivity", "uS/cm"},
    {0x100A, 1, battery},
    {0x100D, 4, air},
    {0x1010, 2, whole, 0.01, "formaldehyde", "mg/m3"},
    {0x4801, 4, real, 0.01, "air_temperature", "Cel"},
    {0x4802, 1, whole, 1, "relative_humidity", "%"},
    {0x4803, 1, battery},
    {0x4805, 4, real, 0.01, "illuminance", "lx"},
    {0x4808, 4, real, 0.01, "relative_humidity", "%"},
    {0x4C01, 4, real, 0.01, "air_temperature", "Cel"},
    {0x4C02, 1, whole, 1, "relative_humidity", "%"},
    {0x4C03, 1, battery},
    {0x4C08, 4, real, 0.01, "relative_humidity", "%"},
};

std::optional<double> celsius_of(Bytes value) {
  return unless_lowest(as_signed(little(value, 0, 2), 2), 2, 0.1);
}
std::optional<double> percent_of(Bytes value) {
  return unless_all_ones(little(value, 0, 2), 2, 0.1);
}

// A float has more digits than were measured.
std::optional<double> real_of(Bytes value, double step) {
  const double real = std::bit_cast<float>(little(value, 0, 4));
  if (!(real > -1e6 && real < 1e6)) return std::nullopt;
  const auto steps = static_cast<std::int64_t>(real / step + (real < 0 ? -0.5 : 0.5));
  return static_cast<double>(steps) * step;
}

void add_object(v1::Reading& reading, const XiaomiObject& object, Bytes value) {
  const Field field{.name = object.quantity, .unit = object.unit};
  switch (object.form) {
    case whole:
      return add_value(reading, field,
                       object.bytes == 2 ? unless_all_ones(little(value, 0, 2), 2, object.step)
                                         : little(value, 0, object.bytes) * object.step);
    case with_sign:
      return add_value(reading, field, celsius_of(value));
    case real:
      return add_value(reading, field, real_of(value, object.step));
    case battery:
      return set_battery_percent(reading, value[0]);
    case air:
      add_value(reading, {.name = "air_temperature", .unit = "Cel"}, celsius_of(value));
      add_value(reading, {.name = "relative_humidity", .unit = "%"}, percent_of(value.subspan(2)));
      return;
  }
}

// Objects have lengths: an unknown one is passed.
void add_objects(v1::Reading& reading, Bytes bytes, bool measures_light) {
  constexpr std::size_t before_value = 3;
  while (bytes.size() > before_value) {
    const auto id = little(bytes, 0, 2);
    const std::size_t size = bytes[2];
    if (bytes.size() < before_value + size) return;
    const auto* const object = std::ranges::find(xiaomi_objects, id, &XiaomiObject::id);
    if (object != std::end(xiaomi_objects) && object->bytes == size &&
        (object->id != light_object || measures_light))
      add_object(reading, *object, bytes.subspan(before_value, size));
    bytes = bytes.subspan(before_value + size);
  }
}

std::optional<std::vector<std::uint8_t>> opened_beacon(const Piece& piece, Bytes sealed) {
  const auto bytes = piece.bytes;
  const auto address = address_bytes(piece.address);
  std::vector<std::uint8_t> nonce(address.rbegin(), address.rend());
  nonce.insert(nonce.end(), bytes.begin() + 2, bytes.begin() + head_bytes);
  const auto counter = bytes.last(xiaomi_tag_bytes + xiaomi_counter_bytes).first(xiaomi_counter_bytes);
  nonce.insert(nonce.end(), counter.begin(), counter.end());
  constexpr std::uint8_t beside[] = {0x11};
  return open_ccm(*piece.key, nonce, sealed, bytes.last(xiaomi_tag_bytes), beside);
}

// Where the objects begin; nothing: it is cut off, or of another device.
std::optional<std::size_t> objects_at(const Piece& piece, unsigned control) {
  const auto bytes = piece.bytes;
  std::size_t at = head_bytes;
  if ((control & bit_address) != 0) {
    const auto address = address_bytes(piece.address);
    if (bytes.size() < at + address.size() ||
        !std::equal(address.rbegin(), address.rend(), bytes.begin() + head_bytes))
      return std::nullopt;
    at += address.size();
  }
  if ((control & bit_capability) != 0) {
    if (bytes.size() <= at) return std::nullopt;
    at += (bytes[at] & 0x20U) != 0 ? 2 : 1;
  }
  return bytes.size() < at ? std::nullopt : std::optional(at);
}

}  // namespace

Result decode_xiaomi(const Piece& piece) {
  const auto bytes = piece.bytes;
  if (bytes.size() < head_bytes) return tl::unexpected(Fault::malformed);
  const auto control = little(bytes, 0, 2), version = control >> 12U;
  const bool sealed = (control & bit_encrypted) != 0;
  if ((control & bit_mesh) != 0 || version < least_version) return tl::unexpected(Fault::foreign);
  const auto at = objects_at(piece, control);
  if (!at) return tl::unexpected(Fault::malformed);
  if ((control & bit_objects) == 0) return tl::unexpected(Fault::empty);
  if (!sealed && piece.key != nullptr) return tl::unexpected(Fault::open);
  auto objects = bytes.subspan(*at);
  std::optional<std::vector<std::uint8_t>> said;
  if (sealed) {
    constexpr auto behind = xiaomi_counter_bytes + xiaomi_tag_bytes;
    if (version < least_version_sealed) return tl::unexpected(Fault::foreign);
    if (objects.size() <= behind) return tl::unexpected(Fault::malformed);
    if (piece.key == nullptr) return tl::unexpected(Fault::no_key);
    said = opened_beacon(piece, objects.first(objects.size() - behind));
    if (!said) return tl::unexpected(Fault::wrong_key);
    objects = *said;
  }
  Decoded out;
  const auto* const device = std::ranges::find(xiaomi_devices, little(bytes, 2, 2), &Device::type);
  const bool known = device != std::end(xiaomi_devices);
  out.reading.mutable_source()->set_model(known ? device->model : "Xiaomi");
  out.number = bytes[4];
  add_objects(out.reading, objects, known && device->measures_light);
  if (!says_something(out.reading)) return tl::unexpected(Fault::empty);
  return out;
}

}  // namespace weather::sensors::bluetooth
