#include "gateway/app/formats.hpp"

#include <algorithm>

#include "gateway/config/source_kinds.hpp"
#include "sensors/csv/formats.hpp"
#include "sensors/decoders/rtl_433.hpp"
#include "sensors/lorawan/formats.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"
#include "sensors/sparkplug/formats.hpp"

namespace weather::gateway {
namespace {

std::string key_of(const SourceKind& kind, std::size_t index, const char* key) {
  return std::string(kind.section) + "[" + std::to_string(index) + "]." + key;
}

}  // namespace

std::string no_format(const std::string& format, const sensors::Registry& registry) {
  const auto names = registry.names();
  std::string known;
  for (const auto& name : names) known += (known.empty() ? "" : ", ") + std::string(name);
  const auto near = nearest(format, std::vector<std::string_view>(names.begin(), names.end()));
  return "unknown format \"" + format + "\"" +
         (near ? "; did you mean \"" + std::string(*near) + "\"?" : ".") + " Known are " + known;
}

sensors::SparkplugOptions sparkplug_options(const Config& config, sensors::MemoryBudget* memory) {
  auto options = config.sparkplug;
  options.memory = memory;
  return options;
}

sensors::Registry make_registry(const Config& config, sensors::MemoryBudget* memory) {
  sensors::Registry registry;
  sensors::add_decoders(registry);
  sensors::add_presets(registry);
  sensors::add_tables(registry);
  sensors::add_lorawan(registry, {config.lorawan});
  sensors::add_sparkplug(registry, sparkplug_options(config, memory));
  registry.add({"rtl_433", registry.find("rtl_433")->summary,
                [window = config.sensors.repeat_window](
                    const sensors::DecoderSettings&) -> tl::expected<sensors::Decoder, std::string> {
                  return sensors::rtl_433_decoder(window);
                }});
  registry.add({"mapping", "the [[mapping]] tables of this configuration",
                [mappings = config.mapping](
                    const sensors::DecoderSettings&) -> tl::expected<sensors::Decoder, std::string> {
                  if (mappings.empty())
                    return tl::unexpected(std::string("format \"mapping\" needs at least one [[mapping]]"));
                  return sensors::mapping_decoder(mappings);
                }});
  return registry;
}

tl::expected<sensors::AssumedUnits, std::string> assumed_units(
    const std::map<std::string, std::string>& written) {
  sensors::AssumedUnits out;
  for (const auto& [key, spelling] : written) {
    const std::string name(sensors::canonical_name(key));
    const std::string unit(sensors::ucum_from_spelling(spelling));
    if (sensors::find_quantity(name) == nullptr) return tl::unexpected("no quantity \"" + key + "\"");
    if (unit.empty()) return tl::unexpected("no unit \"" + spelling + "\"");
    if (unit != sensors::canonical_unit(name) &&
        !sensors::are_convertible(unit, sensors::canonical_unit(name)))
      return tl::unexpected(name + " is not measured in " + spelling);
    out[name] = unit;
  }
  return out;
}

sensors::Decoder with_units(sensors::Decoder decode, const std::map<std::string, std::string>& written) {
  auto units = assumed_units(written).value_or(sensors::AssumedUnits{});
  if (units.empty()) return decode;
  return [decode = std::move(decode), units = std::move(units)](const sensors::Message& message) {
    auto reported = message;
    reported.units = &units;
    return decode(reported);
  };
}

UnitsSink::UnitsSink(sensors::Sink& sink, const std::map<std::string, std::string>& written)
    : sink_(sink), units_(assumed_units(written).value_or(sensors::AssumedUnits{})) {}

sensors::Result<sensors::Ticket> UnitsSink::accept(const sensors::Message& message,
                                                   const sensors::Decoder& decode, sensors::Waits waits) {
  if (units_.empty()) return sink_.accept(message, decode, waits);
  auto reported = message;
  reported.units = &units_;
  return sink_.accept(reported, decode, waits);
}

std::vector<ConfigError> check_formats(const Config& config) {
  const auto registry = make_registry(config, nullptr);
  std::vector<ConfigError> errors;
  for_each_reader(config, [&](const SourceKind& kind, std::size_t index, const Reads& reads) {
    if (reads.format.empty()) return;
    if (const auto decoder = make_decoder(registry, reads); !decoder)
      errors.push_back(fault_at(
          config, key_of(kind, index, "format"),
          registry.find(reads.format) != nullptr ? decoder.error() : no_format(reads.format, registry)));
  });
  for_each_reader(config, [&](const SourceKind& kind, std::size_t index, const Reads& reads) {
    if (const auto units = assumed_units(reads.units); !units)
      errors.push_back(fault_at(config, key_of(kind, index, "units"), units.error()));
  });
  return errors;
}

const std::map<std::string, std::vector<std::string>>& format_tables() {
  static const std::map<std::string, std::vector<std::string>> all{
      {"mapping", {"mapping"}},
      {"lorawan", {"chirpstack", "things-stack"}},
      {"sparkplug", {"sparkplug"}},
      {"sensors", {"rtl_433"}}};
  return all;
}

bool reads_with(const Config& config, const std::string& section, const std::vector<std::string>& formats) {
  bool any = false;
  for_each_reader(config, [&](const SourceKind& kind, std::size_t, const Reads& reads) {
    any = any || ((section.empty() || kind.section == section) &&
                  std::find(formats.begin(), formats.end(), reads.format) != formats.end());
  });
  return any;
}

std::vector<ConfigError> unused_tables(const Config& config) {
  std::vector<ConfigError> unused;
  for (const auto& [table, formats] : format_tables()) {
    if (table == "sensors") continue;  // has other keys too
    const bool used = reads_with(config, {}, formats);
    // A repeated table goes by its first.
    for (const auto& key : {table, table + "[0]"})
      if (!used && config.places.contains(key)) {
        std::string meant;
        for (const auto& format : formats) meant += (meant.empty() ? "\"" : " or \"") + format + "\"";
        unused.push_back(fault_at(config, key, "has no effect: no source has format = " + meant));
      }
  }
  return unused;
}

}  // namespace weather::gateway
