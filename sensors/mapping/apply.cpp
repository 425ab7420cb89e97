#include "sensors/mapping/apply.hpp"

#include <algorithm>
#include <cctype>

#include "sensors/decoders/json_document.hpp"
#include "sensors/mapping/ascii.hpp"
#include "sensors/mapping/ruuvi.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

constexpr std::int64_t earliest_ns =
    978'307'200'000'000'000;  // 2001: what is before is a clock that was never set

std::string plain_text(const Scalar& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : value_text(value);
}

bool holds(const Condition& condition, const std::vector<Leaf>& leaves) {
  Captures ignored;
  return std::ranges::any_of(leaves, [&](const Leaf& leaf) {
    return condition.path.match(leaf.path, ignored) &&
           std::ranges::find(condition.values, plain_text(leaf.value)) != condition.values.end();
  });
}

// A message about the battery alone is a reading too.
bool says_something(const Reading& reading) {
  return !reading.quantities().empty() || reading.has_link() || reading.has_location() ||
         (reading.flags() & v1::FLAG_BATTERY_LOW) != 0;
}

struct Instant {
  std::int64_t ns = 0;
  v1::TimeSource source = v1::TIME_UNKNOWN;
  std::size_t leaf = 0;
};

// nullopt with a reason: the value is no instant.
std::optional<std::int64_t> instant_of(const Scalar& value, const TimeRule& rule, std::string& why) {
  const auto what = meaning(value);
  std::optional<std::int64_t> ns;
  if (const auto* integer = std::get_if<std::int64_t>(&what)) ns = unix_time_ns(*integer);
  if (const auto* number = std::get_if<double>(&what)) ns = unix_time_ns(*number);
  if (const auto* text = std::get_if<std::string_view>(&what)) {
    const auto parsed = parse_time(*text);
    if (parsed && !parsed->has_zone && !rule.utc) {
      why = "is a local time without its zone";
      return std::nullopt;
    }
    if (parsed) ns = parsed->ns;
  }
  if (!ns) {
    why = std::holds_alternative<std::monostate>(what) ? "has no value" : "is no time";
    return std::nullopt;
  }
  if (*ns < earliest_ns) {
    why = "is before 2001: the source's clock was not set";
    return std::nullopt;
  }
  return ns;
}

bool is_composite(std::string_view payload) {
  payload = trimmed(payload);
  return payload.starts_with('{') || payload.starts_with('[');
}

// "a4c138000001" and "a4:c1:38:00:00:01" are one device; anything that is no address stays.
std::string mac_text(std::string_view text) {
  std::string digits, out;
  for (const char c : text) {
    if (c == ':' || c == '-' || c == '.') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return std::string(text);
    digits += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (digits.size() != 12) return std::string(text);
  for (std::size_t i = 0; i < digits.size(); i += 2) out += (i == 0 ? "" : ":") + digits.substr(i, 2);
  return out;
}

class Applying {
 public:
  Applying(const Mapping& mapping, const Message& message, const Captures& captures, bool with_notes)
      : mapping_(mapping),
        message_(message),
        captures_(captures),
        with_notes_(with_notes || message.account != nullptr) {}

  Mapped run() {
    if (!read_payload() || !check_conditions()) return std::move(out_);
    const auto time = find_time();
    auto applied = apply_rules(
        {mapping_.fields, &mapping_.units, message_.units}, out_.leaves, captures_,
        [this](const Captures& c) { return reading_of(c); }, with_notes_);
    if (with_notes_) collect_notes(applied, time);
    if (time) applied.fates[time->leaf] = Fate::time;
    finish(applied, time);
    out_.fates = std::move(applied.fates);
    if (message_.account != nullptr && !out_.error && !out_.ignored) account();
    return std::move(out_);
  }

 private:
  void fail(std::string reason, std::string text) {
    out_.error = DecodeError{std::move(reason), std::move(text)};
  }

  bool not_its_form(DecodeError error) {
    out_.not_its_form = true;
    out_.error = std::move(error);
    return false;
  }

  bool read_payload() {
    const auto line = line_as_json();
    const auto payload = line ? std::string_view(*line) : message_.payload;
    const bool composite = is_composite(payload);
    if (mapping_.payload == PayloadForm::text && composite)
      return not_its_form(
          {"no_text", "mapping " + mapping_.name + " reads one value a topic, this is an object"});
    if (mapping_.payload == PayloadForm::text || (mapping_.payload == PayloadForm::any && !composite))
      return read_text();
    if (line && !composite)
      return not_its_form({"no_line", "mapping " + mapping_.name + " reads lines of " +
                                          (mapping_.payload == PayloadForm::sdi12 ? "SDI-12" : "words") +
                                          ", this is none"});
    auto document = JsonDocument::parse(trimmed(payload));
    if (!document && !composite) return not_its_form(std::move(document.error()));
    if (!document) {
      out_.error = std::move(document.error());
      return false;
    }
    if (!composite)
      return not_its_form(
          {"no_object", "mapping " + mapping_.name + " reads JSON objects, this is a single value"});
    document_ = std::move(*document);
    out_.leaves = flatten(document_->root());
    document_leaves_ = out_.leaves.size();
    return mapping_.payload != PayloadForm::ruuvi || read_ruuvi();
  }

  // An instrument's line as a document; none: it is one already, or something else.
  std::optional<std::string> line_as_json() const {
    if (mapping_.payload == PayloadForm::ascii) return ascii_as_json(message_.payload);
    if (mapping_.payload == PayloadForm::sdi12) return sdi12_as_json(message_.payload);
    return std::nullopt;
  }

  bool read_text() {
    const auto* field = find_capture(captures_, "field");
    if (field == nullptr)
      return not_its_form(
          {"no_field", "mapping " + mapping_.name + " reads plain text but its topic has no {field}"});
    auto text = to_utf8(trimmed(message_.payload));
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    Leaf leaf{{*field}, std::move(text)};
    leaf.plain = true;
    out_.leaves.push_back(std::move(leaf));
    return true;
  }

  bool read_ruuvi() {
    const auto* data = find_leaf(out_.leaves, "/data");
    auto advertisement = parse_ruuvi(data == nullptr ? std::string() : plain_text(data->value));
    if (!advertisement) {
      fail("ruuvi_data", "/data: " + advertisement.error());
      return false;
    }
    std::ranges::move(*advertisement, std::back_inserter(out_.leaves));
    return true;
  }

  bool check_conditions() {
    for (const auto& condition : mapping_.when) {
      if (holds(condition, out_.leaves)) continue;
      out_.ignored = true;
      const auto* leaf = find_leaf(out_.leaves, condition.path.text());
      out_.ignored_note = condition.path.text() + " is " +
                          (leaf == nullptr ? "not there" : value_text(leaf->value)) + ", this mapping wants ";
      for (const auto& value : condition.values)
        out_.ignored_note += (&value == &condition.values.front() ? "\"" : " or \"") + value + "\"";
      return false;
    }
    return true;
  }

  std::optional<Instant> find_time() {
    Captures ignored;
    for (const auto& rule : mapping_.times) {
      for (std::size_t i = 0; i < out_.leaves.size(); ++i) {
        const auto& leaf = out_.leaves[i];
        if (!rule.path.match(leaf.path, ignored)) continue;
        std::string why;
        const auto ns = instant_of(leaf.value, rule, why);
        if (ns) {
          if (with_notes_) out_.time_note = format_time(*ns) + " from " + path_text(leaf);
          return Instant{*ns, rule.source, i};
        }
        if (with_notes_ && out_.time_note.empty())
          out_.time_note = "arrival, because " + path_text(leaf) + " " + value_text(leaf.value) + " " + why;
      }
    }
    if (with_notes_ && out_.time_note.empty()) out_.time_note = "arrival, the payload has none";
    return std::nullopt;
  }

  std::optional<std::string> id_of(const Captures& captures) const {
    std::string id;
    const auto lookup = [&](std::string_view name, std::string& to) {
      constexpr std::string_view as_mac = "|mac";
      const bool mac = name.ends_with(as_mac);
      if (mac) name.remove_suffix(as_mac.size());
      std::string value;
      if (name.starts_with('/')) {
        const auto* leaf = find_leaf(out_.leaves, name);
        if (leaf == nullptr || std::holds_alternative<std::monostate>(leaf->value)) return false;
        value = trimmed(plain_text(leaf->value));
      } else if (const auto* captured = find_capture(captures, name)) {
        value = *captured;
      }
      if (value.empty()) return false;
      to += mac ? mac_text(value) : value;
      return true;
    };
    if (!expand_template(mapping_.id, lookup, id) || id.empty()) return std::nullopt;
    return to_utf8(id);
  }

  Reading* reading_of(const Captures& captures) {
    const auto id = id_of(captures);
    if (!id) return nullptr;
    const auto found =
        std::ranges::find_if(out_.readings, [&](const Reading& r) { return r.sensor_id() == *id; });
    if (found != out_.readings.end()) return &*found;
    auto& reading = out_.readings.emplace_back();
    reading.set_sensor_id(*id);
    reading.mutable_source()->set_adapter(mapping_.name);
    if (message_.retained) reading.set_flags(v1::FLAG_RETAINED);
    return &reading;
  }

  void collect_notes(Application& applied, const std::optional<Instant>& time) {
    for (auto& note : applied.notes) {
      if (time && note.leaf == time->leaf) note.text = "the event time";
    }
    out_.notes = std::move(applied.notes);
  }

  void account() const {
    std::vector<std::string_view> said(out_.leaves.size());
    for (const auto& note : out_.notes) said[note.leaf] = note.text;
    const auto count = document_ ? document_leaves_ : out_.leaves.size();  // others were made of these
    for (std::size_t i = 0; i < count; ++i)
      message_.account->add(path_text(out_.leaves[i]), became_of(out_.fates[i]),
                            out_.fates[i] == Fate::dropped ? drop_reason::rule : std::string(said[i]));
  }

  // What a reading that nothing else is said by had about its device stays with the message.
  void give_back_details(Application& applied) const {
    for (const auto& [leaf, sensor_id] : applied.details) {
      const auto found = std::ranges::find(out_.readings, sensor_id, &Reading::sensor_id);
      if (found != out_.readings.end() && !says_something(*found)) applied.fates[leaf] = Fate::kept;
    }
  }

  void finish(Application& applied, const std::optional<Instant>& time) {
    if (!mapping_.repeat_key.empty())
      if (const auto* leaf = find_leaf(out_.leaves, mapping_.repeat_key))
        out_.repeat_key = hash_bytes(value_text(leaf->value));
    const bool had_reading = !out_.readings.empty();
    give_back_details(applied);
    std::erase_if(out_.readings, [](const Reading& r) { return !says_something(r); });
    if (out_.readings.empty()) return explain_nothing(applied, had_reading);
    for (auto& reading : out_.readings)
      if (time) set_event_time(reading, time->ns, time->source);
    // Fields without a rule belong to the message; the first reading keeps them.
    auto consumed = applied.consumed();
    if (document_) {
      consumed.resize(document_leaves_);
      out_.readings.front().set_extra_json(without(document_->root(), consumed));
    } else {
      out_.readings.front().set_extra_json(unmapped_object(out_.leaves, consumed));
    }
  }

  void explain_nothing(const Application& applied, bool had_reading) {
    if (!had_reading && applied.quantities == 0 && !id_of(captures_) &&
        mapping_.id.find("{/") != std::string::npos)
      return fail("no_id", "mapping " + mapping_.name + ": the payload lacks what the id \"" + mapping_.id +
                               "\" is made of");
    if (mapping_.unknown == Unknown::pass) {
      out_.readings.clear();
      out_.ignored = true;
      out_.ignored_note = "none of its fields is weather or says how the device is";
      return;
    }
    std::string fields;
    for (std::size_t i = 0; i < out_.leaves.size() && i < 8; ++i)
      fields += (i == 0 ? "" : ", ") + path_text(out_.leaves[i]);
    fail("no_quantity", "mapping " + mapping_.name + " has no rule for any of its fields: " +
                            (fields.empty() ? "it has none" : to_utf8(fields)) +
                            (out_.leaves.size() > 8 ? " ..." : ""));
  }

  const Mapping& mapping_;
  const Message& message_;
  const Captures& captures_;
  bool with_notes_;
  std::optional<JsonDocument> document_;
  std::size_t document_leaves_ = 0;
  Mapped out_;
};

}  // namespace

bool is_blank(std::string_view payload) {
  return trimmed(payload).empty();
}

TopicMatch match_topic(const Mapping& mapping, std::string_view topic, Captures& captures) {
  const auto segments = split_path(topic);
  Captures unused;
  for (const auto& pattern : mapping.ignore)
    if (pattern.match(segments, unused)) return TopicMatch::ignored;
  for (const auto& pattern : mapping.topics)
    if (pattern.match(segments, captures)) return TopicMatch::yes;
  return TopicMatch::no;
}

Mapped apply_mapping(const Mapping& mapping, const Message& message, const Captures& captures,
                     bool with_notes) {
  return Applying(mapping, message, captures, with_notes).run();
}

}  // namespace weather::sensors
