// MQTT messages of any product as readings, by a table instead of code: topic pattern -> sensor id, JSON
// pointer -> quantity and unit. Eight products are presets (presets.hpp), users write their own (toml.hpp).
//
// Layout of a mapping, with Tasmota as example:
//   topic "tele/roof/SENSOR"  matches  tele/{device}/SENSOR            -> {device} = "roof"
//   id template                        tasmota:{device}                -> sensor_id "tasmota:roof"
//   payload  {"AM2301":{"Temperature":72.5},"TempUnit":"F"}
//   rule     /{part}/Temperature, quantity air_temperature, unit_from /TempUnit -> 22.5 Cel, part "AM2301"
// A plain text payload ("22.5") is a payload with one field, named by the topic's {field}.
//
// Deltas are readings: a message with one of five fields is a reading with one quantity. Nothing is merged
// with what came before, because a merged value would claim a time at which it was not measured.
#pragma once

#include <string>
#include <vector>

#include "sensors/mapping/repeats.hpp"
#include "sensors/mapping/rules.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

struct TimeRule {
  Pattern path;
  v1::TimeSource source = v1::TIME_SENSOR;
  bool utc = false;  // a time without zone is UTC; otherwise it is no instant and arrival counts
};

// Only payloads in which the field at `path` is one of `values` are this mapping's; others are ignored.
struct Condition {
  Pattern path;
  std::vector<std::string> values;
};

enum class PayloadForm {
  json,     // an object or a list
  text,     // one scalar, as ESPHome and Home Assistant publish it; never an object
  any,      // either
  ruuvi,    // JSON of a Ruuvi Gateway: the advertisement in /data becomes fields /ruuvi/...
  ascii,    // a line of words, as instruments say it (ascii.hpp)
  sdi12,    // an address and numbers
  rtl_433,  // an event of rtl_433, to be decoded as one
};

// What becomes of a message in which no field is known.
enum class Unknown {
  refuse,  // it should have been a reading: an error, a dead letter
  pass,    // where most messages are no weather (switches, plugs): passed over
};

enum class RepeatPolicy {
  keep,
  flag,  // same values as in the message before: FLAG_REPEATED
  drop,  // the same packet again (repeat_key), on whatever way: nothing is stored
};

struct Mapping {
  std::string name;  // "tasmota": the reading's source.adapter
  std::vector<Pattern> topics;
  std::vector<Pattern> ignore;  // topics that carry no readings
  std::vector<Pattern> other;   // the same, but only where no mapping's topics match
  PayloadForm payload = PayloadForm::json;
  // Template: {name} of topic or path, {/pointer} into the payload, {...|mac} as AA:BB:CC:DD:EE:FF.
  std::string id;
  std::vector<Condition> when;
  std::vector<TimeRule> times;  // the first that gives an instant
  std::vector<FieldRule> fields;
  AssumedUnits units;  // of numbers whose unit neither the message nor the rule says
  Unknown unknown = Unknown::refuse;
  RepeatPolicy repeats = RepeatPolicy::keep;
  std::string repeat_key;  // a pointer; for drop
};

// One thread at a time (it remembers the last packets of each sensor, for repeats).
//
// A retained message comes once more whenever the session is new, and twice if it was published while we were
// away: with the payload that its topic had last it is dropped, otherwise it is a reading with FLAG_RETAINED.
class Mapper {
 public:
  explicit Mapper(std::vector<Mapping> mappings);

  // No readings and no error: the message is known to carry none, is empty (a retained topic was cleared), or
  // is a repeat. Errors: no_mapping, no_field (a topic without {field} for a text), no_text, no_object,
  // no_line, no_id, no_quantity, ruuvi_data, and those of JsonDocument and of rtl_433.
  Decoded decode(const Message& message);

  // Everything that decode does with this message, in words, line by line; for `weather-gateway check`.
  // Repeats are not looked at.
  std::string explain(const Message& message) const;

  std::vector<std::string> mqtt_filters() const;  // what to subscribe to

 private:
  struct State {
    Mapping mapping;
    RepeatFilter seen;
    Decoder rtl_433{};  // for payload = rtl_433
  };
  bool is_other(std::string_view topic) const;

  std::vector<State> states_;
  RepeatFilter last_of_topic_{1};
};

}  // namespace weather::sensors
