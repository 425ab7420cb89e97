#include "sensors/reading/avro.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

namespace weather::sensors {
namespace {

constexpr std::uint64_t ns_per_us = 1000;

class AvroWriter {
 public:
  explicit AvroWriter(std::string& out) : out_(out) {}

  void integer(std::int64_t value) {
    auto rest = (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
    for (; rest >= 0x80; rest >>= 7U) out_ += static_cast<char>(rest | 0x80U);
    out_ += static_cast<char>(rest);
  }
  void text(std::string_view value) {
    integer(static_cast<std::int64_t>(value.size()));
    out_ += value;
  }
  void number(double value) { fixed(std::bit_cast<std::uint64_t>(value), 8); }
  void single(float value) { fixed(std::bit_cast<std::uint32_t>(value), 4); }
  void boolean(bool value) { out_ += static_cast<char>(value); }
  // Which of ["null", ...] comes; true: what is not null.
  bool some(bool there) {
    out_ += static_cast<char>(there ? 2 : 0);
    return there;
  }
  void time(std::uint64_t unix_ns) {
    if (some(unix_ns != 0)) integer(static_cast<std::int64_t>(unix_ns / ns_per_us));
  }
  // By its place among the symbols; proto3 lets numbers through that none of them has.
  void symbol(int value, int symbols) { integer(value >= 0 && value < symbols ? value : 0); }
  void block(int items) {
    if (items > 0) integer(items);
  }
  void end_of_blocks() { out_ += '\0'; }

 private:
  void fixed(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out_ += static_cast<char>(value >> 8 * i);
  }
  std::string& out_;
};

// Beyond what a long holds there is no counter.
std::int64_t as_long(std::uint64_t value) {
  return value > std::numeric_limits<std::int64_t>::max() ? -1 : static_cast<std::int64_t>(value);
}

void write(AvroWriter& out, const v1::Quantity& one) {
  out.text(one.name());
  if (out.some(one.has_number())) out.number(one.number());
  if (out.some(one.has_integer())) out.integer(one.integer());
  if (out.some(one.has_boolean())) out.boolean(one.boolean());
  if (out.some(one.has_text())) out.text(one.text());
  out.text(one.unit());
  out.text(one.part());
  out.symbol(one.stat(), v1::Stat_ARRAYSIZE);
  out.integer(one.period_s());
  out.symbol(one.quality(), v1::Quality_ARRAYSIZE);
  out.integer(one.qc());
  out.text(one.src_field());
  out.number(one.src_value());
  out.text(one.src_unit());
}

void write(AvroWriter& out, const v1::Location& location) {
  out.text(location.name());
  if (out.some(location.has_latitude())) out.number(location.latitude());
  if (out.some(location.has_longitude())) out.number(location.longitude());
  if (out.some(location.has_altitude_m())) out.number(location.altitude_m());
}

void write(AvroWriter& out, const v1::Source& source) {
  for (const auto* text :
       {&source.adapter(), &source.address(), &source.model(), &source.firmware(), &source.format_version()})
    out.text(*text);
}

void write(AvroWriter& out, const v1::Link& link) {
  if (out.some(link.has_rssi_dbm())) out.single(link.rssi_dbm());
  if (out.some(link.has_snr_db())) out.single(link.snr_db());
  if (out.some(link.has_battery_v())) out.single(link.battery_v());
  if (out.some(link.has_battery_ratio())) out.single(link.battery_ratio());
  out.integer(link.repeats());
}

// In the order of their names: the same reading is the same bytes.
template <class Map>
void write_map(AvroWriter& out, const Map& map) {
  const std::map<std::string_view, std::string_view> sorted(map.begin(), map.end());
  out.block(static_cast<int>(sorted.size()));
  for (const auto& [name, text] : sorted) {
    out.text(name);
    out.text(text);
  }
  out.end_of_blocks();
}

}  // namespace

void append_avro(std::string& to, const v1::Reading& reading, std::string_view id) {
  AvroWriter out(to);
  out.text(id);
  out.text(reading.sensor_id());
  out.time(reading.event_time_ns());
  out.time(reading.received_time_ns());
  out.time(reading.source_time_ns());
  out.symbol(reading.time_source(), v1::TimeSource_ARRAYSIZE);
  out.symbol(reading.clock_quality(), v1::ClockQuality_ARRAYSIZE);
  out.text(reading.gateway_id());
  out.integer(as_long(reading.sequence()));
  if (const auto counter = as_long(reading.source_sequence()); out.some(counter > 0))
    out.integer(counter - 1);
  out.integer(reading.summary_s());
  out.integer(reading.flags());
  out.block(reading.quantities_size());
  for (const auto& one : reading.quantities()) write(out, one);
  out.end_of_blocks();
  if (out.some(reading.has_location())) write(out, reading.location());
  if (out.some(reading.has_source())) write(out, reading.source());
  if (out.some(reading.has_link())) write(out, reading.link());
  if (out.some(reading.has_arrival())) {
    out.text(reading.arrival().source());
    out.text(reading.arrival().topic());
  }
  write_map(out, reading.labels());
  write_map(out, reading.headers());
  out.text(reading.extra_json());
  if (out.some(!reading.raw().empty())) out.text(reading.raw());
  out.text(reading.error());
}

}  // namespace weather::sensors
