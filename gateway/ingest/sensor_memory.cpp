#include "gateway/ingest/sensor_memory.hpp"

#include <bit>
#include <cstring>

#include "gateway/ingest/byte_output.hpp"

namespace weather::gateway {
namespace {

// Magic with the format's number, the varints and texts below; the checksum of all of it.
constexpr std::string_view sensors_magic = "WGSENS1\n";

constexpr std::uint64_t watched_bit = 1, silent_bit = 2, reported_bit = 4;

void put(ByteOutput& out, const SensorMemory& sensor) {
  out.text(sensor.id);
  out.text(sensor.reading);
  out.text(sensor.party);
  out.number(sensor.not_shown);
  out.number(sensor.readings);
  out.signed_number(sensor.last_ns);
  out.number(std::bit_cast<std::uint64_t>(sensor.interval_s));
  out.number(sensor.recent.size());
  for (const float value : sensor.recent) out.number(std::bit_cast<std::uint32_t>(value));
  out.signed_number(sensor.recent_minute);
  const auto silence = sensor.silence.value_or(sensors::SilenceMemory{});
  out.number((sensor.silence ? watched_bit : 0) | (silence.silent ? silent_bit : 0) |
             (silence.reported ? reported_bit : 0));
  out.signed_number(silence.quiet_ns);
  out.signed_number(silence.usual_ns);
}

std::string text(log::VarintReader& in) {
  return in.text(in.number());
}

SensorMemory get(log::VarintReader& in, std::size_t most_minutes) {
  SensorMemory sensor;
  sensor.id = text(in);
  sensor.reading = text(in);
  sensor.party = text(in);
  sensor.not_shown = in.number();
  sensor.readings = in.number();
  sensor.last_ns = in.signed_number();
  sensor.interval_s = std::bit_cast<double>(in.number());
  const auto count = in.number();
  for (std::uint64_t i = 0; i < count && !in.failed() && i < most_minutes; ++i)
    sensor.recent.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(in.number())));
  sensor.recent_minute = in.signed_number();
  const auto bits = in.number();
  sensors::SilenceMemory silence;
  silence.quiet_ns = in.signed_number();
  silence.usual_ns = in.signed_number();
  silence.silent = (bits & silent_bit) != 0;
  silence.reported = (bits & reported_bit) != 0;
  if ((bits & watched_bit) != 0) sensor.silence = silence;
  return sensor;
}

}  // namespace

std::string encode(const SensorMemories& memories) {
  std::string text(sensors_magic);
  ByteOutput out(text);
  out.text(memories.log);
  out.number(memories.last);
  out.signed_number(memories.boot_ns);
  out.number(memories.boot_id);
  out.number(memories.sensors.size());
  for (const auto& sensor : memories.sensors) put(out, sensor);
  out.checksum();
  return text;
}

std::optional<SensorMemories> decode_memories(std::span<const std::byte> bytes) {
  constexpr std::size_t most_minutes = 1024;
  if (bytes.size() < sensors_magic.size() + checksum_bytes) return std::nullopt;
  const auto body = bytes.first(bytes.size() - checksum_bytes);
  if (log::get<std::uint32_t>(bytes.data() + body.size()) != log::crc32c(body) ||
      std::memcmp(body.data(), sensors_magic.data(), sensors_magic.size()) != 0)
    return std::nullopt;
  log::VarintReader in(body.subspan(sensors_magic.size()));
  SensorMemories memories;
  memories.log = text(in);
  memories.last = in.number();
  memories.boot_ns = in.signed_number();
  memories.boot_id = in.number();
  const auto count = in.number();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) memories.sensors.push_back(get(in, most_minutes));
  if (in.failed() || !in.done()) return std::nullopt;
  return memories;
}

}  // namespace weather::gateway
