#include "gateway/app/formats.hpp"

#include <algorithm>
#include <array>

#include "sensors/csv/formats.hpp"
#include "sensors/decoders/rtl_433.hpp"
#include "sensors/lorawan/formats.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"
#include "sensors/sparkplug/formats.hpp"

namespace weather::gateway {
namespace {

constexpr std::array<const char*, 3> source_sections{"mqtt", "listener", "lines"};  // that have a format

std::string no_format(const std::string& format, const sensors::Registry& registry) {
  const auto names = registry.names();
  std::string known;
  for (const auto& name : names) known += (known.empty() ? "" : ", ") + std::string(name);
  const auto near = nearest(format, std::vector<std::string_view>(names.begin(), names.end()));
  return "unknown format \"" + format + "\"" +
         (near ? "; did you mean \"" + std::string(*near) + "\"?" : ".") + " Known are " + known;
}

template <class Sources>
void check_each(const Config& config, const sensors::Registry& registry, const char* section,
                const Sources& sources, std::vector<ConfigError>& errors) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto decoder = make_decoder(registry, sources[i]);
    if (decoder) continue;
    const auto key = std::string(section) + "[" + std::to_string(i) + "].format";
    errors.push_back(fault_at(config, key,
                              registry.find(sources[i].format) != nullptr
                                  ? decoder.error()
                                  : no_format(sources[i].format, registry)));
  }
}

template <class Sources>
void check_units(const Config& config, const char* section, const Sources& sources,
                 std::vector<ConfigError>& errors) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto units = assumed_units(sources[i].units);
    if (units) continue;
    const auto key = std::string(section) + "[" + std::to_string(i) + "].units";
    errors.push_back(fault_at(config, key, units.error()));
  }
}

}  // namespace

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
    auto told = message;
    told.units = &units;
    return decode(told);
  };
}

UnitsSink::UnitsSink(sensors::Sink& sink, const std::map<std::string, std::string>& written)
    : sink_(sink), units_(assumed_units(written).value_or(sensors::AssumedUnits{})) {}

sensors::Result<sensors::Ticket> UnitsSink::accept(const sensors::Message& message,
                                                   const sensors::Decoder& decode, sensors::Waits waits) {
  if (units_.empty()) return sink_.accept(message, decode, waits);
  auto told = message;
  told.units = &units_;
  return sink_.accept(told, decode, waits);
}

std::vector<ConfigError> check_formats(const Config& config) {
  const auto registry = make_registry(config, nullptr);
  std::vector<ConfigError> errors;
  check_each(config, registry, "mqtt", config.mqtt, errors);
  check_each(config, registry, "listener", config.listener, errors);
  check_each(config, registry, "lines", config.lines, errors);
  check_units(config, "mqtt", config.mqtt, errors);
  check_units(config, "listener", config.listener, errors);
  check_units(config, "http", config.http, errors);
  check_units(config, "lines", config.lines, errors);
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
  const auto any = [&](const auto& sources) {
    return std::any_of(sources.begin(), sources.end(), [&](const auto& source) {
      return std::find(formats.begin(), formats.end(), source.format) != formats.end();
    });
  };
  return (section == "mqtt" && any(config.mqtt)) || (section == "listener" && any(config.listener)) ||
         (section == "lines" && any(config.lines));
}

std::vector<ConfigError> unused_tables(const Config& config) {
  std::vector<ConfigError> unused;
  for (const auto& [table, formats] : format_tables()) {
    if (table == "sensors") continue;  // has other keys too
    const bool used = std::any_of(source_sections.begin(), source_sections.end(),
                                  [&](const char* section) { return reads_with(config, section, formats); });
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
