#include "sensors/csv/formats.hpp"

#include <memory>
#include <utility>

#include "sensors/csv/campbell.hpp"
#include "sensors/csv/csv_decoder.hpp"

namespace weather::sensors {
namespace {

MakeDecoder table(TableForm form) {
  return [form](const DecoderSettings& written) -> tl::expected<Decoder, std::string> {
    auto settings = csv_settings(form, written);
    if (!settings) return tl::unexpected(std::move(settings.error()));
    auto decoder = std::make_shared<CsvDecoder>(std::move(*settings));
    return Decoder([decoder](const Message& message) { return decoder->decode(message); });
  };
}

tl::expected<Decoder, std::string> make_campbell(const DecoderSettings& settings) {
  std::string_view zone;
  for (const auto& [name, value] : settings) {
    if (name != "zone")
      return tl::unexpected("format campbell has the setting zone only, not \"" + name + '"');
    zone = value;
  }
  auto time = csv_time_format({}, zone);
  if (!time) return tl::unexpected(std::move(time.error()));
  return Decoder([decoder = CampbellDecoder(std::move(*time))](const Message& message) {
    return decoder.decode(message);
  });
}

}  // namespace

void add_tables(Registry& registry) {
  registry.add({"csv", "lines of a table: comma-separated values", table(TableForm::csv), 1});
  registry.add({"toa5", "tables of Campbell Scientific loggers", table(TableForm::toa5), 4});
  registry.add({"campbell", "tables of Campbell Scientific loggers as CSIJSON or GeoJSON", make_campbell});
}

}  // namespace weather::sensors
