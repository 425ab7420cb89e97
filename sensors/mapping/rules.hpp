// Which field is which quantity: a table of rules over the leaves of a payload. The first rule whose path
// matches a leaf decides; a leaf without a rule stays where it is (the caller keeps it in extra_json).
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sensors/account.hpp"
#include "sensors/mapping/leaf.hpp"
#include "sensors/mapping/pattern.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/sink.hpp"

namespace weather::sensors {

enum class Target {
  quantity,
  drop,      // understood and not wanted: neither a quantity nor in extra_json (a secret)
  rssi_dbm,  // these four are the reading's link
  snr_db,
  battery_v,      // volts, or mV with unit = "mV"
  battery_ratio,  // percent, or 0..1 with unit = "1"
  battery_low,    // true or 1: FLAG_BATTERY_LOW
  battery_ok,     // false or 0: FLAG_BATTERY_LOW
  sequence,       // the sensor's own counter
  latitude,
  longitude,
  altitude_m,
  model,
  firmware,
};

// The field at `key` (a pointer, or the name of a sibling) has one of these values; "" means that it is not
// there. Numbers are compared as numbers.
struct Where {
  std::string key;
  std::vector<std::string> values;
};

struct FieldRule {
  Pattern path;  // its holes: {part} is the quantity's part, {unit} the spelling of its unit, others are for
                 // `part` and for the mapping's id
  Target target = Target::quantity;
  std::string quantity;  // canonical name or alias; {name} templates allowed
  std::string unit;      // as the source sends it, UCUM or a spelling; empty: see unit_of in rules.cpp
  std::string
      unit_from;  // a pointer to the field that names the unit, {name} templates allowed; wins over `unit`
  std::map<std::string, std::string, std::less<>> units;  // what unit_from or {unit} say -> unit
  std::string part;                                       // template; empty: {part} if the path has it
  v1::Stat stat = v1::STAT_INSTANT;
  std::uint32_t period_s = 0;
  double scale = 1, offset = 0;  // value = sent * scale + offset, in `unit`
  std::vector<double> missing;   // what the source sends when it has no value: -9999
  std::vector<Where> where;      // all of them must hold
  // The text that the path's hole caught is a name as people write names (names.hpp): it says the quantity,
  // and the hole keeps what stands before it. Without a hole in its last step the words that {part} caught
  // may say that the quantity is not the air's.
  bool named = false;
  bool numbers_only = false;  // a text is not for this rule
  bool plain_only = false;    // only where the payload is one plain value
  bool common = false;        // every field with a name that names.hpp knows, at any depth up to four
  std::string
      unless_log_of;  // pointer: not where this field is 10000 log10(x + 1) of that one (Zigbee's lux)
};

struct Rules {
  std::span<const FieldRule> fields;
  const AssumedUnits* assumed = nullptr;
  const AssumedUnits* of_source = nullptr;  // before them
};

enum class Fate : unsigned char {
  kept,  // in extra_json, as it came
  quantity,
  about,    // of the device: battery, signal, place, model
  dropped,  // as a rule says
  same,     // a quantity that is there already, in another form
  unit,     // the unit or the name of another field that became a quantity
  time,     // the event time
};

Became became_of(Fate fate);

// What became of one leaf, for people.
struct Note {
  std::size_t leaf = 0;
  std::string text;
};

struct Application {
  std::vector<Fate> fates;     // per leaf
  std::vector<Note> notes;     // only if asked for
  std::size_t quantities = 0;  // that a rule is for, with or without a value
  std::size_t kept_with_unit = 0;
  // Of a status that alone makes no reading (model, firmware, sequence): the leaf, and the key of its
  // reading.
  std::vector<std::pair<std::size_t, std::string>> details;
  std::vector<bool> consumed() const;  // per leaf: it is in the reading, or dropped, and not in extra_json
};

// The reading that a field belongs to, by what its topic and path caught; null: no id can be made of that.
using ReadingOf = std::function<v1::Reading*(const Captures&)>;

Application apply_rules(const Rules& rules, std::span<const Leaf> leaves, const Captures& captures,
                        const ReadingOf& reading_of, bool with_notes = false);

// What became of each leaf, by the way to it; needs the notes.
void account_for(Account& account, std::span<const Leaf> leaves, const Application& applied);

// The rule for the names that codecs and devices use by default: temperature,
// humidity, wind_speed ..., the level above as part. Without a unit a number is in the canonical one, except
// that a pressure above 2000 is in Pa and one of 30 to 120 in kPa.
FieldRule common_names();

// A rule for one path, or what is wrong with it.
tl::expected<FieldRule, std::string> make_rule(std::string_view pointer, std::string_view quantity,
                                               std::string_view unit = {});

}  // namespace weather::sensors
