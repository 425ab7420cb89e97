#include "sensors/buses/one_wire.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

constexpr std::array<std::string_view, 5> thermometers = {"10-", "22-", "28-", "3b-", "42-"};
constexpr std::size_t scratchpad_bytes = 9;

// "72 01 4b ..." at the start of a line; empty if it is something else.
std::string scratchpad(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; out.size() < scratchpad_bytes; at += 3) {
    unsigned byte = 0;
    if (at + 2 > line.size() || (at + 2 < line.size() && line[at + 2] != ' ')) return {};
    const auto [end, error] = std::from_chars(line.data() + at, line.data() + at + 2, byte, 16);
    if (error != std::errc{} || end != line.data() + at + 2) return {};
    out += static_cast<char>(byte);
  }
  return out;
}

}  // namespace

std::uint8_t maxim_crc8(std::string_view bytes) {
  std::uint8_t crc = 0;
  for (const char c : bytes) {
    crc = static_cast<std::uint8_t>(crc ^ static_cast<unsigned char>(c));
    for (int bit = 0; bit < 8; ++bit)
      crc = static_cast<std::uint8_t>((crc & 1) != 0 ? crc >> 1 ^ 0x8C : crc >> 1);
  }
  return crc;
}

std::string_view text_of(OneWireFault fault) {
  switch (fault) {
    case OneWireFault::crc:
      return "CRC error: what follows is the last good value";
    case OneWireFault::short_circuit:
      return "all bytes are 0: short circuit on the bus";
    default:
      return "not the two lines of w1_slave";
  }
}

tl::expected<OneWireSample, OneWireFault> parse_w1_slave(std::string_view text) {
  const auto newline = text.find('\n');
  if (newline == std::string_view::npos) return tl::unexpected(OneWireFault::malformed);
  const auto first = text.substr(0, newline), second = text.substr(newline + 1);
  const auto bytes = scratchpad(first);
  const auto t = second.find("t=");
  if (bytes.empty() || t == std::string_view::npos) return tl::unexpected(OneWireFault::malformed);
  const bool crc_right =
      maxim_crc8(std::string_view(bytes).substr(0, 8)) == static_cast<unsigned char>(bytes[8]);
  if (!first.ends_with("YES") || !crc_right) return tl::unexpected(OneWireFault::crc);
  if (std::ranges::all_of(bytes, [](char c) { return c == 0; }))
    return tl::unexpected(OneWireFault::short_circuit);
  const auto milli = parse_number(second.substr(t + 2));
  const auto* value = milli ? std::get_if<std::int64_t>(&*milli) : nullptr;
  if (value == nullptr) return tl::unexpected(OneWireFault::malformed);
  return OneWireSample{static_cast<double>(*value) / 1000, *value == 85'000 && bytes[6] == 0x0C};
}

Reading OneWireReader::read(const std::filesystem::path& device, const std::string& rom) {
  Reading out;
  out.set_sensor_id(to_utf8("w1:" + rom));
  out.mutable_source()->set_adapter("w1");
  const Field field{.name = "air_temperature", .unit = "Cel"};
  std::string problem;
  for (int attempt = 1;; ++attempt) {
    const auto text = read_with_retry(device / "w1_slave", options_.sysfs);
    if (!text) {
      problem = text.error().message();
      break;
    }
    const auto sample = parse_w1_slave(*text);
    if (sample) {
      const auto before = last_celsius_.find(rom);
      const bool believed = before != last_celsius_.end() &&
                            std::abs(before->second - sample->celsius) <= options_.neighbour_celsius;
      auto& quantity = add_quantity(out, field, sample->celsius);
      if (sample->power_on && !believed) {
        quantity.set_qc(v1::QC_SENTINEL);
        quantity.set_quality(v1::QUALITY_ERRONEOUS);
      } else {
        last_celsius_[rom] = sample->celsius;
      }
      return out;
    }
    problem = text_of(sample.error());
    if (attempt >= options_.sysfs.tries) break;
    pause_between_tries(options_.sysfs);
  }
  add_quantity(out, field, std::monostate{}).set_quality(v1::QUALITY_MISSING);
  JsonMembers errors;
  errors.add("w1_slave", std::string_view(problem));
  out.set_extra_json(errors.take());
  return out;
}

std::vector<Reading> OneWireReader::poll(const std::stop_token& stop) {
  std::vector<Reading> out;
  for (const auto& device : subfolders(options_.sysfs.root / "bus/w1/devices", "")) {
    const auto rom = device.filename().string();
    if (std::ranges::none_of(thermometers, [&](auto family) { return rom.starts_with(family); })) continue;
    if (stop.stop_requested()) break;
    out.push_back(read(device, rom));
  }
  return out;
}

}  // namespace weather::sensors
