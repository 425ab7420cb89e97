// A path with named holes, for MQTT topics and for the way to a JSON field: "tele/{device}/SENSOR",
// "/params/temperature:{part}/tC", "zigbee2mqtt/{device...}".
//
// A segment is literal text with at most one hole: "{name}" or "*" (matches, keeps no name); in topics "+" is
// "*". One segment may be "{name...}" (any number of levels, at least one), the last also "#". A hole never
// matches an empty text.
// In a JSON pointer ~1 is a slash and ~0 a tilde (RFC 6901). A brace or a star cannot be literal text.
//
// Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace weather::sensors {

// What the holes caught, in order of appearance.
using Captures = std::vector<std::pair<std::string, std::string>>;

const std::string* find_capture(const Captures& captures, std::string_view name);

class Pattern {
 public:
  static tl::expected<Pattern, std::string> topic(std::string_view text);    // "a/{b}/c"
  static tl::expected<Pattern, std::string> pointer(std::string_view text);  // "/a/{b}/c", "" = the root

  // Appends what the holes caught; on a mismatch `captures` is left as it was.
  bool match(std::span<const std::string> segments, Captures& captures) const;
  bool match_topic(std::string_view topic, Captures& captures) const;

  std::string mqtt_filter() const;  // what to subscribe to: every hole is a "+", from a tail on "#"
  const std::string& text() const { return text_; }
  std::vector<std::string> names() const;

 private:
  struct Segment {
    std::string prefix{}, name{}, suffix{};
    bool hole = false, tail = false;
  };
  static tl::expected<Pattern, std::string> parse(std::string_view text, bool pointer);
  static tl::expected<Segment, std::string> parse_segment(std::string_view text, bool pointer);

  std::string text_;
  std::vector<Segment> segments_;
};

std::vector<std::string> split_path(std::string_view path);

// "ruuvi:{mac}" with each {name} replaced by what `lookup` has for it. False: something is missing.
template <class Lookup>
bool expand_template(std::string_view text, const Lookup& lookup, std::string& out) {
  for (;;) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) return true;
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) return false;
    if (!lookup(text.substr(open + 1, close - open - 1), out)) return false;
    text.remove_prefix(close + 1);
  }
}

}  // namespace weather::sensors
