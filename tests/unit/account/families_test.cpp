// The table of docs/sensors.md, "Families", says what the tables of the code say.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sensors/decoders/ecowitt.hpp"
#include "sensors/decoders/rtl_433_fields.hpp"
#include "sensors/decoders/tempest.hpp"
#include "sensors/decoders/weatherlink.hpp"
#include "sensors/decoders/wunderground.hpp"
#include "sensors/lorawan/uplink.hpp"
#include "sensors/mapping/presets.hpp"
#include "sensors/mapping/toml.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"
#include "tests/unit/account/corpus.hpp"

namespace weather::sensors {
namespace {

struct Family {
  std::set<std::string> quantities;                      // as members of JSON
  std::map<std::string, std::set<std::string>> assumed;  // unit -> members in it where the message says none
  bool common = false;                                   // every name of names.hpp too
};

void add(Family& family, std::string_view name, std::string_view assumed) {
  const auto* info = find_quantity(canonical_name(name));
  if (info == nullptr) return;
  family.quantities.emplace(info->alias);
  if (!assumed.empty()) family.assumed[std::string(assumed)].emplace(info->alias);
}

// A rule that neither says a unit nor leaves it to the message takes the canonical one.
void add_rules(Family& family, const std::vector<FieldRule>& rules, const AssumedUnits& units) {
  for (const auto& rule : rules) {
    family.common |= rule.common || (rule.named && rule.quantity.empty());
    if (rule.target != Target::quantity || rule.common) continue;
    const auto* info = find_quantity(canonical_name(rule.quantity));
    const bool said = !rule.unit_from.empty() || std::ranges::count(rule.path.names(), "unit") > 0;
    if (info != nullptr) add(family, rule.quantity, said ? "" : rule.unit.empty() ? info->unit : rule.unit);
  }
  for (const auto& [name, unit] : units) add(family, name, unit);
}

void add_fields(Family& family, std::span<const StationField> fields) {
  for (const auto& field : fields)
    add(family, field.name, field.unit.empty() ? canonical_unit(field.name) : field.unit);
}

Family family_of(const std::string& format) {
  Family out;
  if (format == "ecowitt" || format == "wunderground") {
    add_fields(out, format == "ecowitt" ? ecowitt_fields() : wunderground_fields());
  } else if (format == "tempest") {
    for (const auto& fields : tempest_fields()) add_fields(out, fields);
  } else if (format == "weatherlink") {
    add_fields(out, weatherlink_fields());
    for (const auto& field : weatherlink_rain_fields()) add(out, field.name, "");  // rain_size says it
  } else if (format == "rtl_433") {
    for (const auto& [name, unit] : rtl_433_quantities()) add(out, name, unit);
  } else if (format == "chirpstack" || format == "things-stack") {
    add_rules(out, lorawan_rules(), {});
  } else if (const auto* preset = find_preset(format)) {
    const auto mappings = mappings_from_text(preset->toml);
    for (const auto& mapping : *mappings) add_rules(out, mapping.fields, mapping.units);
  }
  return out;
}

std::string row_of(const std::string& format) {
  const auto family = family_of(format);
  std::string quantities, assumed;
  for (const auto& name : family.quantities) quantities += (quantities.empty() ? "" : ", ") + name;
  for (const auto& [unit, names] : family.assumed) {
    assumed += (assumed.empty() ? "" : "; ") + unit + ":";
    for (const auto& name : names) assumed += (name == *names.begin() ? " " : ", ") + name;
  }
  if (family.common) quantities += (quantities.empty() ? "" : "; ") + std::string("every common name");
  return "| `" + format + "` | " + quantities + " | " + (assumed.empty() ? "none" : assumed) + " |";
}

TEST(Families, TheTableOfTheDocumentsIsThatOfTheCode) {
  std::ifstream file(WEATHER_SENSORS_DOC);
  const std::string document(std::istreambuf_iterator<char>(file), {});
  for (const auto& format : formats()) {
    if (format == "json" || format == "senml" || format == "nmea" || format == "campbell") {
      EXPECT_NE(document.find("| `" + format + "` | "), std::string::npos) << format;
      continue;
    }
    EXPECT_NE(document.find(row_of(format)), std::string::npos) << "docs/sensors.md lacks the row\n"
                                                                << row_of(format);
  }
}

}  // namespace
}  // namespace weather::sensors
