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

#include "sensors/mapping/leaf.hpp"
#include "sensors/mapping/pattern.hpp"
#include "sensors/reading/reading.pb.h"

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

struct FieldRule {
  Pattern path;  // its holes: {part} is the quantity's part, {unit} the spelling of its unit, others are for
                 // `part` and for the mapping's id
  Target target = Target::quantity;
  std::string quantity;  // canonical name or alias; {name} templates allowed
  std::string unit;      // as the source sends it, UCUM or a spelling; empty: the canonical unit
  std::string
      unit_from;  // a pointer to the field that names the unit, {name} templates allowed; wins over `unit`
  std::map<std::string, std::string, std::less<>> units;  // what unit_from or {unit} say -> unit
  std::string part;                                       // template; empty: {part} if the path has it
  v1::Stat stat = v1::STAT_INSTANT;
  std::uint32_t period_s = 0;
  double scale = 1, offset = 0;  // value = sent * scale + offset, in `unit`
  std::vector<double> missing;   // what the source sends when it has no value: -9999
};

// What became of one leaf, for people.
struct Note {
  std::size_t leaf = 0;
  std::string text;
};

struct Application {
  std::vector<bool> consumed;  // per leaf: it is in the reading now
  std::vector<Note> notes;     // only if asked for
  std::size_t quantities = 0;  // added, with or without a value
};

// The reading that a field belongs to, by what its topic and path caught; null: no id can be made of that.
using ReadingOf = std::function<v1::Reading*(const Captures&)>;

Application apply_rules(std::span<const FieldRule> rules, std::span<const Leaf> leaves,
                        const Captures& captures, const ReadingOf& reading_of, bool with_notes = false);

// Rules for the names that codecs and devices use when nobody told them what to use: temperature, humidity,
// wind_speed ... in the canonical unit, at any depth up to four, the level above as part.
std::vector<FieldRule> common_names();

// A rule for one path, or what is wrong with it.
tl::expected<FieldRule, std::string> make_rule(std::string_view pointer, std::string_view quantity,
                                               std::string_view unit = {});

}  // namespace weather::sensors
