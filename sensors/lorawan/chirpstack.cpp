#include "sensors/lorawan/chirpstack.hpp"

#include <algorithm>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/reading/builder.hpp"

namespace weather::sensors {
namespace {

namespace json = boost::json;

std::vector<Heard> heard_by_chirpstack(const json::value& root) {
  std::vector<Heard> out;
  const auto* list = member(root, {"rxInfo"});
  if (list == nullptr || !list->is_array()) return out;
  for (const auto& rx : list->get_array())
    out.push_back({number_member(rx, {"rssi"}), number_member(rx, {"snr"}), text_member(rx, {"gatewayId"})});
  return out;
}

tl::expected<Reading, DecodeError> chirpstack_envelope(const json::value& root) {
  auto reading = reading_of({.adapter = "chirpstack",
                             .eui = text_member(root, {"deviceInfo", "devEui"}),
                             .fallback_id = {},
                             .name = text_member(root, {"deviceInfo", "deviceName"}),
                             .application = text_member(root, {"deviceInfo", "applicationName"})});
  if (!reading) return reading;
  if (const auto* tags = member(root, {"deviceInfo", "tags"}); tags != nullptr && tags->is_object())
    for (const auto& tag : tags->get_object()) {
      const std::string_view key(tag.key().data(), tag.key().size());
      if (is_scalar(tag.value())) (*reading->mutable_labels())[std::string(key)] = scalar_text(tag.value());
    }
  if (const auto* time = member(root, {"time"}))
    set_event_time(*reading, time_value(*time), v1::TIME_RECEIVER);
  return reading;
}

// What every event says of the device.
std::vector<EnvelopeMember> about_device() {
  return {{"/deviceInfo/devEui", Became::identity, "key"},
          {"/deviceInfo/deviceName", Became::identity, "label"},
          {"/deviceInfo/applicationName", Became::identity, "label"},
          {"/deviceInfo/tags", Became::identity, "label"},
          {"/time", Became::time, ""},
          {"/data", Became::dropped, drop_reason::decoded}};
}

void account_chirpstack(Account* account, const json::value& root, std::vector<EnvelopeMember> more,
                        const std::vector<std::string>& payloads = {}) {
  if (account == nullptr) return;
  auto known = about_device();
  std::ranges::move(more, std::back_inserter(known));
  account_envelope(account, root, known, payloads);
}

// batteryLevel 0 is not sent; neither is false. So an empty battery is the absence of all three.
Decoded status(const json::value& root, Reading reading) {
  const auto says = [&](std::string_view name) {
    const auto* value = member(root, {name});
    return value != nullptr && value->is_bool() && value->get_bool();
  };
  if (says("externalPowerSource") || says("batteryLevelUnavailable")) return std::vector<Reading>{};
  reading.mutable_link()->set_battery_ratio(static_cast<float>(number_member(root, {"batteryLevel"}) / 100));
  return one(std::move(reading));
}

Decoded location(const json::value& root, Reading reading) {
  const auto* place = member(root, {"location"});
  if (place == nullptr)
    return tl::unexpected(DecodeError{"no_location", "a location event without its \"location\""});
  set_location(reading, *place);
  return one(std::move(reading));
}

}  // namespace

ChirpstackDecoder::ChirpstackDecoder(LorawanOptions options) : rules_(std::move(options.fields)) {
  std::ranges::move(lorawan_rules(), std::back_inserter(rules_));
}

Decoded ChirpstackDecoder::decode(const Message& message) {
  const auto event = last_level(message.topic);
  if (event != "up" && event != "status" && event != "location") return std::vector<Reading>{};
  if (trimmed(message.payload).empty()) return std::vector<Reading>{};
  const auto document = JsonDocument::parse(message.payload);
  if (!document) return tl::unexpected(document.error());
  const auto& root = document->root();
  auto reading = chirpstack_envelope(root);
  if (!reading) return tl::unexpected(reading.error());
  if (event == "status") {
    account_chirpstack(message.account, root,
                       {{"/batteryLevel", Became::status, "battery_level"},
                        {"/externalPowerSource", Became::status, "no battery"},
                        {"/batteryLevelUnavailable", Became::status, "no battery level"}});
    return status(root, std::move(*reading));
  }
  if (event == "location") {
    account_chirpstack(message.account, root,
                       {{"/location/latitude", Became::status, "latitude"},
                        {"/location/longitude", Became::status, "longitude"},
                        {"/location/altitude", Became::status, "altitude"}});
    return location(root, std::move(*reading));
  }

  const auto counter = number_member(root, {"fCnt"});
  const auto data = text_member(root, {"data"});
  const auto* object = member(root, {"object"});
  if (object == nullptr && data.empty()) return std::vector<Reading>{};  // for the network alone
  if (object == nullptr || !object->is_object())
    return tl::unexpected(
        DecodeError{"no_decoded_payload",
                    "the uplink of " + reading->sensor_id() +
                        " has no \"object\": give its device profile a codec in ChirpStack. Its data is \"" +
                        data + "\""});
  if (!add_decoded(*reading, {{object, &rules_, "/object"}}, message))
    return tl::unexpected(nothing_known(*object, "\"object\""));
  if (counter >= 0 && counter < 4294967296.0)
    reading->set_source_sequence(static_cast<std::uint64_t>(counter) + 1);
  const auto heard = heard_by_chirpstack(root);
  set_link(*reading, heard);
  std::vector<EnvelopeMember> known{{"/fCnt", Became::status, "sequence"}};
  if (const auto best = best_of(heard))
    for (const auto* name : {"rssi", "snr", "gatewayId"})
      known.push_back({"/rxInfo/" + std::to_string(*best) + "/" + name, Became::status, name});
  account_chirpstack(message.account, root, std::move(known), {"/object"});
  auto key = hash_bytes(text_member(root, {"devAddr"}), reading->source_sequence());
  key = hash_bytes(data.empty() ? reading->extra_json() : data, key);
  if (seen_.repeated(reading->sensor_id(), key, message)) return std::vector<Reading>{};
  return one(std::move(*reading));
}

}  // namespace weather::sensors
