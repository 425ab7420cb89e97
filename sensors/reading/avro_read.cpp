#include <bit>
#include <cstdint>

#include "sensors/reading/avro.hpp"

namespace weather::sensors {
namespace {

// The first error ends it: every value is then 0 or empty, and good() is false.
class AvroReader {
 public:
  explicit AvroReader(std::string_view bytes) : rest_(bytes) {}

  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

  std::int64_t integer() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return static_cast<std::int64_t>((value >> 1U) ^ (0 - (value & 1U)));
    }
    fail();
    return 0;
  }
  std::uint32_t unsigned_int() {
    const auto value = integer();
    if (value < 0 || value > UINT32_MAX) fail();
    return good_ ? static_cast<std::uint32_t>(value) : 0;
  }
  std::string text() {
    const auto size = integer();
    if (size < 0 || static_cast<std::uint64_t>(size) > rest_.size()) fail();
    if (!good_) return {};
    std::string found(rest_.substr(0, static_cast<std::size_t>(size)));
    rest_.remove_prefix(found.size());
    return found;
  }
  double number() { return std::bit_cast<double>(fixed(8)); }
  float single() { return std::bit_cast<float>(static_cast<std::uint32_t>(fixed(4))); }
  bool boolean() {
    const auto byte = fixed(1);
    if (byte > 1) fail();
    return byte == 1;
  }
  bool some() {
    const auto branch = integer();
    if (branch != 0 && branch != 1) fail();
    return good_ && branch == 1;
  }
  std::uint64_t time_ns() {
    constexpr std::int64_t most = INT64_MAX / 1000;
    if (!some()) return 0;
    const auto us = integer();
    if (us < 0 || us > most) fail();
    return good_ ? static_cast<std::uint64_t>(us) * 1000 : 0;
  }
  int symbol(int symbols) {
    const auto index = integer();
    if (index < 0 || index >= symbols) fail();
    return good_ ? static_cast<int>(index) : 0;
  }
  // Calls item() for each of an array or a map.
  template <class Item>
  void blocks(const Item& item) {
    for (auto items = integer(); good_ && items != 0; items = integer()) {
      if (items < 0) return fail();  // with a size, which we do not write
      for (; good_ && items > 0; --items) item();
    }
  }
  void fail() {
    good_ = false;
    rest_ = {};
  }

 private:
  std::uint64_t fixed(unsigned bytes) {
    if (rest_.size() < bytes) fail();
    if (!good_) return 0;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i)
      value |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << 8 * i;
    rest_.remove_prefix(bytes);
    return value;
  }
  std::string_view rest_;
  bool good_ = true;
};

void read(AvroReader& in, v1::Quantity& one) {
  one.set_name(in.text());
  if (in.some()) one.set_number(in.number());
  if (in.some()) one.set_integer(in.integer());
  if (in.some()) one.set_boolean(in.boolean());
  if (in.some()) one.set_text(in.text());
  one.set_unit(in.text());
  one.set_part(in.text());
  one.set_stat(static_cast<v1::Stat>(in.symbol(v1::Stat_ARRAYSIZE)));
  one.set_period_s(in.unsigned_int());
  one.set_quality(static_cast<v1::Quality>(in.symbol(v1::Quality_ARRAYSIZE)));
  one.set_qc(in.unsigned_int());
  one.set_src_field(in.text());
  one.set_src_value(in.number());
  one.set_src_unit(in.text());
}

void read(AvroReader& in, v1::Location& location) {
  location.set_name(in.text());
  if (in.some()) location.set_latitude(in.number());
  if (in.some()) location.set_longitude(in.number());
  if (in.some()) location.set_altitude_m(in.number());
}

void read(AvroReader& in, v1::Source& source) {
  source.set_adapter(in.text());
  source.set_address(in.text());
  source.set_model(in.text());
  source.set_firmware(in.text());
  source.set_format_version(in.text());
}

void read(AvroReader& in, v1::Link& link) {
  if (in.some()) link.set_rssi_dbm(in.single());
  if (in.some()) link.set_snr_db(in.single());
  if (in.some()) link.set_battery_v(in.single());
  if (in.some()) link.set_battery_ratio(in.single());
  link.set_repeats(in.unsigned_int());
}

}  // namespace

bool read_avro(std::string_view bytes, v1::Reading& reading) {
  AvroReader in(bytes);
  reading.Clear();
  in.text();  // its id
  reading.set_sensor_id(in.text());
  reading.set_event_time_ns(in.time_ns());
  reading.set_received_time_ns(in.time_ns());
  reading.set_source_time_ns(in.time_ns());
  reading.set_time_source(static_cast<v1::TimeSource>(in.symbol(v1::TimeSource_ARRAYSIZE)));
  reading.set_clock_quality(static_cast<v1::ClockQuality>(in.symbol(v1::ClockQuality_ARRAYSIZE)));
  reading.set_gateway_id(in.text());
  reading.set_sequence(static_cast<std::uint64_t>(in.integer()));
  if (in.some()) reading.set_source_sequence(static_cast<std::uint64_t>(in.integer()) + 1);
  reading.set_summary_s(in.unsigned_int());
  reading.set_flags(in.unsigned_int());
  in.blocks([&] { read(in, *reading.add_quantities()); });
  if (in.some()) read(in, *reading.mutable_location());
  if (in.some()) read(in, *reading.mutable_source());
  if (in.some()) read(in, *reading.mutable_link());
  if (in.some()) {
    reading.mutable_arrival()->set_source(in.text());
    reading.mutable_arrival()->set_topic(in.text());
  }
  for (auto* const map : {reading.mutable_labels(), reading.mutable_headers()})
    in.blocks([&] {
      auto name = in.text();
      (*map)[std::move(name)] = in.text();
    });
  reading.set_extra_json(in.text());
  if (in.some()) reading.set_raw(in.text());
  reading.set_error(in.text());
  return in.good() && in.at_end();
}

}  // namespace weather::sensors
