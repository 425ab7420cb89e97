// Fuzz target: lines of tables and of instruments. First byte: how they are written, and (from 128 on)
// whether the heading comes with each line, as from a file, or among the lines.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/csv/csv_decoder.hpp"
#include "sensors/mapping/ascii.hpp"
#include "tests/fuzz/readings.hpp"

namespace {

using namespace weather::sensors;

const std::vector<CsvSettings>& all_settings() {
  static const auto all = [] {
    const auto of = [](TableForm form, const DecoderSettings& settings) {
      auto made = csv_settings(form, settings);
      demand(made.has_value());
      return *made;
    };
    return std::vector<CsvSettings>{of(TableForm::csv, {{"id", "{RH}"}}),
                                    of(TableForm::csv, {{"id", "roof"},
                                                        {"delimiter", ";"},
                                                        {"decimal", ","},
                                                        {"time_format", "%d.%m.%Y %H:%M:%S"},
                                                        {"zone", "+01:00"},
                                                        {"missing", "- x"}}),
                                    of(TableForm::toa5, {{"id", "{station}/{table}"}}),
                                    of(TableForm::csv, {{"delimiter", "blank"},
                                                        {"columns", "date time temperature humidity"},
                                                        {"time", "date+time"},
                                                        {"id", "{humidity}"}})};
  }();
  return all;
}

void decode_table(const CsvSettings& settings, bool of_file, std::string_view text) {
  CsvDecoder decoder(settings);
  const auto next_line = [&text] {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
  };
  Message message;
  message.topic = "logger";
  message.received_ns = 1'758'349'800'000'000'000;
  std::string heading;
  if (of_file) {
    for (std::size_t i = 0; i < settings.heading_lines(); ++i) heading.append(next_line()).push_back('\n');
    message.heading = heading;
  }
  for (int lines = 0; !text.empty() && lines < 100; ++lines) {
    message.payload = next_line();
    demand_sound(decoder.decode(message));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto choice = chosen(data[0]);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (choice % 5 < 4) {
    decode_table(all_settings()[choice % 5], choice >= 128, text);
    return 0;
  }
  const auto is_document = [](const std::string& json) {
    if (json.empty()) return true;  // nothing was said
    const auto read = JsonDocument::parse(json);
    return read || read.error().reason == "too_large" || read.error().reason == "duplicate_key";
  };
  demand(is_document(ascii_as_json(text)));
  demand(is_document(sdi12_as_json(text)));
  return 0;
}
