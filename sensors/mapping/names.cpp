#include "sensors/mapping/names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sensors/mapping/name_table.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

using namespace names;

struct Word {
  std::string text;  // lower case
  std::size_t begin = 0;
};

bool is_separator(char c) {
  return c == '_' || c == '-' || c == ' ' || c == '.' || c == '/' || c == ':';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

// "airHumidity" and "air_humidity" are two words; "DS18B20" and "CO2" are one.
std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> out;
  bool open = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_separator(text[i])) {
      open = false;
      continue;
    }
    if (!open || (is_upper(text[i]) && i > 0 && is_lower(text[i - 1]))) out.push_back({{}, i});
    open = true;
    out.back().text += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
  }
  return out;
}

struct Span {
  std::size_t first = 0, last = 0;  // of words; last exclusive
};

bool same_words(const std::vector<Word>& words, Span span, std::string_view phrase) {
  for (std::size_t i = span.first; i < span.last; ++i) {
    const std::string_view word = words[i].text;
    if (!phrase.starts_with(word)) return false;
    phrase.remove_prefix(word.size());
    if (i + 1 == span.last) break;
    if (!phrase.starts_with(' ')) return false;
    phrase.remove_prefix(1);
  }
  return phrase.empty();
}

struct Phrase {
  std::string_view words;
  Entry entry;
};

// The canonical names and their aliases are words too.
std::vector<Phrase> all_phrases() {
  static std::vector<std::string> canonical;
  for (const auto& info : known_quantities())
    for (const auto name : {info.name, info.alias}) {
      canonical.emplace_back(name);
      std::ranges::replace(canonical.back(), '_', ' ');
    }
  std::vector<Phrase> out;
  for (const auto& entry : table) out.push_back({entry.words, entry});
  for (std::size_t i = 0; i < canonical.size(); ++i)
    out.push_back({canonical[i], {canonical[i].c_str(), known_quantities()[i / 2].name.data()}});
  return out;
}

struct Found {
  const Entry* entry = nullptr;
  std::size_t first = 0;
};

Found longest(const std::vector<Word>& words, std::size_t end) {
  static const auto phrases = all_phrases();
  for (std::size_t first = 0; first < end; ++first)
    for (const auto& phrase : phrases)
      if (same_words(words, {first, end}, phrase.words)) return {&phrase.entry, first};
  return {};
}

bool is_other(std::string_view word) {
  return std::ranges::find(others, word) != std::end(others);
}

bool is_guarded(std::string_view name) {
  return name == air || name == humidity || name == pressure || name == sea_level || name == "illuminance";
}

bool any_no_kin(const std::vector<Word>& words, std::size_t end) {
  return std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(end), [](const Word& word) {
    return std::ranges::find(no_kin, word.text) != std::end(no_kin);
  });
}

bool any_other(const std::vector<Word>& words, std::size_t end) {
  return std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const Word& word) { return is_other(word.text); });
}

std::string_view unit_word(const std::vector<Word>& words, std::size_t end, std::size_t count) {
  if (end < count + 1) return {};
  std::string text;
  for (std::size_t i = end - count; i < end; ++i) text += (text.empty() ? "" : "_") + words[i].text;
  if (text.find_first_not_of("0123456789") == std::string::npos) return {};  // "humidity_1" is the first one
  if (const auto unit = ucum_from_spelling(text); !unit.empty() || count == 1) return unit;
  std::erase(text, '_');  // "hPa" and "inHg" look like two words
  return ucum_from_spelling(text);
}

std::optional<v1::Stat> stat_word(std::string_view word) {
  if (word == "max" || word == "maximum") return v1::STAT_MAX;
  if (word == "min" || word == "minimum") return v1::STAT_MIN;
  if (word == "avg" || word == "average" || word == "mean") return v1::STAT_MEAN;
  return std::nullopt;
}

// "2", and a depth: "10cm".
bool is_number(std::string_view word) {
  const auto end = std::min(word.find_first_not_of("0123456789"), word.size());
  const auto rest = word.substr(end);
  return end > 0 && end <= 3 && (rest.empty() || rest == "cm" || rest == "mm" || rest == "m");
}

// "daily_rain_rate" is an amount in one product and a rate in another; "north_wind_speed" is a component.
bool is_part_of_another(std::string_view quantity_name, std::string_view word_before) {
  constexpr std::string_view periods[] = {"event", "hourly", "daily", "weekly", "monthly", "yearly"};
  constexpr std::string_view directions[] = {"north", "south", "east", "west", "vertical", "x",
                                             "y",     "z",     "u",    "v",    "w"};
  return (quantity_name == rain_rate && std::ranges::find(periods, word_before) != std::end(periods)) ||
         (quantity_name == "wind_speed" &&
          std::ranges::find(directions, word_before) != std::end(directions));
}

// "roof/north_" is "roof.north".
std::string before_of(std::string_view text, std::size_t end) {
  std::string out(text.substr(0, end));
  while (!out.empty() && is_separator(out.back())) out.pop_back();
  std::ranges::replace(out, '/', '.');
  return out;
}

class NameReader {
 public:
  explicit NameReader(std::string_view text) : text_(text), words_(words_of(text)) {
    // "tempf" says its unit too.
    if (auto* last = words_.empty() ? nullptr : &words_.back();
        last != nullptr && (last->text == "tempf" || last->text == "tempc")) {
      const Word unit{last->text.substr(4), last->begin + 4};
      last->text.pop_back();
      words_.push_back(unit);
    }
    end_ = words_.size();
  }

  std::optional<FieldName> read() {
    auto found = longest(words_, end_);
    if (found.entry == nullptr) found = without_unit();
    if (found.entry == nullptr) found = without_stat();
    if (found.entry == nullptr) found = without_number();
    if (found.entry == nullptr) return std::nullopt;
    const auto& entry = *found.entry;
    // "speed_of_light" and "traffic_light" are no illuminance; a light alone is.
    const auto begin = words_[found.first].begin;
    const std::string_view words = entry.words;
    if ((words == "light" || words == "ill") && begin > 0 && text_[begin - 1] != '/') return std::nullopt;
    out_.kind = entry.kind;
    out_.quantity = entry.quantity;
    out_.part = entry.part;
    if (out_.stat == v1::STAT_INSTANT) out_.stat = entry.stat;
    auto first = found.first;
    if (first > 0 && is_part_of_another(entry.quantity, words_[first - 1].text)) return std::nullopt;
    if (out_.kind == NameKind::battery && !out_.unit.empty() && out_.unit != "%")
      out_.kind = NameKind::battery_voltage;
    if (entry.kind == NameKind::battery && any_no_kin(words_, first)) return std::nullopt;  // "reset_battery"
    // An average beside the value itself is a value of its own.
    if (out_.stat == v1::STAT_MEAN && out_.part.empty()) out_.part = "avg";
    if (entry.kind == NameKind::quantity && first > 0) {
      if (const auto stat = stat_word(words_[first - 1].text); stat && is_guarded(entry.quantity)) {
        out_.stat = *stat;
        if (*stat == v1::STAT_MEAN) out_.part = "avg";
        --first;
      }
      if (is_guarded(entry.quantity) && any_no_kin(words_, first)) return std::nullopt;
      if (is_guarded(entry.quantity) && any_other(words_, first)) out_.kind = NameKind::something_else;
    }
    out_.before = before_of(text_, first < words_.size() ? words_[first].begin : text_.size());
    return std::move(out_);
  }

 private:
  Found without_unit() {
    for (const std::size_t count : {std::size_t{2}, std::size_t{1}}) {
      const auto unit = unit_word(words_, end_, count);
      if (unit.empty()) continue;
      const auto found = longest(words_, end_ - count);
      if (found.entry == nullptr) continue;
      const bool volts = found.entry->kind == NameKind::battery && are_convertible(unit, "V");
      if (!volts && !are_convertible(unit, canonical_unit(found.entry->quantity))) continue;
      out_.unit = unit;
      return found;
    }
    return {};
  }
  Found without_stat() {
    if (end_ < 2) return {};
    const auto stat = stat_word(words_[end_ - 1].text);
    if (!stat) return {};
    const auto found = longest(words_, end_ - 1);
    if (found.entry != nullptr) out_.stat = *stat;
    return found;
  }
  Found without_number() {
    if (end_ < 2 || !is_number(words_[end_ - 1].text)) return {};
    const auto found = longest(words_, end_ - 1);
    if (found.entry != nullptr) out_.number = words_[end_ - 1].text;
    return found;
  }

  std::string_view text_;
  std::vector<Word> words_;
  std::size_t end_ = 0;
  FieldName out_;
};

}  // namespace

// A table's names are the same in each of its lines, and a product's in each of its messages.
std::optional<FieldName> look_up_name(std::string_view text) {
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  constexpr std::size_t most_names = 512, most_bytes = 64;  // a sender may make up any number of names
  thread_local std::unordered_map<std::string, std::optional<FieldName>, Hash, std::equal_to<>> known;
  if (text.size() > most_bytes) return NameReader(text).read();
  if (const auto found = known.find(text); found != known.end()) return found->second;
  if (known.size() >= most_names) known.clear();
  return known.emplace(text, NameReader(text).read()).first->second;
}

bool says_something_else(std::string_view text, std::string_view quantity_name) {
  const auto words = words_of(text);
  return is_guarded(quantity_name) && any_other(words, words.size());
}

}  // namespace weather::sensors
