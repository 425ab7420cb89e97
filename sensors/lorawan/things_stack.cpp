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

std::int64_t event_time(const json::value& root) {
  std::int64_t earliest = 0;
  if (const auto* list = rx_metadata(root))
    for (const auto& rx : *list) {
      const auto* time = member(rx, {"time"});
      const auto ns = time == nullptr ? 0 : time_value(*time);
      if (ns >= earliest_ns && (earliest == 0 || ns < earliest)) earliest = ns;
    }
  if (earliest != 0) return earliest;
  const auto* received = member(root, {"uplink_message", "received_at"});
  if (received == nullptr) received = member(root, {"received_at"});
  return received == nullptr ? 0 : time_value(*received);
}

std::vector<Heard> heard_by(const json::value& root) {
  std::vector<Heard> out;
  if (const auto* list = rx_metadata(root))
    for (const auto& rx : *list)
      out.push_back({number_member(rx, {"rssi"}), number_member(rx, {"snr"}),
                     text_member(rx, {"gateway_ids", "gateway_id"})});
  return out;
}

tl::expected<Reading, DecodeError> envelope(const json::value& root) {
  const auto device = text_member(root, {"end_device_ids", "device_id"});
  const auto application = text_member(root, {"end_device_ids", "application_ids", "application_id"});
  auto reading = reading_of({.adapter = "things-stack",
                             .eui = text_member(root, {"end_device_ids", "dev_eui"}),
                             .fallback_id = device.empty() ? std::string() : application + "/" + device,
                             .name = device,
                             .application = application});
  if (!reading) return reading;
  set_event_time(*reading, event_time(root), v1::TIME_RECEIVER);
  const auto* simulated = member(root, {"simulated"});
  if (simulated != nullptr && simulated->is_bool() && simulated->get_bool())
    reading->set_flags(v1::FLAG_SIMULATED);
  return reading;
}

// The first element of normalized_payload; further ones are older measurements of the same uplink, and rare.
const json::value* normalized_payload(const json::value& root) {
  const auto* normalized = member(root, {"uplink_message", "normalized_payload"});
  const bool one = normalized != nullptr && normalized->is_array() && normalized->get_array().size() == 1;
  return one ? &normalized->get_array().front() : nullptr;
}

const json::value* decoded_payload(const json::value& root) {
  const auto* decoded = member(root, {"uplink_message", "decoded_payload"});
  return decoded != nullptr && decoded->is_object() ? decoded : nullptr;
}

Decoded one(Reading reading) {
  std::vector<Reading> out;
  out.push_back(std::move(reading));
  return out;
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
  auto reading = envelope(root);
  if (!reading) return tl::unexpected(reading.error());
  if (solved) {
    const auto* place = member(root, {"location_solved", "location"});
    if (place == nullptr)
      return tl::unexpected(DecodeError{"no_location", "a solved location without its \"location\""});
    set_location(*reading, *place);
    return one(std::move(*reading));
  }

  const auto data = text_member(root, {"uplink_message", "frm_payload"});
  const auto* normalized = normalized_payload(root);
  const auto* decoded = decoded_payload(root);
  if (normalized == nullptr && decoded == nullptr && data.empty())
    return std::vector<Reading>{};  // for the network alone
  if (normalized == nullptr && decoded == nullptr)
    return tl::unexpected(DecodeError{
        "no_decoded_payload",
        "the uplink of " + reading->sensor_id() +
            " has no \"decoded_payload\": give it a payload formatter in the console. Its data is \"" + data +
            "\""});
  if (!add_decoded(*reading, {{normalized, &normalized_rules_}, {decoded, &rules_}}))
    return tl::unexpected(nothing_known(decoded == nullptr ? *normalized : *decoded, "the decoded payload"));
  const auto counter = number_member(root, {"uplink_message", "f_cnt"});
  if (counter >= 0 && counter < 4294967296.0)
    reading->set_source_sequence(static_cast<std::uint64_t>(counter) + 1);
  set_link(*reading, heard_by(root));
  if (const auto* place = member(root, {"uplink_message", "locations", "user"}))
    set_location(*reading, *place);
  const auto key = hash_bytes(
      data, hash_bytes(text_member(root, {"uplink_message", "session_key_id"}), reading->source_sequence()));
  if (seen_.repeated(reading->sensor_id(), key, message)) return std::vector<Reading>{};
  return one(std::move(*reading));
}

}  // namespace weather::sensors
