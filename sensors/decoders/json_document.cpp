#include "sensors/decoders/json_document.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>

#include "sensors/reading/meaning.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {

namespace json = boost::json;

struct JsonDocument::Parsed {
  unsigned char buffer[3072];
  json::monotonic_resource memory{buffer};
  json::value root;
  Parsed() : root(json::storage_ptr(&memory)) {}
  void reset() {
    std::destroy_at(&root);  // releases nothing: its memory is released at once
    // Made anew: release() would leave it asking for twice the size with each document beyond the buffer.
    std::destroy_at(&memory);
    std::construct_at(&memory, buffer);
    std::construct_at(&root, json::storage_ptr(&memory));
  }
};

namespace {

// The memory of the last document of this thread, for its next one: as a block of its size it would cost
// more to allocate and to free than the parsing takes.
template <class T>
std::unique_ptr<T>& spare() {
  thread_local std::unique_ptr<T> kept;
  return kept;
}

std::string excerpt(std::string_view text, std::size_t offset) {
  std::string out;
  append_json_string(out, text.substr(offset, 16));
  return out;
}

tl::unexpected<DecodeError> syntax_error(std::string_view text, std::size_t offset, std::size_t before,
                                         const boost::system::error_code& code) {
  const std::string at = "offset " + std::to_string(before + offset) + ": ";
  if (code == json::error::too_deep) {
    return decode_error("too_deep", at + "nested deeper than " + std::to_string(max_json_depth) + " levels");
  }
  if (code == json::error::incomplete || offset >= text.size()) {
    return decode_error("json_syntax", at + "the payload ends in the middle of a value");
  }
  std::string what = code == json::error::extra_data ? "more data after the value" : "not JSON";
  return decode_error("json_syntax",
                      at + what + ", at " + excerpt(text, offset) + " (" + code.message() + ")");
}

// Where the closing quote is of the string whose first character is at `begin`. The text is valid JSON.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  while (text[begin] != '"') begin += text[begin] == '\\' ? 2 : 1;
  return begin;
}

// Calls on_string(begin, end) for each string and on_mark(c, offset) for each of {}[]:, outside of strings.
// The text is valid JSON.
template <class OnString, class OnMark>
void scan(std::string_view text, OnString on_string, OnMark on_mark) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '"') {
      on_mark(text[i], i);
      continue;
    }
    const std::size_t begin = ++i;
    i = end_of_string(text, begin);
    on_string(begin, i);
  }
}

// What stands outside of the strings.
struct Marks {
  std::size_t members = 0;
  bool rounded =
      false;  // there may be a number that Boost.JSON rounds: of more than 15 digits, or with an exponent
};

Marks marks_of(std::string_view text) {
  constexpr std::size_t exact = 16;  // characters: 15 digits and a point
  Marks marks;
  std::size_t length = 0;
  scan(
      text, [](std::size_t, std::size_t) {},
      [&](char c, std::size_t) {
        marks.members += c == ':' ? 1 : 0;
        marks.rounded |= length > 0 && (c == 'e' || c == 'E');
        length = (c >= '0' && c <= '9') || c == '.' ? length + 1 : 0;
        marks.rounded |= length > exact;
      });
  return marks;
}

std::size_t count_members(const json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += count_members(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const auto& element : *array) count += count_members(element);
  }
  return count;
}

// Boost keeps the last of two members of one name: the first would be lost in silence. Names that differ
// only in their escapes are not found here, but they are counted, so they are refused all the same.
DecodeError describe_duplicate(std::string_view text, std::size_t before) {
  std::vector<std::set<std::string_view>> open;
  std::pair<std::size_t, std::size_t> last{};
  std::string where = "one object";
  scan(
      text,
      [&](std::size_t begin, std::size_t end) {
        last = {begin, end};
      },
      [&](char c, std::size_t) {
        if (c == '{' || c == '[') open.emplace_back();
        if (c == '}' || c == ']') open.pop_back();
        const std::string_view name = text.substr(last.first, last.second - last.first);
        if (c == ':' && !open.back().insert(name).second) {
          where = "offset " + std::to_string(before + last.first) + ": the member \"" + to_utf8(name) + '"';
        }
      });
  return {"duplicate_key", where + " has a name that was used before in the same object"};
}

// The length of a bare "nan", "-inf" ... at the front, as printf writes what is no number; 0 if there is
// none.
std::size_t no_number_length(std::string_view text) {
  const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const auto lower = [&](std::size_t i) {
    return i < text.size() ? static_cast<char>(std::tolower(static_cast<unsigned char>(text[i]))) : ' ';
  };
  for (const std::string_view word : {"nan", "infinity", "inf"}) {
    std::size_t i = 0;
    while (i < word.size() && lower(sign + i) == word[i]) ++i;
    const char next = lower(sign + i);
    if (i == word.size() && (next < 'a' || next > 'z') && (next < '0' || next > '9')) return sign + i;
  }
  return 0;
}

// The text with null for each bare nan and inf outside of strings; empty if there is none.
std::string with_nulls(std::string_view text) {
  std::string out;
  std::size_t taken = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
      continue;
    }
    if (text[i] == '"') in_string = !in_string;
    const std::size_t length = in_string ? 0 : no_number_length(text.substr(i));
    if (length == 0) continue;
    out += text.substr(taken, i - taken);
    out += "null";
    taken = i + length;
    i = taken - 1;
  }
  if (taken == 0) return {};
  out += text.substr(taken);
  return out;
}

// The name of a member whose number no double can hold; empty if there is none.
bool find_infinite(const json::value& value, std::string& name) {
  if (const auto* number = value.if_double()) return !std::isfinite(*number);
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) {
      if (!find_infinite(member.value(), name)) continue;
      if (name.empty()) name = std::string(member.key().data(), member.key().size());
      return true;
    }
  } else if (const auto* array = value.if_array()) {
    for (const auto& element : *array) {
      if (find_infinite(element, name)) return true;
    }
  }
  return false;
}

// Boost.JSON rounds a number of many digits to a neighbour of the nearest double: each double is read again
// from its digits. The numbers of a text stand in the order in which a walk over its document meets them.
class DigitsOf {
 public:
  explicit DigitsOf(std::string_view text) : text_(text) {}

  void give_to(json::value& value) {
    if (auto* const object = value.if_object()) {
      for (auto& member : *object) give_to(member.value());
    } else if (auto* const array = value.if_array()) {
      for (auto& element : *array) give_to(element);
    } else if (value.is_number()) {
      const auto digits = next();
      double exact = 0;
      if (auto* const number = value.if_double();
          number != nullptr &&
          std::from_chars(digits.data(), digits.data() + digits.size(), exact).ec == std::errc{})
        *number = exact;
    }
  }

 private:
  std::string_view next() {
    while (at_ < text_.size() && text_[at_] != '-' && (text_[at_] < '0' || text_[at_] > '9')) {
      if (text_[at_++] == '"') at_ = end_of_string(text_, at_) + 1;
    }
    const auto end = std::min(text_.find_first_not_of("0123456789+-.eE", at_), text_.size());
    const auto digits = text_.substr(at_, end - at_);
    at_ = end;
    return digits;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

JsonDocument::JsonDocument(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() {
  if (!parsed_) return;
  parsed_->reset();
  spare<Parsed>() = std::move(parsed_);
}

const json::value& JsonDocument::root() const {
  return parsed_->root;
}

tl::expected<JsonDocument, DecodeError> JsonDocument::parse(std::string_view payload) {
  const std::string_view text = trimmed(payload);
  if (text.empty()) return decode_error("empty", "offset 0: the payload is empty");
  if (text.size() > max_payload_bytes) {
    return decode_error("too_large", "the payload has " + std::to_string(text.size()) +
                                         " bytes, the limit is " + std::to_string(max_payload_bytes));
  }
  const auto before = static_cast<std::size_t>(text.data() - payload.data());
  auto document = parse_strictly(text, before);
  if (document || document.error().reason != "json_syntax") return document;
  const auto repaired = with_nulls(text);
  if (repaired.empty()) return document;
  auto second = parse_strictly(repaired, before);
  // Places in the repaired text are not those of the payload: the first error has the place.
  return second || second.error().reason != "json_syntax" ? std::move(second) : std::move(document);
}

tl::expected<JsonDocument, DecodeError> JsonDocument::parse_strictly(std::string_view text,
                                                                     std::size_t before) {
  json::parse_options options;
  options.max_depth = max_json_depth;
  unsigned char scratch[2048];
  auto parsed = spare<Parsed>() ? std::move(spare<Parsed>()) : std::make_unique<Parsed>();
  json::parser parser({}, options, scratch);
  parser.reset(json::storage_ptr(&parsed->memory));
  boost::system::error_code code;
  const std::size_t used = parser.write(text.data(), text.size(), code);
  if (code) {
    const auto offset = code == json::error::incomplete ? text.size() : used;
    return syntax_error(text, offset, before, code);
  }
  parsed->root = parser.release();
  const auto marks = marks_of(text);
  if (marks.members != count_members(parsed->root)) return tl::unexpected(describe_duplicate(text, before));
  if (marks.rounded) DigitsOf(text).give_to(parsed->root);
  if (std::string name; find_infinite(parsed->root, name)) {
    return decode_error("number_range", "the number of \"" + name + "\" is larger than a double can hold");
  }
  return JsonDocument(std::move(parsed));
}

bool is_scalar(const json::value& value) {
  return !value.is_structured();
}

bool is_beyond_quantity(const json::value& value) {
  return value.is_uint64();
}

Value scalar_value(const json::value& value) {
  switch (value.kind()) {
    case json::kind::bool_:
      return value.get_bool();
    case json::kind::int64:
      return std::int64_t{value.get_int64()};
    case json::kind::uint64:
      return static_cast<double>(value.get_uint64());
    case json::kind::double_:
      return value.get_double();
    case json::kind::string:
      return view(value.get_string());
    default:
      return std::monostate{};
  }
}

std::string scalar_text(const json::value& value) {
  if (value.is_null()) return {};
  if (const auto* text = value.if_string()) return std::string(view(*text));
  std::string out;
  append_json(out, value);
  return out;
}

void append_json(std::string& out, const json::value& value) {
  if (const auto* object = value.if_object()) {
    out += '{';
    for (const auto& member : *object) {
      if (out.back() != '{') out += ',';
      append_json_string(out, {member.key().data(), member.key().size()});
      out += ':';
      append_json(out, member.value());
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (const auto& element : *array) {
      if (&element != array->begin()) out += ',';
      append_json(out, element);
    }
    out += ']';
  } else if (value.is_uint64()) {
    out += std::to_string(value.get_uint64());
  } else {
    append_json_value(out, scalar_value(value));
  }
}

std::string child_pointer(std::string_view path, std::string_view name) {
  std::string out(path);
  out += '/';
  for (const char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

void account_leaves(Account* account, const std::string& path, const json::value& value, Became became,
                    std::string_view what) {
  if (account == nullptr) return;
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object)
      account_leaves(account, child_pointer(path, view(member.key())), member.value(), became, what);
  } else if (const auto* array = value.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      account_leaves(account, path + '/' + std::to_string(i), (*array)[i], became, what);
  } else {
    account->add(path, became, std::string(what));
  }
}

std::int64_t time_value(const json::value& value) {
  if (const auto* text = value.if_string()) {
    const std::string_view word = trimmed(view(*text));
    if (const auto time = parse_time(word)) return time->has_zone ? time->ns : 0;
    const auto number = parse_number(word);
    if (!number) return 0;
    return std::visit([](auto n) { return unix_time_ns(n).value_or(0); }, *number);
  }
  if (value.is_int64()) return unix_time_ns(std::int64_t{value.get_int64()}).value_or(0);
  if (value.is_double()) return unix_time_ns(value.get_double()).value_or(0);
  return 0;
}

}  // namespace weather::sensors
