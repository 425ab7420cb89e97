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
  std::string_view part = {};
};

constexpr Known known[] = {
    // Cayenne LPP as ChirpStack decodes it: type, then channel. The Things Stack's "temperature_1" is a
    // common
    // name with a number.
    {"/temperatureSensor/{part}", "air_temperature", "Cel"},
    {"/humiditySensor/{part}", "relative_humidity", "%"},
    {"/barometer/{part}", "air_pressure", "hPa"},
    {"/illuminanceSensor/{part}", "illuminance", "lx"},
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
    {"/soil/ec", "soil_conductivity", "mS/cm"},
    {"/rain/intensity", "rainfall_rate", "mm/h"},
    {"/water/temperature/{part}", "sea_water_temperature", "Cel"},
    // Dragino
    {"/TempC_SHT", "air_temperature", "Cel"},
    {"/Hum_SHT", "relative_humidity", "%"},
    {"/TempC_DS", "air_temperature", "Cel", Target::quantity, "probe"},
    {"/TempC_DS18B20", "air_temperature", "Cel", Target::quantity, "probe"},
    {"/TempC1", "air_temperature", "Cel"},
    {"/TempC2", "air_temperature", "Cel", Target::quantity, "2"},
    {"/TempC3", "air_temperature", "Cel", Target::quantity, "3"},
    {"/TEM", "air_temperature", "Cel"},
    {"/HUM", "relative_humidity", "%"},
    {"/temp_SOIL", "soil_temperature", "Cel"},
    {"/water_SOIL", "soil_moisture", "%"},
    {"/conduct_SOIL", "soil_conductivity", "uS/cm"},
    {"/BatV", "", "V", Target::battery_v},
    {"/batV", "", "V", Target::battery_v},
    {"/Bat", "", "V", Target::battery_v},
    {"/BAT", "", "V", Target::battery_v},
    // Decentlab: {"air_temperature":{"value":20.1,"unit":"Cel","displayName":"Air temperature"}}
    {"/{field}/displayName", "", "", Target::drop},
};

// What Dragino's codecs say without a probe.
const std::vector<double> no_probe = {327.67, 3276.7, -327.68, -3276.8};

// SenseCAP's measurements, by their number in its catalogue: {"messages":[{"measurementId":"4097",
// "measurementValue":21.4,"type":"Air Temperature"}]}, one list or a list of lists.
struct Measurement {
  std::string_view id, quantity, unit;
  v1::Stat stat = v1::STAT_INSTANT;
};
constexpr Measurement sense_cap[] = {
    {"4097", "air_temperature", "Cel"},    {"4098", "relative_humidity", "%"},
    {"4099", "illuminance", "lx"},         {"4100", "co2", "[ppm]"},
    {"4101", "air_pressure", "Pa"},        {"4102", "soil_temperature", "Cel"},
    {"4103", "soil_moisture", "%"},        {"4104", "wind_from_direction", "deg"},
    {"4105", "wind_speed", "m/s"},         {"4108", "soil_conductivity", "mS/cm"},
    {"4113", "rainfall_rate", "mm/h"},     {"4190", "ultraviolet_index", ""},
    {"4191", "wind_speed_of_gust", "m/s"}, {"4213", "thickness_of_rainfall_amount", "mm", v1::STAT_COUNTER},
};

FieldRule must(tl::expected<FieldRule, std::string> rule) {
  if (!rule) throw std::logic_error(rule.error());
  return std::move(*rule);
}

void add_sense_cap(std::vector<FieldRule>& out) {
  for (const std::string list : {"/messages/*/", "/messages/*/*/"}) {
    for (const auto& [id, quantity, unit, stat] : sense_cap) {
      out.push_back(must(make_rule(list + "measurementValue", quantity, unit)));
      out.back().where.push_back({"measurementId", {std::string(id)}});
      out.back().stat = stat;
    }
    for (const auto* name : {"measurementId", "type"}) {
      out.push_back(must(make_rule(list + name, {})));
      out.back().target = Target::drop;
      for (const auto& measurement : sense_cap)
        if (out.back().where.empty())
          out.back().where.push_back({"measurementId", {std::string(measurement.id)}});
        else
          out.back().where.front().values.emplace_back(measurement.id);
    }
  }
}

std::string joined(const std::string& extra, const std::string& normalized) {
  if (normalized.empty() || extra.empty()) return extra + normalized;
  return extra.substr(0, extra.size() - 1) + ",\"normalized\":" + normalized + "}";
}

}  // namespace

std::vector<FieldRule> lorawan_rules() {
  std::vector<FieldRule> out;
  for (const auto& [path, quantity, unit, target, part] : known) {
    out.push_back(must(make_rule(path, quantity, unit)));
    out.back().target = target;
    out.back().part = part;
    if (unit == "Cel") out.back().missing = no_probe;
  }
  add_sense_cap(out);
  out.push_back(common_names());
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

std::optional<std::size_t> best_of(const std::vector<Heard>& heard) {
  const auto best =
      std::ranges::max_element(heard, {}, [](const Heard& h) { return std::pair(h.snr_db, h.rssi_dbm); });
  if (best == heard.end()) return std::nullopt;
  return static_cast<std::size_t>(best - heard.begin());
}

void set_link(Reading& reading, const std::vector<Heard>& heard) {
  const auto index = best_of(heard);
  if (!index) return;
  const auto& best = heard[*index];
  reading.mutable_link()->set_rssi_dbm(static_cast<float>(best.rssi_dbm));
  reading.mutable_link()->set_snr_db(static_cast<float>(best.snr_db));
  if (!best.gateway.empty()) reading.mutable_source()->set_address(best.gateway);
}

bool add_decoded(Reading& reading, std::initializer_list<DecodedPayload> payloads, const Message& message) {
  auto* const account = message.account;
  std::string extra;
  std::size_t quantities = 0;
  for (const auto& [payload, rules, pointer] : payloads) {
    if (payload == nullptr) continue;
    const auto leaves = flatten(*payload);
    const auto applied = apply_rules(
        {*rules, nullptr, message.units}, leaves, {}, [&](const Captures&) { return &reading; },
        account != nullptr);
    extra = joined(without(*payload, applied.consumed()), extra);
    quantities += applied.quantities;
    if (account == nullptr) continue;
    std::vector<std::string_view> said(leaves.size());
    for (const auto& note : applied.notes) said[note.leaf] = note.text;
    for (std::size_t i = 0; i < leaves.size(); ++i)
      account->add(pointer + path_text(leaves[i]), became_of(applied.fates[i]),
                   applied.fates[i] == Fate::dropped ? drop_reason::rule : std::string(said[i]));
  }
  reading.set_extra_json(extra);
  return quantities > 0 || reading.has_link() || (reading.flags() & v1::FLAG_BATTERY_LOW) != 0;
}

void account_envelope(Account* account, const json::value& root, const std::vector<EnvelopeMember>& known,
                      const std::vector<std::string>& payloads) {
  if (account == nullptr) return;
  const auto is_in = [](const std::string& path, const std::string& pointer) {
    return path.starts_with(pointer) && (path.size() == pointer.size() || path[pointer.size()] == '/');
  };
  Account all;
  account_leaves(&all, {}, root, Became::dropped, drop_reason::network);
  for (auto& leaf : all.leaves) {
    if (std::ranges::any_of(payloads, [&](const std::string& pointer) { return is_in(leaf.path, pointer); }))
      continue;  // accounted by add_decoded
    for (const auto& member : known) {
      if (!is_in(leaf.path, member.pointer)) continue;
      leaf.became = member.became;
      leaf.what = member.what;
      break;
    }
    account->leaves.push_back(std::move(leaf));
  }
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

Decoded one(Reading reading) {
  std::vector<Reading> out;
  out.push_back(std::move(reading));
  return out;
}

}  // namespace weather::sensors
