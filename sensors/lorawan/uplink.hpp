// What the two LoRaWAN networks have in common once their envelopes are opened.
//
// Identity is the device's EUI ("lora:0004a30b001c0530"). A frame counter of 0 is not sent by proto3 JSON, so
// a missing one is 0; source_sequence is the counter + 1. The same frame (device, session, counter, payload)
// is one reading, however often the network delivers it; a counter that starts again after a join is a new
// session and no repeat.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sensors/mapping/repeats.hpp"
#include "sensors/mapping/rules.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

struct LorawanOptions {
  // Which field of the decoded payload is which quantity; paths are inside the decoded payload. Tried before
  // the names that codecs commonly use (lorawan_rules).
  std::vector<FieldRule> fields;
};

// Names of common codecs: Cayenne LPP on both networks, Dragino's, Decentlab's, SenseCAP's, common_names().
std::vector<FieldRule> lorawan_rules();

// A JSON object's member by path, null if it is not there.
const boost::json::value* member(const boost::json::value& root,
                                 std::initializer_list<std::string_view> path);
std::string text_member(const boost::json::value& root, std::initializer_list<std::string_view> path);
// Zero if it is not there, as proto3 JSON has it.
double number_member(const boost::json::value& root, std::initializer_list<std::string_view> path);

// A reading of this device with id, adapter and label; the error says that there is no identity in it.
struct Device {
  std::string adapter, eui, fallback_id, name, application;
};
tl::expected<Reading, DecodeError> reading_of(const Device& device);

// Latitude, longitude and altitude where a network leaves out what is 0.
void set_location(Reading& reading, const boost::json::value& location);

// How well the network heard it: the antenna with the best signal-to-noise ratio.
struct Heard {
  double rssi_dbm = 0, snr_db = 0;
  std::string gateway;
};
void set_link(Reading& reading, const std::vector<Heard>& heard);
std::optional<std::size_t> best_of(const std::vector<Heard>& heard);

// Fields of the decoded payloads into the reading, in this order: what an earlier one has a later one cannot
// change. The others into extra_json. False: none was known.
struct DecodedPayload {
  const boost::json::value* payload = nullptr;  // null: not there
  const std::vector<FieldRule>* rules = nullptr;
  std::string pointer{};  // where it stands in the message
};
bool add_decoded(Reading& reading, std::initializer_list<DecodedPayload> payloads, const Message& message);

// What an envelope's members became; those without a name here are the network's own bookkeeping.
struct EnvelopeMember {
  std::string pointer;  // of the member, or of all below it
  Became became;
  std::string what;
};
void account_envelope(Account* account, const boost::json::value& root,
                      const std::vector<EnvelopeMember>& known, const std::vector<std::string>& payloads);
Decoded one(Reading reading);  // the decoded message: this reading
DecodeError nothing_known(const boost::json::value& decoded, std::string_view where);

}  // namespace weather::sensors
