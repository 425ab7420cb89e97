// Fuzz target: a stored reading looked at in place, beside the same bytes parsed by the Protobuf library.
// What the library takes must be taken, and come out the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <google/protobuf/stubs/logging.h>

#include "sensors/reading/render.hpp"
#include "sensors/reading/view.hpp"

namespace {

using namespace weather;

std::string rendered(const sensors::ReadingView& view) {
  sensors::RenderOptions imperial;
  imperial.units = sensors::UnitSystem::imperial;
  std::string text;
  sensors::append_value_json(text, view, imperial);
  return text;
}

bool same(sensors::ReadingView& one, sensors::ReadingView& other) {
  for (auto* texts : {&one.labels, &one.headers, &other.labels, &other.headers})
    std::sort(texts->begin(), texts->end());
  return one.sensor_id == other.sensor_id && one.error == other.error && one.times == other.times &&
         one.source_adapter == other.source_adapter && one.traceparent == other.traceparent &&
         one.tracestate == other.tracestate && one.exchange == other.exchange && one.flags == other.flags &&
         one.labels == other.labels && one.headers == other.headers &&
         one.quantities.size() == other.quantities.size() && rendered(one) == rendered(other);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const google::protobuf::LogSilencer silent;
  v1::Reading message;
  const bool parsed = message.ParseFromArray(data, static_cast<int>(size));
  sensors::ReadingView seen, expected;
  const bool taken = sensors::read(std::as_bytes(std::span(data, size)), seen);
  if (!parsed) return 0;
  sensors::view_of(message, expected);
  if (!taken || !same(seen, expected)) std::abort();
  return 0;
}
