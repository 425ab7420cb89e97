#include <algorithm>
#include <optional>

#include "sensors/decoders/rtl_433.hpp"
#include "sensors/mapping/apply.hpp"
#include "sensors/mapping/mapping.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::sensors {
namespace {

// What was measured, without link and time: two messages with the same are a cache speaking.
std::uint64_t hash_of_values(const Reading& reading) {
  std::uint64_t hash = 0;
  for (const auto& quantity : reading.quantities()) hash = hash_bytes(quantity.SerializeAsString(), hash);
  return hash;
}

void mark_repeats(const Mapping& mapping, RepeatFilter& seen, const Message& message, Mapped& mapped) {
  if (mapping.repeats == RepeatPolicy::keep) return;
  const bool drop = mapping.repeats == RepeatPolicy::drop;
  std::erase_if(mapped.readings, [&](Reading& reading) {
    const auto key = mapped.repeat_key != 0 ? mapped.repeat_key : hash_of_values(reading);
    if (!seen.repeated(reading.sensor_id(), key, message)) return false;
    reading.set_flags(reading.flags() | v1::FLAG_REPEATED);
    return drop;
  });
}

}  // namespace

Mapper::Mapper(std::vector<Mapping> mappings) {
  for (auto& mapping : mappings) {
    const std::size_t depth = mapping.repeats == RepeatPolicy::drop ? RepeatFilter::recent_keys : 1;
    Decoder rtl_433;
    if (mapping.payload == PayloadForm::rtl_433) rtl_433 = rtl_433_decoder();
    states_.push_back({std::move(mapping), RepeatFilter(depth), std::move(rtl_433)});
  }
}

Decoded Mapper::decode(const Message& message) {
  if (is_blank(message.payload)) return std::vector<Reading>{};
  if (last_of_topic_.repeated(message.topic, hash_bytes(message.payload), message) && message.retained)
    return std::vector<Reading>{};
  bool ignored = false;
  std::optional<DecodeError> error;
  for (auto& [mapping, seen, rtl_433] : states_) {
    Captures captures;
    const auto match = match_topic(mapping, message.topic, captures);
    ignored |= match == TopicMatch::ignored;
    if (match != TopicMatch::yes) continue;
    if (rtl_433) return rtl_433(message);
    auto mapped = apply_mapping(mapping, message, captures, false);
    if (mapped.error && mapped.not_its_form) {
      error = std::move(mapped.error);
      continue;
    }
    if (mapped.error) return tl::unexpected(std::move(*mapped.error));
    ignored |= mapped.ignored;
    if (mapped.ignored) continue;
    mark_repeats(mapping, seen, message, mapped);
    return std::move(mapped.readings);
  }
  if (ignored || (!error && is_other(message.topic))) return std::vector<Reading>{};
  if (error) return tl::unexpected(std::move(*error));
  return tl::unexpected(
      DecodeError{"no_mapping", "no mapping's topic pattern matches \"" + to_utf8(message.topic) + "\""});
}

bool Mapper::is_other(std::string_view topic) const {
  const auto levels = split_path(topic);
  Captures unused;
  return std::ranges::any_of(states_, [&](const State& state) {
    return std::ranges::any_of(state.mapping.other,
                               [&](const Pattern& pattern) { return pattern.match(levels, unused); });
  });
}

std::vector<std::string> Mapper::mqtt_filters() const {
  std::vector<std::string> out;
  for (const auto& state : states_)
    for (const auto& pattern : state.mapping.topics) {
      auto filter = pattern.mqtt_filter();
      if (std::ranges::find(out, filter) == out.end()) out.push_back(std::move(filter));
    }
  return out;
}

}  // namespace weather::sensors
