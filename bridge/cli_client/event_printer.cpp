#include "bridge/cli_client/event_printer.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>

#include <boost/json.hpp>

#include "sensors/reading/avro.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/printable.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/reading/render.hpp"
#include "sensors/reading/time.hpp"

namespace weather::bridge {
namespace {

constexpr std::size_t schema_frame = 5;  // a zero, the schema's number; of Protobuf message index 0 follows

void append_text(std::string& line, std::string_view bytes) {
  if (sensors::is_utf8(bytes)) return sensors::append_json_string(line, bytes);
  line.append("{\"base64\":\"").append(sensors::base64(bytes)).append("\"}");
}

void append_value(std::string& line, const std::optional<std::string_view>& value) {
  if (!value) {
    line += "null";
    return;
  }
  boost::system::error_code error;
  boost::json::stream_parser parser;
  parser.write(value->data(), value->size(), error);
  if (!error) parser.finish(error);
  const bool one_line = value->find_first_of("\r\n") == std::string_view::npos;
  if (!error && one_line && sensors::is_utf8(*value)) {
    line += *value;  // as it came, byte for byte
  } else {
    append_text(line, *value);
  }
}

std::string time_text(std::int64_t timestamp_ms) {
  return timestamp_ms < 0 ? std::string{} : sensors::format_time(timestamp_ms * 1'000'000);
}

void print_json(std::ostream& out, const ConsumedRecord& record) {
  std::string line = "{\"topic\":";
  sensors::append_json_string(line, record.topic);
  line +=
      ",\"partition\":" + std::to_string(record.partition) + ",\"offset\":" + std::to_string(record.offset);
  line += ",\"timestamp\":";
  if (record.timestamp_ms < 0) {
    line += "null";
  } else {
    sensors::append_json_string(line, time_text(record.timestamp_ms));
  }
  line += ",\"key\":";
  if (record.key) {
    append_text(line, *record.key);
  } else {
    line += "null";
  }
  line += ",\"value\":";
  append_value(line, record.value);
  line += ",\"headers\":{";
  bool first = true;
  for (const auto& header : record.headers) {
    if (!first) line += ',';
    first = false;
    sensors::append_json_string(line, header.name);
    line += ':';
    append_text(line, header.value);
  }
  out << sensors::printable_json(line) << "}}\n";
}

}  // namespace

std::optional<std::string> reading_as_json(const ConsumedRecord& record) {
  const auto header = [&record](std::string_view name) {
    const auto found = std::find_if(record.headers.begin(), record.headers.end(),
                                    [name](const HeaderView& each) { return each.name == name; });
    return found == record.headers.end() ? std::string_view{} : found->value;
  };
  const auto type = header("content-type");
  const bool avro = type == "application/avro";
  if (type == "application/json" && record.value && record.value->size() > schema_frame &&
      record.value->front() == '\0')
    return std::string(record.value->substr(schema_frame));
  if (!record.value || !(avro || type == "application/protobuf") || header("ce_type").empty())
    return std::nullopt;
  auto bytes = *record.value;
  // Behind a zero is the schema's number, where it is not in a header. No message of ours begins with a zero:
  // no field of Protobuf has this number, and in Avro a record's id comes first.
  const auto frame = schema_frame + (avro ? 0 : 1);
  if (bytes.size() >= frame && bytes.front() == '\0') {
    if (!avro && bytes[frame - 1] != '\0') return std::nullopt;  // another message of the schema
    bytes.remove_prefix(frame);
  }
  v1::Reading reading;
  const bool read = avro ? sensors::read_avro(bytes, reading)
                         : reading.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  if (!read || reading.sensor_id().empty()) return std::nullopt;
  return sensors::render_value_json(reading);
}

void print_event(std::ostream& out, const ConsumedRecord& given, ConsumeFormat format, bool raw) {
  auto record = given;
  const auto decoded = raw ? std::nullopt : reading_as_json(given);
  if (decoded) record.value = *decoded;
  if (format == ConsumeFormat::json) return print_json(out, record);
  const auto key = sensors::printable(record.key.value_or("(null)"));
  const auto value = sensors::printable(record.value.value_or("(null)"));
  if (format == ConsumeFormat::text) {
    out << "key = " << key << "  value = " << value << '\n';
    return;
  }
  out << std::left << std::setw(26) << time_text(record.timestamp_ms) << std::right << std::setw(4)
      << record.partition << std::setw(12) << record.offset << "  " << std::left << std::setw(24) << key
      << "  " << value << '\n';
}

void print_table_head(std::ostream& out) {
  out << std::left << std::setw(26) << "TIME" << std::right << std::setw(4) << "PART" << std::setw(12)
      << "OFFSET"
      << "  " << std::left << std::setw(24) << "KEY"
      << "  VALUE\n";
}

}  // namespace weather::bridge
