#include "gateway/ingest/sensor_memory.hpp"

#include <bit>
#include <cstring>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"

namespace weather::gateway {
namespace {

// Magic with the format's number, the varints and texts below; the checksum of all of it.
constexpr std::string_view magic = "WGSENS1\n";
constexpr std::size_t checksum_bytes = 4;

class Output {
 public:
  explicit Output(std::string& to) : to_(to) {}
  void number(std::uint64_t value) {
    std::byte bytes[log::max_varint_bytes];
    const auto* end = log::put_varint(bytes, value);
    to_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(end - bytes));
  }
  void signed_number(std::int64_t value) { number(log::zigzag(value)); }
  void text(std::string_view value) {
    number(value.size());
    to_ += value;
  }

 private:
  std::string& to_;
};

// Reads off the front; after an end that comes too early everything is 0 and failed().
class Input {
 public:
  explicit Input(std::span<const std::byte> bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}
  bool failed() const { return at_ == nullptr; }
  bool done() const { return at_ == end_; }
  std::uint64_t number() {
    std::uint64_t value = 0;
    if (at_ != nullptr) at_ = log::get_varint(at_, end_, value);
    return value;
  }
  std::int64_t signed_number() { return log::unzigzag(number()); }
  std::string text() {
    const auto size = number();
    if (at_ == nullptr || size > static_cast<std::uint64_t>(end_ - at_)) return at_ = nullptr, "";
    const auto* from = reinterpret_cast<const char*>(at_);
    at_ += size;
    return {from, static_cast<std::size_t>(size)};
  }

 private:
  const std::byte *at_, *end_;
};

constexpr std::uint64_t watched = 1, silent = 2, reported = 4;

void put(Output& out, const SensorMemory& sensor) {
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
  out.number((sensor.silence ? watched : 0) | (silence.silent ? silent : 0) |
             (silence.reported ? reported : 0));
  out.signed_number(silence.quiet_ns);
  out.signed_number(silence.usual_ns);
}

SensorMemory get(Input& in, std::size_t most_minutes) {
  SensorMemory sensor;
  sensor.id = in.text();
  sensor.reading = in.text();
  sensor.party = in.text();
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
  silence.silent = (bits & silent) != 0;
  silence.reported = (bits & reported) != 0;
  if ((bits & watched) != 0) sensor.silence = silence;
  return sensor;
}

}  // namespace

std::string encode(const SensorMemories& memories) {
  std::string text(magic);
  Output out(text);
  out.text(memories.log);
  out.number(memories.last);
  out.signed_number(memories.boot_ns);
  out.number(memories.boot_id);
  out.number(memories.sensors.size());
  for (const auto& sensor : memories.sensors) put(out, sensor);
  std::byte checksum[checksum_bytes];
  log::put(checksum, log::crc32c(log::bytes_of(text)));
  text.append(reinterpret_cast<const char*>(checksum), checksum_bytes);
  return text;
}

std::optional<SensorMemories> decode_memories(std::span<const std::byte> bytes) {
  constexpr std::size_t most_minutes = 1024;
  if (bytes.size() < magic.size() + checksum_bytes) return std::nullopt;
  const auto body = bytes.first(bytes.size() - checksum_bytes);
  if (log::get<std::uint32_t>(bytes.data() + body.size()) != log::crc32c(body) ||
      std::memcmp(body.data(), magic.data(), magic.size()) != 0)
    return std::nullopt;
  Input in(body.subspan(magic.size()));
  SensorMemories memories;
  memories.log = in.text();
  memories.last = in.number();
  memories.boot_ns = in.signed_number();
  memories.boot_id = in.number();
  const auto count = in.number();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) memories.sensors.push_back(get(in, most_minutes));
  if (in.failed() || !in.done()) return std::nullopt;
  return memories;
}

}  // namespace weather::gateway
