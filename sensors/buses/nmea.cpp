#include "sensors/buses/nmea.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>

#include "sensors/account.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

tl::unexpected<DecodeError> fault(std::string reason, std::string text) {
  return tl::unexpected(DecodeError{std::move(reason), std::move(text)});
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  for (;;) {
    const auto comma = text.find(',');
    out.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

std::string hexadecimal(unsigned value) {
  constexpr char digits[] = "0123456789ABCDEF";
  return {digits[value >> 4 & 15], digits[value & 15]};
}

bool is_error_code(std::string_view text) {
  constexpr std::array<std::string_view, 4> codes = {"999.9", "-999.9", "9999.9", "999.99"};
  return std::ranges::find(codes, text) != codes.end();
}

struct Meant {
  std::string_view quantity;  // empty: it is not known what this transducer is at
  v1::Stat stat = v1::STAT_INSTANT;
};

bool is_ordinal(std::string_view name) {
  return name.size() == 1 && name.front() >= '0' && name.front() <= '9';
}

bool is_any_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

// "ENV_OUTAIR_T", "TempAir", "AIR#1" as the words of transducer_quantity have them.
std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : name) out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (out.starts_with("ENV_")) out.erase(0, 4);
  if (is_ordinal(name)) return out;
  while (!out.empty() && ((out.back() >= '0' && out.back() <= '9') || out.back() == '#' || out.back() == '_'))
    out.pop_back();
  std::erase(out, '_');
  return out;
}

// What is measured is said by the type and the name; Vaisala numbers its transducers: temperature 0 is the
// air, wind 0, 1 and 2 are minimum, mean and maximum, precipitation 0 is rain, 1 and 3 are hail, 2 is the
// peak of rain, voltage 1 is the supply. Names are matched as wholes: an "AIRCON" is no air.
Meant transducer_quantity(std::string_view type, std::string_view sent) {
  const std::string name = plain_name(sent);
  const bool first = name.empty() || name == "0";
  if (type == "C") {
    if (first || is_any_of(name, {"AIR", "AIRTEMP", "AIRT", "TEMP", "TEMPAIR", "TEMPERATURE", "OUT",
                                  "OUTSIDE", "OUTSIDET", "OUTDOOR", "OUTAIR", "OUTAIRT", "OUTTEMP", "OAT",
                                  "ATEMP", "AMBIENT", "AMBTEMP", "TA"}))
      return {"air_temperature"};
    if (is_any_of(name, {"WATER", "WATERT", "WATERTEMP", "TEMPWATER", "SEA", "SEATEMP", "SEAWATER", "WTEMP",
                         "SST"}))
      return {"sea_water_temperature"};
    if (name.starts_with("DEW")) return {"dew_point_temperature"};
    if (name.starts_with("WCH") || name.starts_with("WINDCH")) return {"wind_chill_of_air_temperature"};
    if (name.starts_with("HINX") || name.starts_with("HEATI")) return {"heat_index_of_air_temperature"};
  }
  if (type == "H" && (first || is_any_of(name, {"RH", "HUM", "HUMIDITY", "HUMI", "RELHUM", "AIR", "AIRH",
                                                "OUT", "OUTSIDE", "OUTSIDEH", "OUTAIRH"})))
    return {"relative_humidity"};
  if (type == "P" &&
      (first || is_any_of(name, {"BARO", "BAROM", "BAROMETER", "BAROPRESS", "STN", "STNP", "AIR", "AIRPRESS",
                                 "PRESS", "PRESSURE", "ATM", "ATMOS", "ATMOSP", "QFE"})))
    return {"air_pressure"};
  if (type == "U" && is_any_of(name, {"", "1", "SUPPLY", "SUPPLYV", "BAT", "BATT", "BATTERY"}))
    return {"battery_voltage"};
  constexpr std::array stats = {v1::STAT_MIN, v1::STAT_MEAN, v1::STAT_MAX};
  if (is_ordinal(name) && name < "3") {
    const auto stat = stats[static_cast<std::size_t>(name.front() - '0')];
    if (type == "A") return {"wind_from_direction", stat};
    if (type == "S") return {"wind_speed", stat};
  }
  if (type == "V" && first) return {"thickness_of_rainfall_amount", v1::STAT_COUNTER};
  if (type == "R" && first) return {"rainfall_rate"};
  if (type == "R" && name == "2") return {"rainfall_rate", v1::STAT_MAX};
  if (type == "V" && name == "1") return {"hail"};
  if (type == "R" && name == "1") return {"hail_rate"};
  if (type == "R" && name == "3") return {"hail_rate", v1::STAT_MAX};
  return {};
}

// Hail is counted, in hits on an area: its letters are those of rain.
std::string_view hail_unit(std::string_view quantity, std::string_view letter) {
  if (letter != "M" && letter != "I") return {};
  if (quantity == "hail") return letter == "I" ? "{hits}/in2" : "{hits}/cm2";
  if (quantity == "hail_rate") return letter == "I" ? "{hits}/in2/h" : "{hits}/cm2/h";
  return {};
}

// One letter is several units, by the type. What says hundreds of bar is a barometer in hPa.
std::string_view transducer_unit(std::string_view type, std::string_view letter, double value) {
  struct Letter {
    std::string_view type, letter, ucum;
  };
  constexpr Letter letters[] = {
      {"C", "C", "Cel"},    {"C", "F", "[degF]"},   {"C", "K", "K"},         {"H", "P", "%"},
      {"H", "", "%"},       {"P", "B", "bar"},      {"P", "P", "Pa"},        {"P", "H", "hPa"},
      {"P", "M", "mbar"},   {"P", "K", "kPa"},      {"P", "I", "[in_i'Hg]"}, {"P", "S", "[psi]"},
      {"U", "V", "V"},      {"A", "D", "deg"},      {"S", "M", "m/s"},       {"S", "K", "km/h"},
      {"S", "N", "[kn_i]"}, {"S", "S", "[mi_i]/h"}, {"V", "M", "mm"},        {"V", "I", "[in_i]"},
      {"R", "M", "mm/h"},   {"R", "I", "[in_i]/h"}, {"Z", "s", "s"},         {"Z", "S", "s"},
      {"I", "A", "A"},      {"D", "M", "m"},        {"F", "H", "Hz"},        {"T", "R", "1/min"}};
  for (const auto& known : letters)
    if (known.type == type && known.letter == letter)
      return known.ucum == "bar" && value > 300 ? std::string_view("hPa") : known.ucum;
  return {};
}

class Sentence {
 public:
  Sentence(const NmeaSentence& sentence, const NmeaOptions& options, Reading& reading)
      : sentence_(sentence), options_(options), reading_(reading), fates_(sentence.fields.size()) {}

  void read() {
    if (sentence_.type == "MDA") mda();
    if (sentence_.type == "MWV") mwv();
    if (sentence_.type == "MWD") wind(0);
    if (sentence_.type == "XDR") xdr();
    if (sentence_.type == "MTA") temperature("air_temperature");
    if (sentence_.type == "MTW") temperature("sea_water_temperature");
    if (sentence_.type == "MMB") pressure();
    if (sentence_.type == "MHU") {
      add(0, "", "relative_humidity", "%");
      add(2, "C", "dew_point_temperature", "Cel");
    }
    if (sentence_.type == "VWR" || sentence_.type == "VWT") off_the_bow();
    if (!reading_.quantities().empty() || !extra_.empty()) keep_others();
    reading_.set_extra_json(extra_.take());
  }

  void account(Account& account) const {
    for (std::size_t i = 0; i < fates_.size(); ++i)
      if (!field(i).empty())
        account.add("field " + std::to_string(i + 1), fates_[i].value_or(Became::kept),
                    fates_[i] == Became::dropped ? drop_reason::absent : "");
  }

 private:
  std::string_view field(std::size_t i) const {
    return i < sentence_.fields.size() ? std::string_view(sentence_.fields[i]) : std::string_view();
  }

  // The value at i if its unit stands behind it. Null: nothing was added.
  v1::Quantity* add(std::size_t i, std::string_view letter, std::string_view quantity, std::string_view unit,
                    std::string_view part = {}) {
    if (!letter.empty() && field(i + 1) != letter) return nullptr;
    auto* added = add_value(field(i), quantity, unit, part);
    if (added != nullptr) became(i, letter, Became::quantity);
    return added;
  }

  // A value in another form than the one that was taken.
  void same(std::size_t i, std::string_view letter) {
    if (field(i + 1) == letter && parse_double(field(i))) became(i, letter, Became::same);
  }

  void became(std::size_t i, std::string_view letter, Became fate) {
    became(i, fate);
    if (!letter.empty()) became(i + 1, Became::unit);
  }
  void became(std::size_t i, Became fate) {
    if (i < fates_.size()) fates_[i] = fate;
  }

  // Fields that were not asked for stay, by their place: "MDA_10". A unit without its value says nothing.
  void keep_others() {
    for (std::size_t i = 0; i < fates_.size(); ++i) {
      if (fates_[i] || field(i).empty()) continue;
      if (i > 0 && field(i - 1).empty() && field(i).size() == 1 && !parse_double(field(i))) {
        fates_[i] = Became::dropped;
        continue;
      }
      keep(sentence_.type + '_' + std::to_string(i + 1), field(i));
    }
  }

  v1::Quantity* add_value(std::string_view text, std::string_view quantity, std::string_view unit,
                          std::string_view part) {
    if (text.empty()) return nullptr;
    const auto meant = meaning_of_text(text);
    const auto number = number_of(meant);
    if (!number && !std::holds_alternative<std::monostate>(meant)) return nullptr;
    const Field description{.name = quantity, .unit = unit, .part = part, .source_field = sentence_.type};
    if (number && !is_error_code(text)) return &add_quantity(reading_, description, *number);
    auto& missing = add_quantity(reading_, description, std::monostate{});
    missing.set_quality(v1::QUALITY_MISSING);
    if (number) missing.set_qc(v1::QC_SENTINEL);
    return &missing;
  }

  void temperature(std::string_view quantity) {
    if (add(0, "C", quantity, "Cel") == nullptr) add(0, "F", quantity, "[degF]");
  }

  void pressure() {
    if (add(2, "B", "air_pressure", "bar") == nullptr)
      add(0, "I", "air_pressure", "[in_i'Hg]");
    else
      same(0, "I");
  }

  // angle,L|R,knots,N,m/s,M,km/h,K
  void off_the_bow() {
    const auto part = sentence_.type == "VWR" && !options_.fixed_mast ? "apparent" : "";
    if (const auto angle = parse_double(field(0)); angle && (field(1) == "L" || field(1) == "R")) {
      add_value(field(1) == "R" ? std::string(field(0)) : format_number(360 - *angle), "wind_from_direction",
                "deg", part);
      became(0, field(1), Became::quantity);
    }
    constexpr struct {
      std::size_t at;
      std::string_view letter, unit;
    } forms[] = {{4, "M", "m/s"}, {6, "K", "km/h"}, {2, "N", "[kn_i]"}};
    bool taken = false;
    for (const auto& [at, letter, unit] : forms) {
      if (taken)
        same(at, letter);
      else
        taken = add(at, letter, "wind_speed", unit, part) != nullptr;
    }
  }

  void mda() {
    pressure();
    add(4, "C", "air_temperature", "Cel");
    add(6, "C", "sea_water_temperature", "Cel");
    add(8, "", "relative_humidity", "%");
    add(10, "C", "dew_point_temperature", "Cel");
    wind(12);
  }

  // dir,T,dir,M,knots,N,m/s,M
  void wind(std::size_t i) {
    if (add(i, "T", "wind_from_direction", "deg") == nullptr)
      add(i + 2, "M", "wind_from_direction", "deg", "magnetic");
    else
      same(i + 2, "M");
    if (add(i + 6, "M", "wind_speed", "m/s") == nullptr)
      add(i + 4, "N", "wind_speed", "[kn_i]");
    else
      same(i + 4, "N");
  }

  void mwv() {
    const auto part = field(1) == "R" && !options_.fixed_mast ? "apparent" : "";
    const bool invalid = field(4) == "V";
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> units = {
        {{"K", "km/h"}, {"M", "m/s"}, {"N", "[kn_i]"}, {"S", "[mi_i]/h"}}};
    auto* direction = add_value(field(0), "wind_from_direction", "deg", part);
    if (direction != nullptr && invalid) direction->set_quality(v1::QUALITY_ERRONEOUS);
    if (direction != nullptr) became(0, Became::quantity);
    if (field(1) == "R" || field(1) == "T") became(1, Became::unit);
    if (field(4) == "A" || invalid) became(4, Became::status);
    const auto unit =
        std::ranges::find(units, field(3), &std::pair<std::string_view, std::string_view>::first);
    if (unit == units.end()) return;
    auto* speed = add_value(field(2), "wind_speed", unit->second, part);
    if (speed != nullptr && invalid) speed->set_quality(v1::QUALITY_ERRONEOUS);
    if (speed != nullptr) became(2, field(3), Became::quantity);
  }

  void xdr() {
    for (std::size_t i = 0; i + 2 < sentence_.fields.size(); i += 4) {
      const std::string_view type = field(i), text = field(i + 1), unit = field(i + 2), name = field(i + 3);
      for (const std::size_t at : {i + 2, i + 3}) became(at, text.empty() ? Became::dropped : Became::unit);
      became(i, text.empty() ? Became::dropped : Became::same);  // the kind, which the unit or the name says
      if (text.empty()) continue;
      became(i + 1, Became::kept);
      const auto meant = transducer_quantity(type, name);
      auto ucum = hail_unit(meant.quantity, unit);
      if (ucum.empty()) ucum = transducer_unit(type, unit, parse_double(text).value_or(0));
      std::string own = name.empty() || is_ordinal(name) ? std::string(type) : std::string(name);
      if (is_ordinal(name)) own += '_' + std::string(name);
      const bool value = !std::holds_alternative<std::string_view>(meaning_of_text(text));
      if (ucum.empty() || !value) {
        keep(unit.empty() ? own : own + '_' + std::string(unit), text);
        continue;
      }
      const bool known = !meant.quantity.empty();
      auto* quantity = add_value(text, known ? meant.quantity : std::string_view(own), ucum,
                                 known && !is_ordinal(name) ? name : std::string_view());
      if (quantity != nullptr) became(i + 1, Became::quantity);
      if (quantity != nullptr && known && meant.stat != v1::STAT_INSTANT) quantity->set_stat(meant.stat);
    }
  }

  // Transducers without a name are called by their type, and there may be several: "G", "G_2".
  void keep(const std::string& wanted, std::string_view text) {
    auto name = wanted;
    for (int n = 2; !kept_.insert(name).second; ++n) name = wanted + '_' + std::to_string(n);
    if (const auto number = parse_double(text))
      extra_.add(name, *number);
    else
      extra_.add(name, text);
  }

  const NmeaSentence& sentence_;
  const NmeaOptions& options_;
  Reading& reading_;
  JsonMembers extra_;
  std::set<std::string> kept_;
  std::vector<std::optional<Became>> fates_;  // of the fields; nothing: it was not asked for
};

}  // namespace

tl::expected<NmeaSentence, DecodeError> parse_nmea(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || (line.front() != '$' && line.front() != '!'))
    return fault("nmea_syntax", "a sentence starts with \"$\"");
  if (std::ranges::any_of(line, [](char c) { return c < ' ' || c > '~'; }))
    return fault("nmea_syntax", "a sentence has printable ASCII only: line noise, or the wrong baud rate");
  auto body = line.substr(1);
  NmeaSentence out;
  if (const auto star = body.rfind('*'); star != std::string_view::npos) {
    const auto sent = body.substr(star + 1);
    body = body.substr(0, star);
    unsigned expected = 0;
    const auto [end, error] = std::from_chars(sent.data(), sent.data() + sent.size(), expected, 16);
    if (error != std::errc{} || end != sent.data() + sent.size() || sent.size() != 2)
      return fault("nmea_syntax", "two hexadecimal digits follow the \"*\"");
    unsigned actual = 0;
    for (const char c : body) actual ^= static_cast<unsigned char>(c);
    if (actual != expected)
      return fault("nmea_checksum",
                   "the checksum is " + hexadecimal(actual) + ", the sentence says " + std::string(sent));
    out.has_checksum = true;
  }
  out.fields = split(body);
  const auto address = out.fields.front();
  if (address.size() < 4) return fault("nmea_syntax", "the sentence has no type");
  out.type = address.substr(address.size() - 3);
  out.talker = address.substr(0, address.size() - 3);
  out.fields.erase(out.fields.begin());
  return out;
}

bool is_decoded_sentence(std::string_view type) {
  return is_any_of(type, {"MDA", "MWV", "MWD", "XDR", "MTA", "MTW", "MMB", "MHU", "VWR", "VWT"});
}

Decoded decode_nmea(const Message& message, const NmeaOptions& options) {
  const auto sentence = parse_nmea(message.payload);
  if (!sentence) return tl::unexpected(sentence.error());
  Reading reading;
  reading.set_sensor_id(to_utf8("nmea:" + sentence->talker + ":" + std::string(last_level(message.topic))));
  reading.mutable_source()->set_adapter("nmea");
  reading.mutable_source()->set_address(to_utf8(message.topic));
  Sentence fields(*sentence, options, reading);
  fields.read();
  std::vector<Reading> out;
  if (reading.quantities().empty() && reading.extra_json().empty()) return out;
  if (message.account != nullptr) {
    message.account->add("address", Became::identity, "key");
    fields.account(*message.account);
  }
  out.push_back(std::move(reading));
  return out;
}

}  // namespace weather::sensors
