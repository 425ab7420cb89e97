#include "sensors/reading/view.hpp"

#include <algorithm>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/wire.hpp"

namespace weather::sensors {
namespace {

std::string_view text(Wire& in) {
  const auto bytes = in.bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!is_utf8(text)) in.fail();
  return text;
}

std::int64_t time_ns(Wire& in) {
  return static_cast<std::int64_t>(in.fixed64());
}

template <class Enum>
Enum enumerator(Wire& in) {
  return static_cast<Enum>(static_cast<std::int32_t>(in.varint()));
}

// A submessage: member(inner, tag) reads one of its fields.
template <class Member>
void message(Wire& in, const Member& member) {
  Wire inner(in.bytes());
  while (const std::uint32_t tag = inner.tag()) member(inner, tag);
  if (!inner.good()) in.fail();
}

void read_quantity(Wire& in, std::uint32_t tag, QuantityView& quantity) {
  switch (tag) {
    case Wire::bytes(1):
      quantity.name = text(in);
      break;
    case Wire::fixed64(2):
      quantity.value = in.number();
      break;
    case Wire::varint(3):
      quantity.value = in.zigzag();
      break;
    case Wire::varint(4):
      quantity.value = in.varint() != 0;
      break;
    case Wire::bytes(5):
      quantity.value = text(in);
      break;
    case Wire::bytes(6):
      quantity.unit = text(in);
      break;
    case Wire::bytes(7):
      quantity.part = text(in);
      break;
    case Wire::varint(8):
      quantity.stat = enumerator<v1::Stat>(in);
      break;
    case Wire::varint(10):
      quantity.quality = enumerator<v1::Quality>(in);
      break;
    case Wire::fixed64(13):
      quantity.src_value = in.number();
      break;
    case Wire::bytes(14):
      quantity.src_unit = text(in);
      break;
    default:
      in.skip(tag);
  }
}

void read_location(Wire& in, std::uint32_t tag, LocationView& location) {
  switch (tag) {
    case Wire::bytes(1):
      location.name = text(in);
      break;
    case Wire::fixed64(2):
      location.latitude = in.number();
      break;
    case Wire::fixed64(3):
      location.longitude = in.number();
      break;
    case Wire::fixed64(4):
      location.altitude_m = in.number();
      break;
    default:
      in.skip(tag);
  }
}

void read_link(Wire& in, std::uint32_t tag, LinkView& link) {
  switch (tag) {
    case Wire::fixed32(1):
      link.rssi_dbm = in.single();
      break;
    case Wire::fixed32(3):
      link.battery_v = in.single();
      break;
    case Wire::fixed32(4):
      link.battery_ratio = in.single();
      break;
    default:
      in.skip(tag);
  }
}

void read_arrival(Wire& in, std::uint32_t tag, ReadingView& view) {
  switch (tag) {
    case Wire::bytes(5):
      view.traceparent = text(in);
      break;
    case Wire::bytes(6):
      view.tracestate = text(in);
      break;
    case Wire::varint(8):
      view.exchange = enumerator<v1::Exchange>(in);
      break;
    default:
      in.skip(tag);
  }
}

// One entry of a map; the last of a name counts.
void read_entry(Wire& in, ReadingView::Texts& texts) {
  std::string_view name, value;
  message(in, [&](Wire& entry, std::uint32_t tag) {
    if (tag == Wire::bytes(1))
      name = text(entry);
    else if (tag == Wire::bytes(2))
      value = text(entry);
    else
      entry.skip(tag);
  });
  const auto same = std::find_if(texts.begin(), texts.end(), [&](const auto& e) { return e.first == name; });
  if (same != texts.end())
    same->second = value;
  else
    texts.emplace_back(name, value);
}

void read_time(Wire& in, std::uint32_t tag, ReadingTimes& times) {
  switch (tag) {
    case Wire::fixed64(2):
      times.event_ns = time_ns(in);
      break;
    case Wire::fixed64(3):
      times.received_ns = time_ns(in);
      break;
    case Wire::varint(4):
      times.source = enumerator<v1::TimeSource>(in);
      break;
    case Wire::fixed64(20):
      times.boot_clock_ns = time_ns(in);
      break;
    case Wire::fixed64(21):
      times.boot_id = in.fixed64();
      break;
    case Wire::varint(22):
      times.clock_quality = enumerator<v1::ClockQuality>(in);
      break;
    case Wire::fixed64(23):
      times.sensor_said_ns = time_ns(in);
      break;
    default:
      in.skip(tag);
  }
}

void read_submessage(Wire& in, std::uint32_t tag, ReadingView& view) {
  switch (tag) {
    case Wire::bytes(9):
      message(in, [&quantity = view.quantities.emplace_back()](Wire& inner, std::uint32_t member) {
        read_quantity(inner, member, quantity);
      });
      break;
    case Wire::bytes(10):
      if (!view.location) view.location.emplace();
      message(in, [&](Wire& inner, std::uint32_t member) { read_location(inner, member, *view.location); });
      break;
    case Wire::bytes(11):
      message(in, [&](Wire& inner, std::uint32_t member) {
        if (member == Wire::bytes(1))
          view.source_adapter = text(inner);
        else
          inner.skip(member);
      });
      break;
    case Wire::bytes(12):
      message(in, [&](Wire& inner, std::uint32_t member) { read_link(inner, member, view.link); });
      break;
    case Wire::bytes(17):
      message(in, [&](Wire& inner, std::uint32_t member) { read_arrival(inner, member, view); });
      break;
    default:
      read_time(in, tag, view.times);
  }
}

void read_member(Wire& in, std::uint32_t tag, ReadingView& view) {
  switch (tag) {
    case Wire::bytes(1):
      view.sensor_id = text(in);
      break;
    case Wire::bytes(13):
      read_entry(in, view.labels);
      break;
    case Wire::bytes(14):
      view.extra_json = text(in);
      break;
    case Wire::varint(16):
      view.flags = static_cast<std::uint32_t>(in.varint());
      break;
    case Wire::bytes(18):
      read_entry(in, view.headers);
      break;
    case Wire::bytes(19):
      view.error = text(in);
      break;
    case Wire::varint(24):
      view.summary_s = static_cast<std::uint32_t>(in.varint());
      break;
    default:
      read_submessage(in, tag, view);
  }
}

}  // namespace

std::string_view ReadingView::label(std::string_view name) const {
  const auto found =
      std::find_if(labels.begin(), labels.end(), [&](const auto& e) { return e.first == name; });
  return found == labels.end() ? std::string_view{} : found->second;
}

void ReadingView::clear() {
  ReadingView fresh;
  std::swap(fresh.quantities, quantities);
  std::swap(fresh.labels, labels);
  std::swap(fresh.headers, headers);
  fresh.quantities.clear();
  fresh.labels.clear();
  fresh.headers.clear();
  *this = std::move(fresh);
}

bool read(std::span<const std::byte> bytes, ReadingView& view) {
  view.clear();
  Wire in(bytes);
  while (const std::uint32_t tag = in.tag()) read_member(in, tag, view);
  return in.good();
}

QuantityView view_of(const v1::Quantity& quantity) {
  return {quantity.name(),    quantity.unit(),      quantity.part(), quantity.src_unit(),
          value_of(quantity), quantity.src_value(), quantity.stat(), quantity.quality()};
}

void view_of(const v1::Reading& reading, ReadingView& view) {
  view.clear();
  view.sensor_id = reading.sensor_id();
  view.extra_json = reading.extra_json();
  view.error = reading.error();
  view.times = times_of(reading);
  for (const auto& quantity : reading.quantities()) view.quantities.push_back(view_of(quantity));
  if (reading.has_location()) {
    const auto& at = reading.location();
    view.location.emplace().name = at.name();
    if (at.has_latitude()) view.location->latitude = at.latitude();
    if (at.has_longitude()) view.location->longitude = at.longitude();
    if (at.has_altitude_m()) view.location->altitude_m = at.altitude_m();
  }
  if (reading.link().has_rssi_dbm()) view.link.rssi_dbm = reading.link().rssi_dbm();
  if (reading.link().has_battery_v()) view.link.battery_v = reading.link().battery_v();
  if (reading.link().has_battery_ratio()) view.link.battery_ratio = reading.link().battery_ratio();
  view.source_adapter = reading.source().adapter();
  view.traceparent = reading.arrival().traceparent();
  view.tracestate = reading.arrival().tracestate();
  view.exchange = reading.arrival().exchange();
  view.flags = reading.flags();
  view.summary_s = reading.summary_s();
  for (const auto& [name, text] : reading.labels()) view.labels.emplace_back(name, text);
  for (const auto& [name, text] : reading.headers()) view.headers.emplace_back(name, text);
}

bool numeric_value(const Value& value, double& number) {
  if (const auto* real = std::get_if<double>(&value)) {
    number = *real;
    return true;
  }
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    number = static_cast<double>(*integer);
    return true;
  }
  return false;
}

}  // namespace weather::sensors
