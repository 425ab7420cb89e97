#include "bridge/encode/reading_match.hpp"

#include <stdexcept>
#include <utility>

namespace weather::bridge {
namespace {

Match match_or_throw(const MatchPatterns& patterns) {
  auto parsed = Match::parse(patterns);
  if (!parsed) throw std::runtime_error("match: " + parsed.error());
  return std::move(*parsed);
}

}  // namespace

TemplateFields fields_of(const sensors::ReadingView& reading) {
  TemplateFields fields;
  fields.sensor = reading.sensor_id;
  fields.station = reading.label("station");
  if (fields.station.empty()) fields.station = reading.label("site");
  if (fields.station.empty() && reading.location) fields.station = reading.location->name;
  fields.source = reading.source_adapter;
  if (!reading.quantities.empty()) fields.quantity = reading.quantities.front().name;
  return fields;
}

ReadingMatch::ReadingMatch(const MatchPatterns& patterns) : match_(match_or_throw(patterns)) {}

bool ReadingMatch::fits(const sensors::ReadingView& reading, const TemplateFields& fields) {
  if (match_.takes_all()) return true;
  quantities_.clear();
  for (const auto& quantity : reading.quantities) quantities_.push_back(quantity.name);
  return match_.fits(fields, quantities_);
}

}  // namespace weather::bridge
