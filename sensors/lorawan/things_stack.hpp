// The Things Stack v3 (The Things Network) over MQTT.
//
//   topic  v3/<application>@<tenant>/devices/<device>/up
//   {"end_device_ids":{"device_id","dev_eui","application_ids":{"application_id"}},"received_at",
//    "uplink_message":{"session_key_id","f_port","f_cnt","frm_payload","decoded_payload":{...},"normalized_payload":[{...}],
//     "rx_metadata":[{"gateway_ids":{"gateway_id"},"time","rssi","snr"}],"locations":{"user":{...}}},"simulated"}
//   topic  .../location/solved  {"end_device_ids","location_solved":{"location":{...}}}
// Other topics (join, down/..., service/data) carry no readings. Fields that are 0, "" or false are not sent.
// The network publishes with QoS 0 only. Time: the earliest rx_metadata time (a gateway with GPS), or else
// received_at (the network's clock). normalized_payload, where it is, has defined names and units: its
// quantities come first, and decoded_payload adds what they do not have.
#pragma once

#include "sensors/lorawan/uplink.hpp"

namespace weather::sensors {

// One thread at a time: it remembers the last frames of each device.
class ThingsStackDecoder {
 public:
  explicit ThingsStackDecoder(LorawanOptions options = {});
  // Errors: those of JsonDocument, no_dev_eui, no_decoded_payload (no payload formatter), no_quantity,
  // no_location.
  Decoded decode(const Message& message);

 private:
  Decoded uplink(const Message& message, const boost::json::value& root, Reading reading);

  std::vector<FieldRule> rules_, normalized_rules_;
  RepeatFilter seen_;
};

}  // namespace weather::sensors
