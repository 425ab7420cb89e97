#include "sensors/buses/hwmon.hpp"

#include "sensors/reading/builder.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

struct Kind {
  std::string_view prefix, quantity, unit;
};
constexpr Kind kinds[] = {{"temp", "air_temperature", "Cel"}, {"humidity", "relative_humidity", "%"}};

// "1" of "temp1_input".
std::string_view channel_number(std::string_view file, std::string_view prefix) {
  constexpr std::string_view suffix = "_input";
  if (!file.starts_with(prefix) || !file.ends_with(suffix) || file.size() <= prefix.size() + suffix.size())
    return {};
  file.remove_prefix(prefix.size());
  file.remove_suffix(suffix.size());
  return file.find_first_not_of("0123456789") == std::string_view::npos ? file : std::string_view{};
}

Reading read_chip(const std::filesystem::path& device, const std::string& name, const SysfsOptions& options) {
  Reading out;
  out.set_sensor_id(to_utf8("hwmon:" + name + ":" + place_of(device)));
  out.mutable_source()->set_adapter("hwmon");
  out.mutable_source()->set_model(to_utf8(name));
  out.mutable_source()->set_address(device.filename().string());
  JsonMembers errors;
  for (const auto& file : file_names(device)) {
    for (const auto& [prefix, quantity, unit] : kinds) {
      const auto number = channel_number(file, prefix);
      if (number.empty()) continue;
      const auto base = std::string(prefix) + std::string(number);
      auto part = read_attribute(device / (base + "_label")).value_or("");
      if (part.empty() && number != "1") part = number;
      const Field field{.name = quantity, .unit = unit, .part = part, .source_field = file};
      const auto text = read_with_retry(device / file, options);
      const auto value = text ? parse_double(*text) : std::nullopt;
      if (value) {
        add_quantity(out, field, round_significant(*value / 1000, 12));
      } else {
        add_quantity(out, field, std::monostate{}).set_quality(v1::QUALITY_MISSING);
        errors.add(file, text ? "\"" + *text + "\" is no number" : text.error().message());
      }
    }
  }
  out.set_extra_json(errors.take());
  return out;
}

}  // namespace

const std::set<std::string>& weather_chips() {
  static const std::set<std::string> chips = {"adt7410", "bme280",  "ds1621", "hih6130", "htu21", "jc42",
                                              "lm75",    "lm75a",   "lm75b",  "mcp9808", "sht15", "sht21",
                                              "sht3x",   "sht4x",   "shtc1",  "shtc3",   "sts3x", "tmp102",
                                              "tmp117",  "tmp1075", "tmp175"};
  return chips;
}

std::vector<Reading> poll_hwmon(const HwmonOptions& options) {
  std::vector<Reading> out;
  const auto& names = options.names.empty() ? weather_chips() : options.names;
  for (const auto& device : subfolders(options.sysfs.root / "class/hwmon", "hwmon")) {
    const auto name = read_attribute(device / "name");
    if (!name || !names.contains(*name)) continue;
    auto reading = read_chip(device, *name, options.sysfs);
    if (!reading.quantities().empty()) out.push_back(std::move(reading));
  }
  return out;
}

}  // namespace weather::sensors
