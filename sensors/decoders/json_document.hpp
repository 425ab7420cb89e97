// A parsed JSON payload, within limits, and what decoders need from it. Pure; one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/fwd.hpp>
#include <boost/json/string_view.hpp>
#include <tl/expected.hpp>

#include "sensors/account.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

inline constexpr std::size_t max_payload_bytes = 256U << 10;
inline constexpr std::size_t max_json_depth = 32;
inline constexpr std::size_t max_readings_per_payload = 1000;

// RFC 8259, strictly: UTF-8, no comments, no trailing comma, each name once in its object. Two habits of
// firmware are taken all the same: a byte order mark before and NUL after the document, and a bare nan or inf
// in place of a value, which is null. Errors:
// "empty", "too_large", "too_deep", "json_syntax", "duplicate_key", "number_range", each with its offset or
// its member.
class JsonDocument {
 public:
  static tl::expected<JsonDocument, DecodeError> parse(std::string_view text);
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  const boost::json::value& root() const;

 private:
  struct Parsed;
  explicit JsonDocument(std::unique_ptr<Parsed> parsed);
  static tl::expected<JsonDocument, DecodeError> parse_strictly(std::string_view text, std::size_t before);
  std::unique_ptr<Parsed> parsed_;
};

inline std::string_view view(boost::json::string_view text) {
  return {text.data(), text.size()};
}
inline tl::unexpected<DecodeError> decode_error(std::string reason, std::string text) {
  return tl::unexpected(DecodeError{std::move(reason), std::move(text)});
}
bool is_scalar(const boost::json::value& value);
// Has it more digits than a quantity holds? Such an integer is kept as it is, in extra_json.
bool is_beyond_quantity(const boost::json::value& value);
// A scalar as it is; integers beyond 64 bits signed are doubles. The text is a view into the document.
Value scalar_value(const boost::json::value& value);
// Text of a scalar for a name or a header: strings as they are, numbers as written, "" for null.
std::string scalar_text(const boost::json::value& value);
// Compact JSON with shortest numbers; Boost's own serializer writes 22.5 as 2.25E1.
void append_json(std::string& out, const boost::json::value& value);

// Every scalar below `value`, whose own pointer is `path`, became the same.
void account_leaves(Account* account, const std::string& path, const boost::json::value& value, Became became,
                    std::string_view what);
std::string child_pointer(std::string_view path, std::string_view name);  // RFC 6901

// Unix ns of a time that is an RFC 3339 string with zone or a unix number, also one as text; 0 if it is
// neither.
std::int64_t time_value(const boost::json::value& value);

}  // namespace weather::sensors
