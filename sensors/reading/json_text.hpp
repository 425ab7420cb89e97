// Writing JSON, for what needs no document model. Pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

namespace weather::sensors {

// One scalar as it came in; monostate is an explicit null.
using Value = std::variant<std::monostate, double, std::int64_t, bool, std::string_view>;

// Bytes that are not UTF-8 become U+FFFD. Protobuf refuses to read back a string field that is not UTF-8, so
// every foreign text passes through here on its way into a Reading.
std::string to_utf8(std::string_view bytes);
// Its beginning, at most so many bytes, cut between two characters.
std::string to_utf8(std::string_view bytes, std::size_t most_bytes);
bool is_utf8(std::string_view bytes);

std::string base64(std::string_view bytes);  // RFC 4648, padded: for bytes that are no text

void append_json_string(std::string& out, std::string_view text);  // with quotes; foreign bytes as to_utf8
void append_json_value(std::string& out, const Value& value);

// Gathers members of one JSON object in order; empty text if there are none. For Reading.extra_json. A name
// that comes again gets a number ("gust", "gust_2"): readers of JSON keep one of two members of the same
// name.
class JsonMembers {
 public:
  void add(std::string_view name, const Value& value);
  void add_json(std::string_view name, std::string_view json);  // json: one valid value, not checked
  bool empty() const { return text_.empty(); }
  std::string take();  // "{...}", or "" if nothing was added

 private:
  std::string text_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace weather::sensors
