#include "sensors/buses/iio.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

namespace fs = std::filesystem;

struct ChannelType {
  std::string_view prefix;  // after "in_"
  std::string_view quantity, unit;
  double to_unit;  // value in sysfs * to_unit = value in `unit`
  bool milli;      // a driver may forget the thousandths
};

constexpr ChannelType types[] = {
    {"temp", "air_temperature", "Cel", 0.001, true},
    {"humidityrelative", "relative_humidity", "%", 0.001, true},
    {"pressure", "air_pressure", "kPa", 1, false},
    {"illuminance", "illuminance", "lx", 1, false},
    {"uvindex", "ultraviolet_index", "", 1, false},
    {"concentration_co2", "co2", "%", 1, false},
    {"massconcentration_pm1", "pm1", "ug/m3", 1, false},
    {"massconcentration_pm2p5", "pm2p5", "ug/m3", 1, false},
    {"massconcentration_pm4", "pm4", "ug/m3", 1, false},
    {"massconcentration_pm10", "pm10", "ug/m3", 1, false},
};

struct Channel {
  std::string base;  // "in_temp0_ambient"
  std::string part;  // "0_ambient"
  const ChannelType* type = nullptr;
  bool raw = false;
};

// "in_temp_input", "in_temp0_raw", "in_temp_ambient_raw"; not "in_temp_scale".
std::optional<Channel> channel_of(std::string_view file) {
  if (!file.starts_with("in_")) return std::nullopt;
  Channel out;
  out.raw = file.ends_with("_raw");
  if (!out.raw && !file.ends_with("_input")) return std::nullopt;
  out.base = file.substr(0, file.rfind('_'));
  const auto name = std::string_view(out.base).substr(3);
  for (const auto& type : types) {
    if (!name.starts_with(type.prefix)) continue;
    auto rest = name.substr(type.prefix.size());
    const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits < rest.size() && rest[digits] != '_') continue;
    if (type.prefix.back() >= '0' && type.prefix.back() <= '9' && digits > 0) continue;  // pm1 is not pm10
    out.part = rest.starts_with('_') ? rest.substr(1) : rest;
    out.type = &type;
    return out;
  }
  return std::nullopt;
}

std::vector<Channel> channels_of(const fs::path& device) {
  std::vector<Channel> out;
  for (const auto& file : file_names(device)) {
    auto channel = channel_of(file);
    if (!channel) continue;
    const auto same = std::ranges::find(out, channel->base, &Channel::base);
    if (same == out.end())
      out.push_back(std::move(*channel));
    else
      same->raw = same->raw && channel->raw;  // _input is the processed value
  }
  for (auto& channel : out)
    if (const auto label = read_attribute(device / (channel.base + "_label")); label && !label->empty())
      channel.part = *label;
  return out;
}

using Number = tl::expected<double, std::string>;

Number read_number(const fs::path& path, const SysfsOptions& options) {
  const auto text = read_with_retry(path, options);
  if (!text) return tl::unexpected(text.error().message());
  const auto value = parse_double(*text);
  if (!value) return tl::unexpected("\"" + *text + "\" is no number");
  return *value;
}

// Its own (in_temp0_scale), or the one its type shares (in_temp_scale).
double factor(const fs::path& device, const Channel& channel, std::string_view what, double otherwise) {
  for (const auto& base : {channel.base, "in_" + std::string(channel.type->prefix)}) {
    const auto text = read_attribute(device / (base + "_" + std::string(what)));
    if (const auto value = text ? parse_double(*text) : std::nullopt) return *value;
  }
  return otherwise;
}

Number read_channel(const fs::path& device, const Channel& channel, const SysfsOptions& options) {
  const auto value = read_number(device / (channel.base + (channel.raw ? "_raw" : "_input")), options);
  if (!value || !channel.raw) return value;
  return (*value + factor(device, channel, "offset", 0)) * factor(device, channel, "scale", 1);
}

void suspect(v1::Quantity& quantity) {
  quantity.set_qc(quantity.qc() | v1::QC_UNIT_SUSPECT);
  quantity.set_quality(v1::QUALITY_DOUBTFUL);
}

}  // namespace

// Up to 125, a thermometer's range in degrees, thousandths would be within 0.125 degC of freezing: right only
// if it was nearly that cold before.
bool IioReader::plausible_milli_celsius(const std::string& channel, double milli) {
  const auto before = trusted_milli_.find(channel);
  const bool near = before != trusted_milli_.end() && std::abs(before->second - milli) < 2000;
  if (std::abs(milli) <= 125 && milli != 0 && !near) return false;
  trusted_milli_[channel] = milli;
  return true;
}

std::vector<Reading> IioReader::poll() {
  std::vector<Reading> out;
  for (const auto& device : subfolders(options_.sysfs.root / "bus/iio/devices", "iio:device")) {
    const auto name = read_attribute(device / "name").value_or("unknown");
    if (!options_.names.empty() && !options_.names.contains(name)) continue;
    Reading reading;
    reading.set_sensor_id(to_utf8("iio:" + name + ":" + place_of(device)));
    reading.mutable_source()->set_adapter("iio");
    reading.mutable_source()->set_model(to_utf8(name));
    reading.mutable_source()->set_address(device.filename().string());
    const bool whole = options_.celsius.contains(name);
    JsonMembers errors;
    for (const auto& channel : channels_of(device)) {
      const auto sent = read_channel(device, channel, options_.sysfs);
      const auto& type = *channel.type;
      const Field field{
          .name = type.quantity, .unit = type.unit, .part = channel.part, .source_field = channel.base};
      if (!sent) {
        add_quantity(reading, field, std::monostate{}).set_quality(v1::QUALITY_MISSING);
        errors.add(channel.base, std::string_view(sent.error()));
        continue;
      }
      // Less than 0.1 % does not exist outdoors: the driver means percent.
      const bool forgot = type.milli && type.unit == "%" && *sent > 0 && *sent <= 100;
      const double to_unit = type.milli && (whole || forgot) ? 1 : type.to_unit;
      auto& quantity = add_quantity(reading, field, round_significant(*sent * to_unit, 12));
      const bool is_temperature = type.milli && type.unit == "Cel";
      if (!whole &&
          (forgot || (is_temperature && !plausible_milli_celsius(reading.sensor_id() + channel.base, *sent))))
        suspect(quantity);
    }
    reading.set_extra_json(errors.take());
    if (!reading.quantities().empty()) out.push_back(std::move(reading));
  }
  return out;
}

tl::expected<double, std::string> read_iio_channel(const SysfsOptions& sysfs, std::string_view device,
                                                   std::string_view channel) {
  const auto kind = channel.substr(0, std::min(channel.find_first_of("0123456789_"), channel.size()));
  const ChannelType type{kind, {}, {}, 1, false};
  for (const auto& folder : subfolders(sysfs.root / "bus/iio/devices", "iio:device")) {
    if (read_attribute(folder / "name").value_or("") != device) continue;
    Channel wanted{"in_" + std::string(channel), {}, &type, false};
    wanted.raw = !std::filesystem::exists(folder / (wanted.base + "_input"));
    auto sent = read_channel(folder, wanted, sysfs);
    if (!sent) return tl::unexpected(wanted.base + " of " + std::string(device) + ": " + sent.error());
    return sent;
  }
  return tl::unexpected("no IIO device is called \"" + std::string(device) +
                        "\": cat /sys/bus/iio/devices/*/name");
}

}  // namespace weather::sensors
