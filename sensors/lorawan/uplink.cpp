#include "sensors/lorawan/uplink.hpp"

#include <algorithm>
#include <initializer_list>
#include <stdexcept>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"

namespace weather::sensors {
namespace {

namespace json = boost::json;

struct Known {
  std::string_view path, quantity, unit;
  Target target = Target::quantity;
};

constexpr Known known[] = {
    // Cayenne LPP as ChirpStack decodes it: type, then channel
    {"/temperatureSensor/{part}", "air_temperature", "Cel"},
    {"/humiditySensor/{part}", "relative_humidity", "%"},
    {"/barometer/{part}", "air_pressure", "hPa"},
    {"/illuminanceSensor/{part}", "illuminance", "lx"},
    // and as The Things Stack does
    {"/temperature_{part}", "air_temperature", "Cel"},
    {"/relative_humidity_{part}", "relative_humidity", "%"},
    {"/barometric_pressure_{part}", "air_pressure", "hPa"},
    {"/luminosity_{part}", "illuminance", "lx"},
    // The Things Stack's normalized payload
    {"/air/temperature", "air_temperature", "Cel"},
    {"/air/relativeHumidity", "relative_humidity", "%"},
    {"/air/pressure", "air_pressure", "hPa"},
    {"/air/co2", "co2", "[ppm]"},
    {"/air/lightIntensity", "illuminance", "lx"},
    {"/wind/speed", "wind_speed", "m/s"},
    {"/wind/direction", "wind_from_direction", "deg"},
    {"/soil/moisture", "soil_moisture", "%"},
    {"/soil/temperature", "soil_temperature", "Cel"},
    {"/rain/intensity", "rainfall_rate", "mm/h"},
    // Dragino
    {"/TempC_SHT", "air_temperature", "Cel"},
    {"/Hum_SHT", "relative_humidity", "%"},
    {"/TempC_DS", "air_temperature", "Cel"},
    {"/TempC1", "air_temperature", "Cel"},
    {"/temp_SOIL", "soil_temperature", "Cel"},
    {"/water_SOIL", "soil_moisture", "%"},
    {"/BatV", "", "V", Target::battery_v},
    {"/batV", "", "V", Target::battery_v},
    {"/battery_voltage", "", "V", Target::battery_v},
};

}  // namespace

std::vector<FieldRule> lorawan_rules() {
  std::vector<FieldRule> out;
  for (const auto& [path, quantity, unit, target] : known) {
    auto rule = make_rule(path, quantity, unit);
    if (!rule) throw std::logic_error(rule.error());
    rule->target = target;
    if (path == "/TempC_DS") rule->part = "probe";
    out.push_back(std::move(*rule));
  }
  std::ranges::move(common_names(), std::back_inserter(out));
  return out;
}

const json::value* member(const json::value& root, std::initializer_list<std::string_view> path) {
  const auto* at = &root;
  for (const auto name : path) {
    const auto* object = at->if_object();
    if (object == nullptr) return nullptr;
    at = object->if_contains(json::string_view(name.data(), name.size()));
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string text_member(const json::value& root, std::initializer_list<std::string_view> path) {
  const auto* value = member(root, path);
  return value != nullptr && value->is_string() ? scalar_text(*value) : std::string();
}

double number_member(const json::value& root, std::initializer_list<std::string_view> path) {
  const auto* value = member(root, path);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

tl::expected<Reading, DecodeError> reading_of(const Device& device) {
  std::string id = device.eui;
  std::ranges::transform(id, id.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  if (id.empty()) id = device.fallback_id;
  if (id.empty())
    return tl::unexpected(
        DecodeError{"no_dev_eui", "the message names no device: neither its EUI nor its id"});
  Reading out;
  out.set_sensor_id("lora:" + id);
  out.mutable_source()->set_adapter(device.adapter);
  if (!device.name.empty()) (*out.mutable_labels())["device_name"] = device.name;
  if (!device.application.empty()) (*out.mutable_labels())["application"] = device.application;
  return out;
}

void set_location(Reading& reading, const json::value& location) {
  auto& out = *reading.mutable_location();
  out.set_latitude(number_member(location, {"latitude"}));
  out.set_longitude(number_member(location, {"longitude"}));
  if (member(location, {"altitude"}) != nullptr) out.set_altitude_m(number_member(location, {"altitude"}));
}

void set_link(Reading& reading, const std::vector<Heard>& heard) {
  const auto best =
      std::ranges::max_element(heard, {}, [](const Heard& h) { return std::pair(h.snr_db, h.rssi_dbm); });
  if (best == heard.end()) return;
  reading.mutable_link()->set_rssi_dbm(static_cast<float>(best->rssi_dbm));
  reading.mutable_link()->set_snr_db(static_cast<float>(best->snr_db));
  if (!best->gateway.empty()) reading.mutable_source()->set_address(best->gateway);
}

bool add_decoded(Reading& reading, const json::value& decoded, const std::vector<FieldRule>& rules) {
  const auto leaves = flatten(decoded);
  const auto applied = apply_rules(rules, leaves, {}, [&](const Captures&) { return &reading; });
  reading.set_extra_json(without(decoded, applied.consumed));
  return applied.quantities > 0;
}

DecodeError nothing_known(const json::value& decoded, std::string_view where) {
  std::string fields;
  for (const auto& leaf : flatten(decoded)) {
    if (fields.size() > 200) break;
    fields += (fields.empty() ? "" : ", ") + path_text(leaf);
  }
  return {"no_quantity", std::string(where) + " has no field the gateway knows (" +
                             (fields.empty() ? "it is empty" : fields) +
                             "): give the source a field rule for it"};
}

}  // namespace weather::sensors
