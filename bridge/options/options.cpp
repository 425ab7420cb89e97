#include "bridge/options/options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <system_error>
#include <utility>

namespace weather::bridge {
namespace {

template <class Enum>
std::optional<Enum> find(std::string_view text,
                         std::initializer_list<std::pair<std::string_view, Enum>> words) {
  for (const auto& [word, value] : words)
    if (word == text) return value;
  return std::nullopt;
}

}  // namespace

std::span<const std::string_view> optional_headers() {
  static constexpr std::array<std::string_view, 9> names{
      "content-type",    "ce_specversion", "ce_source",   "ce_subject",   "ce_time",
      "ce_recordedtime", "ce_timequality", "ce_backfill", "ce_sourcetime"};
  return names;
}

bool may_omit(std::string_view header) {
  const auto names = optional_headers();
  return std::find(names.begin(), names.end(), header) != names.end();
}

std::optional<Layout> layout_from(std::string_view text) {
  return find<Layout>(text, {{"record", Layout::record}, {"envelope", Layout::envelope}});
}

bool has_schema(Format format) {
  return format == Format::confluent_protobuf || format == Format::confluent_avro ||
         format == Format::confluent_json;
}

bool is_json(Format format) {
  return format == Format::json || format == Format::confluent_json;
}

std::optional<Format> format_from(std::string_view text) {
  return find<Format>(text, {{"json", Format::json},
                             {"protobuf", Format::protobuf},
                             {"confluent-protobuf", Format::confluent_protobuf},
                             {"confluent-avro", Format::confluent_avro},
                             {"confluent-json", Format::confluent_json}});
}

std::optional<Profile> profile_from(std::string_view text) {
  return find<Profile>(text, {{"lan", Profile::lan}, {"lte", Profile::lte}, {"metered", Profile::metered}});
}

std::optional<Delivery> delivery_from(std::string_view text) {
  return find<Delivery>(
      text, {{"at-least-once", Delivery::at_least_once}, {"exactly-once", Delivery::exactly_once}});
}

std::optional<Order> order_from(std::string_view text) {
  return find<Order>(text, {{"strict", Order::strict}, {"live_first", Order::live_first}});
}

std::optional<Statistic> statistic_from(std::string_view text) {
  return find<Statistic>(text, {{"mean", Statistic::mean},
                                {"min", Statistic::min},
                                {"max", Statistic::max},
                                {"last", Statistic::last},
                                {"sum", Statistic::sum},
                                {"count", Statistic::count}});
}

std::optional<RefusedTime> refused_time_from(std::string_view text) {
  return find<RefusedTime>(text, {{"ingest_time", RefusedTime::ingest_time},
                                  {"dead_letter", RefusedTime::dead_letter},
                                  {"hold", RefusedTime::hold}});
}

std::optional<PastRetention> past_retention_from(std::string_view text) {
  return find<PastRetention>(text, {{"send", PastRetention::send},
                                    {"ingest_time", PastRetention::ingest_time},
                                    {"hold", PastRetention::hold}});
}

std::optional<std::int64_t> number(const Properties& settings, std::string_view name) {
  const auto it = settings.find(name);
  if (it == settings.end()) return std::nullopt;
  std::int64_t value = 0;
  const char* end = it->second.data() + it->second.size();
  const auto parsed = std::from_chars(it->second.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

std::string simpler_codec(std::string_view codec) {
  if (codec == "zstd") return "lz4";
  if (codec.empty() || codec == "none") return {};
  return codec == "gzip" ? "none" : "gzip";  // gzip: what every version has
}

}  // namespace weather::bridge
