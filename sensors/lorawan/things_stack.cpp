#include "sensors/lorawan/things_stack.hpp"

#include <algorithm>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/reading/builder.hpp"

namespace weather::sensors {
namespace {

namespace json = boost::json;

constexpr std::int64_t earliest_ns =
    978'307'200'000'000'000;  // 2001: before it a gateway's clock was not set

const json::array* rx_metadata(const json::value& root) {
  const auto* list = member(root, {"uplink_message", "rx_metadata"});
  return list == nullptr ? nullptr : list->if_array();
}

const std::string normalized_pointer = "/uplink_message/normalized_payload";
const std::string decoded_pointer = "/uplink_message/decoded_payload";

struct EventTime {
  std::int64_t ns = 0;
  std::string pointer;  // where it stands
};

EventTime event_time(const json::value& root) {
  EventTime earliest;
  if (const auto* list = rx_metadata(root))
    for (std::size_t i = 0; i < list->size(); ++i) {
      const auto* time = member((*list)[i], {"time"});
      const auto ns = time == nullptr ? 0 : time_value(*time);
      if (ns >= earliest_ns && (earliest.ns == 0 || ns < earliest.ns))
        earliest = {ns, "/uplink_message/rx_metadata/" + std::to_string(i) + "/time"};
    }
  if (earliest.ns != 0) return earliest;
  if (const auto* received = member(root, {"uplink_message", "received_at"}))
    return {time_value(*received), "/uplink_message/received_at"};
  const auto* received = member(root, {"received_at"});
  return received == nullptr ? EventTime{} : EventTime{time_value(*received), "/received_at"};
}

std::vector<Heard> heard_by_things(const json::value& root) {
  std::vector<Heard> out;
  if (const auto* list = rx_metadata(root))
    for (const auto& rx : *list)
      out.push_back({number_member(rx, {"rssi"}), number_member(rx, {"snr"}),
                     text_member(rx, {"gateway_ids", "gateway_id"})});
  return out;
}

tl::expected<Reading, DecodeError> things_envelope(const json::value& root) {
  const auto device = text_member(root, {"end_device_ids", "device_id"});
  const auto application = text_member(root, {"end_device_ids", "application_ids", "application_id"});
  auto reading = reading_of({.adapter = "things-stack",
                             .eui = text_member(root, {"end_device_ids", "dev_eui"}),
                             .fallback_id = device.empty() ? std::string() : application + "/" + device,
                             .name = device,
                             .application = application});
  if (!reading) return reading;
  set_event_time(*reading, event_time(root).ns, v1::TIME_RECEIVER);
  const auto* simulated = member(root, {"simulated"});
  if (simulated != nullptr && simulated->is_bool() && simulated->get_bool())
    reading->set_flags(v1::FLAG_SIMULATED);
  return reading;
}

const json::array* normalized_payload(const json::value& root) {
  const auto* normalized = member(root, {"uplink_message", "normalized_payload"});
  const auto* list = normalized == nullptr ? nullptr : normalized->if_array();
  return list == nullptr || list->empty() ? nullptr : list;
}

const json::value* decoded_payload(const json::value& root) {
  const auto* decoded = member(root, {"uplink_message", "decoded_payload"});
  return decoded != nullptr && decoded->is_object() ? decoded : nullptr;
}

void account_things(Account* account, const json::value& root, std::vector<EnvelopeMember> known,
                    const std::vector<std::string>& payloads) {
  if (account == nullptr) return;
  for (const auto* pointer : {"/end_device_ids/dev_eui", "/end_device_ids/device_id",
                              "/end_device_ids/application_ids/application_id"})
    known.push_back({pointer, Became::identity, "key or label"});
  if (const auto time = event_time(root); time.ns > 0) known.push_back({time.pointer, Became::time, ""});
  known.push_back({"/simulated", Became::status, "simulated"});
  known.push_back({"/uplink_message/frm_payload", Became::dropped, drop_reason::decoded});
  for (const std::string place : {"/uplink_message/locations/user", "/location_solved/location"})
    for (const std::string name : {"latitude", "longitude", "altitude"})
      known.push_back({place + "/" + name, Became::status, name});
  account_envelope(account, root, known, payloads);
}

}  // namespace

ThingsStackDecoder::ThingsStackDecoder(LorawanOptions options) : rules_(std::move(options.fields)) {
  std::ranges::move(lorawan_rules(), std::back_inserter(rules_));
  // The normalized payload has defined units; its battery is in volts.
  normalized_rules_ = rules_;
  FieldRule battery;
  battery.path = *Pattern::pointer("/battery");
  battery.target = Target::battery_v;
  battery.unit = "V";
  normalized_rules_.insert(normalized_rules_.begin(), std::move(battery));
}

Decoded ThingsStackDecoder::decode(const Message& message) {
  const bool solved = message.topic.ends_with("/location/solved");
  if (!solved && !message.topic.ends_with("/up")) return std::vector<Reading>{};
  if (trimmed(message.payload).empty()) return std::vector<Reading>{};
  const auto document = JsonDocument::parse(message.payload);
  if (!document) return tl::unexpected(document.error());
  const auto& root = document->root();
  auto reading = things_envelope(root);
  if (!reading) return tl::unexpected(reading.error());
  if (solved) {
    const auto* place = member(root, {"location_solved", "location"});
    if (place == nullptr)
      return tl::unexpected(DecodeError{"no_location", "a solved location without its \"location\""});
    set_location(*reading, *place);
    account_things(message.account, root, {}, {});
    return one(std::move(*reading));
  }
  return uplink(message, root, std::move(*reading));
}

// Each element of the normalized payload is a measurement of its own; the decoded payload goes with the
// first.
Decoded ThingsStackDecoder::uplink(const Message& message, const json::value& root, Reading reading) {
  const auto data = text_member(root, {"uplink_message", "frm_payload"});
  const auto* normalized = normalized_payload(root);
  const auto* decoded = decoded_payload(root);
  if (normalized == nullptr && decoded == nullptr && data.empty())
    return std::vector<Reading>{};  // for the network alone
  if (normalized == nullptr && decoded == nullptr)
    return tl::unexpected(DecodeError{
        "no_decoded_payload",
        "the uplink of " + reading.sensor_id() +
            " has no \"decoded_payload\": give it a payload formatter in the console. Its data is \"" + data +
            "\""});
  const auto counter = number_member(root, {"uplink_message", "f_cnt"});
  if (counter >= 0 && counter < 4294967296.0)
    reading.set_source_sequence(static_cast<std::uint64_t>(counter) + 1);
  const auto heard = heard_by_things(root);
  const auto* place = member(root, {"uplink_message", "locations", "user"});
  if (place != nullptr) set_location(reading, *place);
  std::vector<Reading> out;
  const std::size_t count = normalized == nullptr ? 1 : normalized->size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto* measured = normalized == nullptr ? nullptr : &(*normalized)[i];
    Reading& one = out.emplace_back(reading);
    const auto* time = measured == nullptr ? nullptr : member(*measured, {"time"});
    if (time != nullptr) set_event_time(one, time_value(*time), v1::TIME_SENSOR);
    const bool known =
        add_decoded(one,
                    {{measured, &normalized_rules_, normalized_pointer + "/" + std::to_string(i)},
                     {i == 0 ? decoded : nullptr, &rules_, decoded_pointer}},
                    message);
    if (!known && i == 0)
      return tl::unexpected(nothing_known(decoded == nullptr ? *measured : *decoded, "the decoded payload"));
    set_link(one, heard);
  }
  std::vector<EnvelopeMember> members{{"/uplink_message/f_cnt", Became::status, "sequence"}};
  if (const auto best = best_of(heard))
    for (const auto* name : {"rssi", "snr", "gateway_ids/gateway_id"})
      members.push_back(
          {"/uplink_message/rx_metadata/" + std::to_string(*best) + "/" + name, Became::status, name});
  account_things(message.account, root, std::move(members),
                 {normalized == nullptr ? decoded_pointer : normalized_pointer,
                  decoded == nullptr ? normalized_pointer : decoded_pointer});
  const auto key = hash_bytes(
      data, hash_bytes(text_member(root, {"uplink_message", "session_key_id"}), reading.source_sequence()));
  if (seen_.repeated(reading.sensor_id(), key, message)) return std::vector<Reading>{};
  return out;
}

}  // namespace weather::sensors
