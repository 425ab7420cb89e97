#include "gateway/ingest/shown_reading.hpp"

#include <string>

namespace weather::gateway {
namespace {

constexpr std::size_t most_text_bytes = 256;

void cut(std::string& text) {
  if (text.size() <= most_text_bytes) return;
  // Not in the middle of a character: UTF-8's followers begin with 10.
  std::size_t end = most_text_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
}

}  // namespace

int shorten(v1::Reading& reading, std::size_t most_bytes) {
  if (reading.ByteSizeLong() <= most_bytes) return 0;
  reading.clear_raw();
  reading.clear_headers();
  reading.clear_labels();
  reading.clear_extra_json();
  reading.clear_location();
  auto& arrival = *reading.mutable_arrival();
  for (auto* text : {arrival.mutable_source(), arrival.mutable_topic(), arrival.mutable_client(),
                     reading.mutable_error(), reading.mutable_sensor_id(), reading.mutable_gateway_id()})
    cut(*text);
  arrival.clear_traceparent();
  arrival.clear_tracestate();
  arrival.clear_owner();
  reading.clear_source();
  const int had = reading.quantities_size();
  if (reading.ByteSizeLong() > most_bytes)
    for (auto& quantity : *reading.mutable_quantities()) {
      quantity.clear_src_field();
      quantity.clear_src_value();
      quantity.clear_src_unit();
      if (quantity.value_case() == v1::Quantity::kText) cut(*quantity.mutable_text());
      for (auto* text : {quantity.mutable_name(), quantity.mutable_unit(), quantity.mutable_part()})
        cut(*text);
    }
  while (reading.ByteSizeLong() > most_bytes && reading.quantities_size() > 0) {
    const int left = reading.quantities_size() / 2;
    reading.mutable_quantities()->DeleteSubrange(left, reading.quantities_size() - left);
  }
  return had - reading.quantities_size();
}

}  // namespace weather::gateway
