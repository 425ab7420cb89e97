#include <cstdio>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "gateway/output/progress.hpp"
#include "gateway/simulate/timeline.hpp"
#include "gateway/status/status.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

std::size_t whole_seconds(std::chrono::milliseconds time) {
  return static_cast<std::size_t>(time.count() / 1000);
}

// Where the outage begins and ends in the timeline; both its length without one.
struct Phases {
  std::size_t cut = 0, restored = 0;
};
Phases phases(const SimulateSettings& settings, const Timeline& timeline) {
  if (settings.outage_for.count() == 0) return {timeline.seconds().size(), timeline.seconds().size()};
  return {whole_seconds(settings.outage_at), whole_seconds(settings.outage_at + settings.outage_for)};
}

// What waits in a fleet without an outage: the most of the seconds before, and some grace.
std::uint64_t usual_waiting(const Timeline& timeline, std::size_t cut) {
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < std::min(cut, timeline.seconds().size()); ++i)
    most = std::max(most, timeline.seconds()[i].waiting);
  return most + most / 4;
}

std::uint64_t waiting_at(const Timeline& timeline, std::size_t second) {
  return second == 0 || second > timeline.seconds().size() ? 0 : timeline.seconds()[second - 1].waiting;
}

std::string percent(double share) {
  return std::to_string(std::lround(share * 100)) + " %";
}

std::string span_text(const char* name, const Timeline::Span& span) {
  std::string text = std::string(name) + human_count(static_cast<std::uint64_t>(span.records_per_s)) +
                     " records/s (peak " + human_count(span.peak_records_per_s) + "), " +
                     human_count(static_cast<std::uint64_t>(span.requests_per_s)) + " requests/s, " +
                     human_bytes(span.bytes_per_s) + "/s, round trip p99 " +
                     human_milliseconds(span.round_trip_p99_s);
  if (span.broker_cpu)
    text += ", broker " + percent(*span.broker_cpu) + " of a core (peak " +
            percent(span.broker_cpu_peak.value_or(0)) + ")";
  return text + "\n";
}

json::value span_json(const Timeline::Span& span) {
  const auto maybe = [](const std::optional<double>& value) {
    return value ? json::value(*value) : json::value(nullptr);
  };
  return {{"records_per_second", span.records_per_s},
          {"peak_records_per_second", span.peak_records_per_s},
          {"requests_per_second", span.requests_per_s},
          {"bytes_per_second", span.bytes_per_s},
          {"round_trip_p99_seconds", span.round_trip_p99_s},
          {"broker_cpu_cores", maybe(span.broker_cpu)},
          {"broker_cpu_peak_cores", maybe(span.broker_cpu_peak)}};
}

}  // namespace

std::string simulate_text(const SimulateSettings& settings, const SimulateResult& result) {
  const auto& timeline = result.timeline;
  const auto [cut, restored] = phases(settings, timeline);
  std::string text = human_count(settings.gateways) + " gateways, " +
                     human_count(settings.gateways * settings.sensors) + " sensors, " +
                     human_duration(static_cast<double>(result.took.count()) / 1000) + "\n";
  text += "accepted " + human_count(result.score.accepted) + ", delivered " +
          human_count(result.score.delivered) + ", lost " + human_count(result.score.lost) + ", duplicates " +
          human_count(result.score.duplicates) + ", out of order " + human_count(result.out_of_order) +
          ", sent again " + human_count(result.resent) + ", connects " + human_count(result.connects) + "\n";
  text += span_text("before     ", timeline.span(1, cut));
  if (settings.outage_for.count() == 0) return text;
  text += "outage     " + human_duration(static_cast<double>(settings.outage_for.count()) / 1000) + ", " +
          human_count(waiting_at(timeline, restored)) + " readings waiting at its end\n";
  const auto half = timeline.back_after(restored, 0.5), all = timeline.back_after(restored, 1);
  if (half && all)
    text += "storm      half of the gateways were back within " + human_duration(*half) +
            ", the last within " + human_duration(*all) + ", at most " +
            human_count(timeline.most_back_in_one_second(restored)) + " in one second\n";
  const auto drained = timeline.drained_after(restored, usual_waiting(timeline, cut));
  if (!drained) return text + "the backlog did not drain\n";
  text += "drain      done after " + human_duration(static_cast<double>(*drained)) + "\n";
  return text + span_text("           ", timeline.span(restored, restored + *drained));
}

std::string simulate_json(const SimulateSettings& settings, const SimulateResult& result) {
  const auto& timeline = result.timeline;
  const auto [cut, restored] = phases(settings, timeline);
  json::array seconds;
  for (const auto& second : timeline.seconds())
    seconds.push_back({{"accepted", second.accepted},
                       {"confirmed", second.confirmed},
                       {"waiting", second.waiting},
                       {"back", second.back},
                       {"requests", second.requests},
                       {"round_trip_p99_seconds", second.round_trip_p99_s}});
  json::value outage = nullptr;
  if (settings.outage_for.count() != 0) {
    const auto seconds_or_null = [](const auto& value) {
      return value ? json::value(static_cast<double>(*value)) : json::value(nullptr);
    };
    const auto drained = timeline.drained_after(restored, usual_waiting(timeline, cut));
    outage = {{"seconds", static_cast<double>(settings.outage_for.count()) / 1000},
              {"waiting_at_its_end", waiting_at(timeline, restored)},
              {"half_back_after_seconds", seconds_or_null(timeline.back_after(restored, 0.5))},
              {"all_back_after_seconds", seconds_or_null(timeline.back_after(restored, 1))},
              {"most_back_in_one_second", timeline.most_back_in_one_second(restored)},
              {"drained_after_seconds", seconds_or_null(drained)},
              {"drain", span_json(timeline.span(restored, restored + drained.value_or(0)))}};
  }
  return json::serialize(json::value{{"schema_version", 1},
                                     {"gateways", settings.gateways},
                                     {"sensors", settings.gateways * settings.sensors},
                                     {"took_seconds", static_cast<double>(result.took.count()) / 1000},
                                     {"accepted", result.score.accepted},
                                     {"delivered", result.score.delivered},
                                     {"lost", result.score.lost},
                                     {"duplicates", result.score.duplicates},
                                     {"out_of_order", result.out_of_order},
                                     {"sent_again", result.resent},
                                     {"connects", result.connects},
                                     {"before", span_json(timeline.span(1, cut))},
                                     {"outage", outage},
                                     {"timeline", seconds}});
}

}  // namespace weather::gateway
