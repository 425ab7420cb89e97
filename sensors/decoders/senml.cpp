#include "sensors/decoders/senml.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

namespace json = boost::json;

constexpr int supported_version = 10;
constexpr double relative_below = 268'435'456;  // 2^28, section 4.5.3

// A unit that SenML does not list may be one that people write ("degF", "\u00b5g/m\u00b3"), and of a known
// quantity also one that SenML means something else by ("F" is a farad).
std::string_view ucum(std::string_view unit, std::string_view quantity) {
  // SenML's registry where it differs from UCUM (RFC 8428 section 12.1, RFC 8798).
  constexpr std::pair<std::string_view, std::string_view> differing[] = {
      {"%RH", "%"}, {"%EL", "%"},  {"/", "1"},    {"ppm", "[ppm]"}, {"degC", "Cel"},
      {"l", "L"},   {"lux", "lx"}, {"count", ""}, {"W/m2", "W/m2"}, {"ug/m3", "ug/m3"}};
  for (const auto& [senml, code] : differing) {
    if (unit == senml) return code;
  }
  if (unit.empty()) return unit;
  const auto meant = ucum_from_spelling(unit);
  const auto canonical = canonical_unit(canonical_name(quantity));
  return !meant.empty() && (unit.size() > 1 || are_convertible(meant, canonical)) ? meant : unit;
}

struct Base {
  std::string name, unit;
  double time = 0, value = 0, sum = 0;
};

double number_member(const json::object& record, const char* name) {
  const auto* const value = record.if_contains(name);
  if (value == nullptr) return 0;
  return number_of(meaning_of(scalar_value(*value))).value_or(0);
}

std::string text_of(const json::object& record, const char* name) {
  const auto* const value = record.if_contains(name);
  return value != nullptr && value->is_string() ? scalar_text(*value) : std::string{};
}

void take_base(Base& base, const json::object& record) {
  if (record.contains("bn")) base.name = text_of(record, "bn");
  if (record.contains("bu")) base.unit = text_of(record, "bu");
  if (record.contains("bt")) base.time = number_member(record, "bt");
  if (record.contains("bv")) base.value = number_member(record, "bv");
  if (record.contains("bs")) base.sum = number_member(record, "bs");
}

struct Name {
  std::string device, quantity;
};

std::string without_separator(std::string text) {
  while (!text.empty() && std::string_view(":/.-_#;").find(text.back()) != std::string_view::npos)
    text.pop_back();
  return text;
}

// How many colons stand before the identifier of a URN; 0: of a namespace that we do not know.
int colons_of_urn(std::string_view whole) {
  constexpr std::pair<std::string_view, int> namespaces[] = {
      {"urn:dev:", 3},  {"urn:gsma:imei:", 3}, {"urn:epc:id:", 4}, {"urn:uuid:", 2},
      {"urn:imei:", 2}, {"urn:esn:", 2},       {"urn:oid:", 2},    {"urn:nbn:", 2}};
  for (const auto& [begin, colons] : namespaces)
    if (whole.starts_with(begin)) return colons;
  return 0;
}

// "urn:dev:mac:0024befffe804ff1/temperature", "urn:uuid:...": the identifier ends at the first separator
// after its scheme, and what follows is a component of the device (RFC 9039).
Name split_urn(const std::string& whole) {
  std::size_t begin = 0;
  for (int colons = colons_of_urn(whole); colons > 0; --colons) {
    const auto colon = whole.find(':', begin);
    if (colon == std::string::npos) return {without_separator(whole), "value"};
    begin = colon + 1;
  }
  const auto end = whole.find_first_of(":/_#;?", begin);
  if (end == std::string::npos) return {whole, "value"};
  const auto quantity = whole.find_first_not_of(":/_#;?", end);
  return {whole.substr(0, end), quantity == std::string::npos ? "value" : whole.substr(quantity)};
}

// The length of an address at the front, "00:24:be:ff:fe:80:4f:f1" or with dashes: 6 or 8 pairs; else 0.
std::size_t address_length(std::string_view text) {
  std::size_t pairs = 0, at = 0;
  const auto is_hex = [&](std::size_t i) {
    return i < text.size() && std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
  };
  while (is_hex(at) && is_hex(at + 1)) {
    ++pairs;
    at += 2;
    const bool more = at < text.size() && (text[at] == ':' || text[at] == '-') && is_hex(at + 1) &&
                      is_hex(at + 2) && !is_hex(at + 3);
    if (!more) break;
    ++at;
  }
  return pairs == 6 || pairs == 8 ? at : 0;
}

// Is it an identifier, as its digits tell, and no name of a quantity?
bool is_identifier(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; }) >= 4;
}

Name split_name(const std::string& base, const std::string& own) {
  const std::string whole = base + own;
  if (colons_of_urn(whole) > 0) return split_urn(whole);
  if (const auto length = address_length(whole); length > 0) {
    const auto quantity = whole.find_first_not_of(":/.-_#;", length);
    return {whole.substr(0, length), quantity == std::string::npos ? "value" : whole.substr(quantity)};
  }
  if (own.empty()) return {without_separator(base), "value"};
  if (!base.empty()) return {without_separator(base), own};
  const auto separator = whole.find_last_of(":/;");
  if (separator == std::string::npos) return {whole, is_identifier(whole) ? "value" : whole};
  if (is_identifier(std::string_view(whole).substr(separator + 1))) return {whole, "value"};
  return {whole.substr(0, separator), whole.substr(separator + 1)};
}

// Unix ns; 0 is "now".
std::int64_t resolve_time(double seconds, std::int64_t received_ns) {
  if (seconds >= relative_below) return seconds < 9.2e9 ? std::llround(seconds * 1e6) * 1000 : 0;
  if (seconds == 0 || received_ns == 0 || std::abs(seconds) > 1e9) return 0;
  return received_ns + std::llround(seconds * 1e6) * 1000;
}

// The value of a record, with the base value added; nothing if it has none (base values only).
std::optional<Value> value_of_record(const json::object& record, const Base& base) {
  if (const auto* value = record.if_contains("v"); value != nullptr) {
    if (base.value == 0) return meaning_of(scalar_value(*value));
    return Value(number_member(record, "v") + base.value);
  }
  for (const char* name : {"vs", "vb", "vd"}) {
    if (const auto* value = record.if_contains(name); value != nullptr && is_scalar(*value)) {
      return scalar_value(*value);
    }
  }
  return record.contains("bv") && record.contains("n") ? std::optional<Value>(Value(base.value))
                                                       : std::nullopt;
}

Reading& reading_of(std::vector<Reading>& readings, const std::string& device, std::int64_t time_ns) {
  const auto found = std::find_if(readings.begin(), readings.end(), [&](const Reading& reading) {
    return reading.sensor_id() == device && reading.event_time_ns() == static_cast<std::uint64_t>(time_ns);
  });
  if (found != readings.end()) return *found;
  Reading reading;
  reading.set_sensor_id(device);
  reading.mutable_source()->set_adapter("senml");
  set_event_time(reading, time_ns, v1::TIME_SENSOR);
  readings.push_back(std::move(reading));
  return readings.back();
}

class Pack {
 public:
  explicit Pack(const Message& message) : message_(message) {}

  tl::expected<void, DecodeError> add(const json::object& record, std::size_t index) {
    take_base(base_, record);
    if (number_member(record, "bver") > supported_version) {
      return decode_error("senml_version", "bver is above " + std::to_string(supported_version));
    }
    for (const auto& member : record) {
      // "A receiver MUST NOT process a record with a name that ends in _ and that it does not know."
      if (member.key().ends_with("_")) {
        return decode_error("not_senml",
                            "the member \"" + std::string(member.key()) + "\" must be understood and is not");
      }
    }
    const auto name = split_name(base_.name, text_of(record, "n"));
    const auto value = value_of_record(record, base_);
    const bool sum = record.contains("s");
    Reading* reading = nullptr;
    bool same = false;
    if (value || sum) {
      if (name.device.empty()) return decode_error("no_sensor_id", "neither bn nor n names a device");
      const auto time_ns = resolve_time(base_.time + number_member(record, "t"), message_.received_ns);
      reading = &reading_of(readings_, name.device, time_ns);
      same = !add_values(*reading, record, name.quantity, value, sum);
    }
    account(record, index, name.quantity, reading, same);
    return {};
  }

  std::vector<Reading> take() {
    for (std::size_t i = 0; i < readings_.size() && i < extras_.size(); ++i)
      readings_[i].set_extra_json(extras_[i].take());
    return std::move(readings_);
  }

 private:
  // False: the value is there already, in another form.
  bool add_values(Reading& reading, const json::object& record, const std::string& name,
                  const std::optional<Value>& value, bool sum) {
    const auto unit = unit_of(record, name);
    const auto* const taken = value ? find_taken(reading, name) : nullptr;
    const bool same = taken != nullptr && agrees(*taken, *value, unit);
    if (value && !same && !is_beyond(record))
      add_quantity(reading, {.name = name, .unit = unit, .source_field = name}, *value);
    // "Integrated sum of the values over time": another thing than the value, in another unit.
    if (sum)
      add_quantity(reading,
                   {.name = name + "_sum", .unit = unit.empty() ? unit : unit + ".s", .stat = v1::STAT_SUM},
                   number_member(record, "s") + base_.sum);
    return !same;
  }

  // A whole number of more digits than a quantity holds is kept with all of them.
  static bool is_beyond(const json::object& record) {
    const auto* const value = record.if_contains("v");
    return value != nullptr && is_beyond_quantity(*value);
  }

  std::string unit_of(const json::object& record, const std::string& name) const {
    std::string unit(ucum(record.contains("u") ? text_of(record, "u") : base_.unit, name));
    return unit.empty() ? std::string(assumed_unit(message_, canonical_name(name))) : unit;
  }

  // The one value of a record, and all else that was understood.
  static Became became(const json::object& record, std::string_view name, const json::value& value,
                       bool used) {
    const bool text = value.is_string();
    const bool number = number_of(meaning_of(scalar_value(value))).has_value();
    if (name == "bn" || (name == "n" && used)) return text ? Became::identity : Became::kept;
    if (name == "bu" || (name == "u" && used)) return text ? Became::unit : Became::kept;
    if (name == "bt" || (name == "t" && used)) return number ? Became::time : Became::kept;
    if (name == "bver") return Became::dropped;
    if (name == "bv" || name == "bs" || (name == "s" && used))
      return number ? Became::quantity : Became::kept;
    if (!used) return Became::kept;
    if (name == "v") return is_beyond_quantity(value) ? Became::kept : Became::quantity;
    const bool first = name == "vs"   ? !record.contains("v")
                       : name == "vb" ? !record.contains("v") && !record.contains("vs")
                                      : name == "vd" && !record.contains("v") && !record.contains("vs") &&
                                            !record.contains("vb");
    return first && is_scalar(value) ? Became::quantity : Became::kept;
  }

  // Unknown members stay: with the quantity's name before theirs, because a reading has many
  // records.
  void account(const json::object& record, std::size_t index, const std::string& quantity,
               const Reading* reading, bool same) {
    for (const auto& member : record) {
      const std::string name(member.key());
      auto what = became(record, name, member.value(), reading != nullptr);
      if (same && what == Became::quantity && name != "s") what = Became::same;
      std::string kept_as;
      if (what == Became::kept) {
        kept_as = reading != nullptr ? quantity : std::to_string(index);
        if (reading == nullptr || name != "v") kept_as += "_" + name;
        std::string text;
        append_json(text, member.value());
        const auto at = reading == nullptr ? 0 : static_cast<std::size_t>(reading - readings_.data());
        if (extras_.size() <= at) extras_.resize(at + 1);
        extras_[at].add_json(kept_as, text);
      }
      if (message_.account != nullptr)
        account_leaves(message_.account, child_pointer("/" + std::to_string(index), name), member.value(),
                       what,
                       what == Became::kept       ? kept_as
                       : what == Became::dropped  ? drop_reason::control
                       : what == Became::quantity ? quantity
                                                  : std::string());
    }
  }

  const Message& message_;
  Base base_;
  std::vector<Reading> readings_;
  std::vector<JsonMembers> extras_;  // of the reading of the same index; the first has those of no reading
};

}  // namespace

Decoded decode_senml(const Message& message) {
  const auto document = JsonDocument::parse(message.payload);
  if (!document) return tl::unexpected(document.error());
  const auto* const pack = document->root().if_array();
  if (pack == nullptr) return decode_error("not_senml", "a SenML pack is an array of records");
  if (pack->size() > max_readings_per_payload) {
    return decode_error("too_many", std::to_string(pack->size()) + " records in one pack, the limit is " +
                                        std::to_string(max_readings_per_payload));
  }
  Pack records(message);
  for (std::size_t i = 0; i < pack->size(); ++i) {
    const auto* const record = (*pack)[i].if_object();
    const std::string where = "record " + std::to_string(i) + ": ";
    if (record == nullptr) return decode_error("not_senml", where + "a record is an object");
    if (auto added = records.add(*record, i); !added) {
      return decode_error(added.error().reason, where + added.error().text);
    }
  }
  auto readings = records.take();
  if (readings.empty()) return decode_error("no_quantity", "the pack has no record with a value");
  return readings;
}

}  // namespace weather::sensors
