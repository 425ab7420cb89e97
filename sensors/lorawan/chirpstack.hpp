// ChirpStack v4 over MQTT, JSON encoding.
//
//   topic    application/<application>/device/<devEui>/event/<event>
//   up {"time","deviceInfo":{"devEui","deviceName","applicationName","tags"},"devAddr","fCnt","fPort","data",
//             "object":{what the device profile's codec made of data},"rxInfo":[{"gatewayId","rssi","snr"}]}
//   status   {"time","deviceInfo","batteryLevel","batteryLevelUnavailable","externalPowerSource"}
//   location {"time","deviceInfo","location":{"latitude","longitude","altitude"}}
// Other events (join, ack, txack, log, integration) carry no readings. What the envelope says about the
// network (deduplicationId, tenant, profile, rxInfo, txInfo, dr, adr) is not kept, except rssi, snr and the
// gateway's id.
#pragma once

#include "sensors/lorawan/uplink.hpp"

namespace weather::sensors {

// One thread at a time: it remembers the last frames of each device.
class ChirpstackDecoder {
 public:
  explicit ChirpstackDecoder(LorawanOptions options = {});
  // Errors: those of JsonDocument, no_dev_eui, no_decoded_payload (the device profile has no codec),
  // no_quantity.
  Decoded decode(const Message& message);

 private:
  std::vector<FieldRule> rules_;
  RepeatFilter seen_;
};

}  // namespace weather::sensors
