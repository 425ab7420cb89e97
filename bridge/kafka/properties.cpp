#include "bridge/kafka/properties.hpp"

#include <cctype>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>

#include "bridge/kafka/secrets.hpp"
#include "bridge/kafka/setting_names.hpp"
#include "sensors/reading/utf8.hpp"

namespace weather::bridge {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}

// A logical line: continuation lines joined, leading white space of each removed.
struct Line {
  std::string text;
  std::size_t number = 0;
};

class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);  // a byte order mark of Windows editors
  }

  std::optional<Line> next() {
    while (at_ < text_.size()) {
      std::string_view raw = take();
      if (raw.empty() || raw.front() == '#' || raw.front() == '!') continue;
      Line line{std::string(raw), number_};
      while (continues(line.text)) {
        line.text.pop_back();
        if (at_ >= text_.size()) break;
        line.text += take();
      }
      return line;
    }
    return std::nullopt;
  }

 private:
  std::string_view take() {
    const std::size_t end = text_.find_first_of("\r\n", at_);
    std::string_view line = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    if (end != std::string_view::npos && text_[end] == '\r' && at_ < text_.size() && text_[at_] == '\n')
      ++at_;
    ++number_;
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    return line;
  }

  // An odd number of backslashes at the end.
  static bool continues(const std::string& line) {
    std::size_t count = 0;
    while (count < line.size() && line[line.size() - 1 - count] == '\\') ++count;
    return count % 2 == 1;
  }

  std::string_view text_;
  std::size_t at_ = 0, number_ = 0;
};

std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    value <<= 4;
    if (c >= '0' && c <= '9') {
      value |= static_cast<std::uint32_t>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      value |= static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

// Resolves the escapes; nothing if a \u is not followed by four hexadecimal digits.
std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    switch (const char c = text[++i]) {
      case 't':
        out += '\t';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u': {
        const auto code = hex4(text.substr(i + 1));
        if (!code) return std::nullopt;
        sensors::append_utf8(out, *code);
        i += 4;
        break;
      }
      default:
        out += c;
    }
  }
  return out;
}

// Where the key ends: the first '=', ':' or blank that is not escaped.
std::size_t end_of_key(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '=' || line[i] == ':' || is_blank(line[i])) {
      return i;
    }
  }
  return line.size();
}

std::string_view value_after(std::string_view line, std::size_t at) {
  while (at < line.size() && is_blank(line[at])) ++at;
  if (at < line.size() && (line[at] == '=' || line[at] == ':')) ++at;
  while (at < line.size() && is_blank(line[at])) ++at;
  std::string_view value = line.substr(at);
  // Java keeps trailing blanks; they are never meant, and librdkafka refuses "true ".
  while (!value.empty() && is_blank(value.back()) && !(value.size() > 1 && value[value.size() - 2] == '\\'))
    value.remove_suffix(1);
  return value;
}

// A text in the place of a key may be a value that lost its line: shown only where it is a name, or nearly.
bool is_name(const std::string& key) {
  return find_setting(key) != nullptr || !nearest_setting(key).empty();
}

std::string shown_key(const std::string& key) {
  return is_name(key) ? "\"" + key + "\"" : "what stands there";
}

}  // namespace

ParsedProperties parse_properties(std::string_view text) {
  std::vector<Property> properties;
  std::vector<PropertyError> errors;
  std::map<std::string, std::size_t, std::less<>> seen;
  Lines lines(text);
  while (const auto line = lines.next()) {
    const std::size_t end = end_of_key(line->text);
    auto key = unescape(std::string_view(line->text).substr(0, end));
    auto value = unescape(value_after(line->text, end));
    if (!key || !value) {
      errors.push_back({line->number, {}, "\\u must be followed by four hexadecimal digits"});
    } else if (key->empty()) {
      errors.push_back({line->number, {}, "there is no key before '='"});
    } else if (end == line->text.size()) {
      errors.push_back({line->number, is_name(*key) ? *key : "", "there is no '=' after " + shown_key(*key)});
    } else if (const auto [at, fresh] = seen.emplace(*key, line->number); !fresh) {
      errors.push_back({line->number, is_name(*key) ? *key : "",
                        shown_key(*key) + " was already set in line " + std::to_string(at->second) +
                            ": remove one of the two"});
    } else {
      properties.push_back({std::move(*key), std::move(*value), line->number});
    }
  }
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return properties;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string describe(const std::vector<PropertyError>& errors, std::string_view file) {
  std::string out;
  for (const auto& error : errors) {
    if (!out.empty()) out += '\n';
    out.append(file).append(":");
    if (error.line > 0) out.append(std::to_string(error.line)).append(":");
    out.append(" ").append(shown(error.text));
  }
  return out;
}

}  // namespace weather::bridge
