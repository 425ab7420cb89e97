#include "sensors/http/lw30x.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include "sensors/decoders/form.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

struct Known {
  std::string_view field, quantity, unit;
  bool of_channel = false;
};
constexpr Known known[] = {
    {"ot", "air_temperature", "Cel", true}, {"oh", "relative_humidity", "%", true},
    {"it", "air_temperature", "Cel"},       {"ih", "relative_humidity", "%"},
    {"wd", "wind_from_direction", "deg"},   {"ws", "wind_speed", "m/s"},
    {"wg", "wind_speed_of_gust", "m/s"},    {"baro", "air_pressure", "hPa"},
    {"uvh", "ultraviolet_index", ""},
};

std::string part_of(const Known& field, const std::vector<FormField>& form) {
  if (field.field == "it" || field.field == "ih") return "indoor";
  const auto* channel = field.of_channel ? find_field(form, "ch") : nullptr;
  return channel == nullptr || channel->value.empty() ? std::string() : "ch" + to_utf8(channel->value);
}

}  // namespace

Decoded decode_lw30x(const Message& message) {
  const auto form = parse_form(message.payload);
  const auto* mac = find_field(form, "mac");
  if (mac == nullptr || mac->value.empty())
    return tl::unexpected(DecodeError{"no_sensor_id", "the upload of an LW30x has no mac"});
  Reading reading;
  std::string address = to_utf8(mac->value);
  std::ranges::transform(address, address.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  reading.set_sensor_id("lw30x:" + address);
  reading.mutable_source()->set_adapter("lw30x");
  JsonMembers extra;
  for (const auto& [name, text] : form) {
    if (name == "mac" || name == "id" || name == "rid" || name == "ch" || name == "p") continue;
    const auto number = parse_double(text);
    if ((name == "pwr" || name == "lb") && number) {
      if (*number != 0) reading.set_flags(reading.flags() | v1::FLAG_BATTERY_LOW);
      continue;
    }
    const auto found = std::ranges::find(known, name, &Known::field);
    if (found == std::end(known) || !number) {
      const bool bits = name == "reg" || name == "lost";  // hexadecimal
      extra.add(name == "uv" ? "uv_raw" : name,
                number && !bits ? Value(*number) : Value(std::string_view(text)));
      continue;
    }
    add_quantity(
        reading,
        {.name = found->quantity, .unit = found->unit, .part = part_of(*found, form), .source_field = name},
        *number);
  }
  reading.set_extra_json(extra.take());
  if (reading.quantities().empty() && reading.extra_json().empty())
    return tl::unexpected(DecodeError{"no_quantity", "the upload of an LW30x has no field but its address"});
  std::vector<Reading> out;
  out.push_back(std::move(reading));
  return out;
}

}  // namespace weather::sensors
