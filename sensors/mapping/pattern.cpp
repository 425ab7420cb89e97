#include "sensors/mapping/pattern.hpp"

#include <algorithm>

namespace weather::sensors {
namespace {

// RFC 6901: ~1 first, or "~01" would become a slash.
std::string unescape_pointer(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1'))
      out += text[++i] == '1' ? '/' : '~';
    else
      out += text[i];
  }
  return out;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

const std::string* find_capture(const Captures& captures, std::string_view name) {
  for (const auto& [key, value] : captures)
    if (key == name) return &value;
  return nullptr;
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> out;
  for (;;) {
    const auto slash = path.find('/');
    out.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

tl::expected<Pattern, std::string> Pattern::topic(std::string_view text) {
  if (text.empty()) return tl::unexpected(std::string("a topic pattern is empty"));
  return parse(text, false);
}

tl::expected<Pattern, std::string> Pattern::pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/')
    return tl::unexpected("a JSON pointer starts with \"/\": \"" + std::string(text) + "\"");
  return parse(text, true);
}

tl::expected<Pattern, std::string> Pattern::parse(std::string_view text, bool pointer) {
  Pattern out;
  out.text_ = text;
  if (pointer && text.empty()) return out;
  const auto parts = split_path(pointer ? text.substr(1) : text);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto segment = parse_segment(parts[i], pointer);
    if (!segment) return tl::unexpected(segment.error() + " in \"" + out.text_ + "\"");
    if (segment->tail && std::ranges::any_of(out.segments_, &Segment::tail))
      return tl::unexpected("only one part of \"" + out.text_ + "\" may be any number of levels");
    if (parts[i] == "#" && !pointer && i + 1 != parts.size())
      return tl::unexpected("\"#\" must be the last part of \"" + out.text_ +
                            "\"; {name...} may stand anywhere");
    out.segments_.push_back(std::move(*segment));
  }
  return out;
}

tl::expected<Pattern::Segment, std::string> Pattern::parse_segment(std::string_view text, bool pointer) {
  const auto literal = [&](std::string_view part) {
    return pointer ? unescape_pointer(part) : std::string(part);
  };
  if (text == "#" && !pointer) return Segment{.hole = true, .tail = true};
  if (text == "*" || (text == "+" && !pointer)) return Segment{.hole = true};

  const auto open = text.find_first_of("{*");
  if (open == std::string_view::npos) return Segment{.prefix = literal(text)};
  Segment out{.prefix = literal(text.substr(0, open)), .hole = true};
  auto rest = text.substr(open + 1);
  if (text[open] == '{') {
    const auto close = rest.find('}');
    if (close == std::string_view::npos) return tl::unexpected(std::string("a \"{\" has no \"}\""));
    auto name = rest.substr(0, close);
    if (name.ends_with("...")) {
      name.remove_suffix(3);
      out.tail = true;
    }
    if (!is_name(name))
      return tl::unexpected("\"{" + std::string(name) + "}\" is no name (letters, digits, _)");
    out.name = name;
    rest.remove_prefix(close + 1);
  }
  if (rest.find_first_of("{*") != std::string_view::npos)
    return tl::unexpected(std::string("one hole between two slashes, not two,"));
  if (out.tail && !(rest.empty() && out.prefix.empty()))
    return tl::unexpected(std::string("\"{name...}\" stands alone between slashes"));
  out.suffix = literal(rest);
  return out;
}

bool Pattern::match(std::span<const std::string> segments, Captures& captures) const {
  // Most are another name, and a message asks hundreds of times.
  if (!segments_.empty() && !segments_.front().hole && !segments.empty() &&
      segments_.front().prefix.size() != segments.front().size())
    return false;
  const auto before = captures.size();
  const auto mismatch = [&] {
    captures.resize(before);
    return false;
  };
  std::size_t i = 0;
  for (const auto& want : segments_) {
    if (i >= segments.size()) return mismatch();
    if (want.tail) {
      if (segments.size() < segments_.size()) return mismatch();
      const auto end = i + segments.size() - segments_.size() + 1;  // every other part is one level
      std::string levels = segments[i];
      for (++i; i < end; ++i) levels += '/' + segments[i];
      if (levels.empty()) return mismatch();
      if (!want.name.empty()) captures.emplace_back(want.name, std::move(levels));
      continue;
    }
    const std::string_view have = segments[i++];
    if (!want.hole) {
      if (have != want.prefix) return mismatch();
      continue;
    }
    if (have.size() <= want.prefix.size() + want.suffix.size() || !have.starts_with(want.prefix) ||
        !have.ends_with(want.suffix))
      return mismatch();
    if (!want.name.empty())
      captures.emplace_back(
          want.name, have.substr(want.prefix.size(), have.size() - want.prefix.size() - want.suffix.size()));
  }
  return i == segments.size() || mismatch();
}

bool Pattern::match_topic(std::string_view topic, Captures& captures) const {
  return match(split_path(topic), captures);
}

std::string Pattern::mqtt_filter() const {
  std::string out;
  for (const auto& segment : segments_) {
    if (&segment != &segments_.front()) out += '/';
    out += segment.tail ? "#" : segment.hole ? "+" : segment.prefix;
    if (segment.tail) return out;
  }
  return out;
}

std::vector<std::string> Pattern::names() const {
  std::vector<std::string> out;
  for (const auto& segment : segments_)
    if (!segment.name.empty()) out.push_back(segment.name);
  return out;
}

}  // namespace weather::sensors
