#include "sensors/mapping/rules.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "sensors/mapping/device.hpp"
#include "sensors/mapping/match.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

struct Unit {
  std::string ucum;  // empty: the canonical one
  bool known = true;
  bool said = false;    // by the message or by the rule, not assumed
  std::string said_by;  // for the note
  std::optional<std::size_t> leaf;
};

// Does the rule leave it to others to say the unit?
bool is_open(const FieldRule& rule) {
  return !rule.unit_from.empty() || rule.quantity.empty() || rule.quantity.find('{') != std::string::npos;
}

// Percent, lux and degrees are what everybody sends; these are not.
bool has_several_units(std::string_view canonical) {
  constexpr std::string_view units[] = {"Cel", "m/s", "mm", "mm/h", "hPa", "km", "m"};
  return std::ranges::find(units, canonical) != std::end(units);
}

class Applier {
 public:
  Applier(const Rules& rules, std::span<const Leaf> leaves, const Captures& captures,
          const ReadingOf& reading_of, bool with_notes)
      : rules_(rules),
        leaves_(leaves),
        matcher_(leaves),
        captures_(captures),
        reading_of_(reading_of),
        with_notes_(with_notes) {
    out_.fates.resize(leaves.size());
  }

  Application run() {
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      if (out_.fates[i] != Fate::kept) continue;  // the unit or the name of a field before it
      const auto before = captures_.size();
      std::string why = "no rule for it";
      for (const auto& rule : rules_.fields) {
        auto match = matcher_.match(rule, leaves_[i], captures_);
        const bool done = match && take(i, *match, why);
        captures_.resize(before);
        if (done) break;
      }
      if (out_.fates[i] == Fate::kept) keep(i, why);
    }
    settle_units();
    return std::move(out_);
  }

 private:
  void note(std::size_t leaf, std::string text) {
    if (with_notes_) out_.notes.push_back({leaf, std::move(text)});
  }

  // A number whose unit stands outside of the document (a metric's property) takes it along.
  void keep(std::size_t i, const std::string& why) {
    const auto& leaf = leaves_[i];
    const auto number = number_of(meaning(leaf.value));
    auto* reading =
        number && !leaf.unit.empty() && leaf.unit_leaf == no_leaf ? reading_of_(captures_) : nullptr;
    if (reading == nullptr) return note(i, "kept as it came: " + why);
    std::string name;
    for (const auto& step : leaf.path) name += (name.empty() ? "" : "/") + step;
    if (find_quantity(canonical_name(name)) != nullptr) name = raw_name(name);
    const std::string ucum(ucum_from_spelling(leaf.unit));
    add_quantity(*reading, {.name = name, .unit = ucum.empty() ? leaf.unit : ucum}, meaning(leaf.value));
    out_.fates[i] = Fate::quantity;
    ++out_.kept_with_unit;
    note(i, "kept with its unit: " + why);
  }

  // False: the next rule may be for it.
  bool take(std::size_t i, const Match& match, std::string& why) {
    if (match.target == Target::drop) {
      out_.fates[i] = Fate::dropped;
      note(i, "left out, as rule " + match.rule->path.text() + " says");
      return true;
    }
    auto* reading = reading_of_(captures_);
    if (reading == nullptr) {
      why = "no sensor id can be made for it";
      return false;
    }
    auto value = meaning(leaves_[i].value);
    if (match.target == Target::quantity) return take_quantity(i, match, value, *reading, why);
    return take_other(i, match, value, *reading, why);
  }

  // In this order: the value's own text ("21.4 C"), the message beside it, the field's name, the rule, what
  // is assumed of this source, and the canonical unit where neither the rule nor the name leaves it open.
  std::optional<Unit> unit_of(const Leaf& leaf, const Match& match, std::string_view of_text,
                              std::string_view canonical, double number) const {
    const auto& rule = *match.rule;
    Unit out;
    out.said = true;
    std::optional<std::string> said;
    if (!of_text.empty()) {
      out.ucum = of_text;
      out.said_by = ", unit from its text";
      return out;
    }
    if (!leaf.unit.empty()) {
      said = leaf.unit;
      if (leaf.unit_leaf != no_leaf) out.leaf = leaf.unit_leaf;
      out.said_by = ", unit from the source";
    } else if (!rule.unit_from.empty()) {
      const auto pointer = expand_captures(rule.unit_from, captures_);
      if (const auto* from = matcher_.at(pointer); from != nullptr) {
        out.leaf = static_cast<std::size_t>(from - leaves_.data());
        said = word_of(from->value);
        out.said_by = ", unit from " + pointer;
      }
    } else if (const auto* beside =
                   rule.common ? matcher_.sibling(leaf, leaf.path.back() + "_unit") : nullptr;
               beside != nullptr && std::holds_alternative<std::string>(beside->value)) {
      out.leaf = static_cast<std::size_t>(beside - leaves_.data());
      said = word_of(beside->value);
      out.said_by = ", unit from the field beside it";
    } else if (const auto* captured = find_capture(captures_, "unit")) {
      said = *captured;
    }
    if (said) {
      const auto listed = rule.units.find(*said);
      const std::string spelling = listed != rule.units.end() ? listed->second : *said;
      out.ucum = ucum_from_spelling(spelling);
      out.known = !out.ucum.empty();
      if (!out.known) out.ucum = spelling;
      return out;
    }
    if (const std::string_view unit = match.unit.empty() ? rule.unit : match.unit; !unit.empty()) {
      out.ucum = ucum_from_spelling(unit);
      if (out.ucum.empty()) out.ucum = unit;
      return out;
    }
    return assumed(match, canonical, number);
  }

  std::optional<Unit> assumed(const Match& match, std::string_view canonical, double number) const {
    Unit out;
    for (const auto* units : {rules_.of_source, rules_.assumed})
      if (units != nullptr)
        if (const auto found = units->find(canonical); found != units->end()) {
          // No instrument sees further than this: what is assumed to be kilometres is metres.
          const bool metres = canonical == "visibility_in_air" && units == rules_.assumed && number > 300;
          out.ucum = metres ? "m" : found->second;
          return out;
        }
    if (match.rule->common && canonical_unit(canonical) == "hPa") {
      if (number > 2000) out.ucum = "Pa";
      if (number >= 30 && number <= 120) out.ucum = "kPa";
    }
    if (!match.rule->common && is_open(*match.rule) && find_quantity(canonical) != nullptr &&
        has_several_units(canonical_unit(canonical)))
      return std::nullopt;
    return out;
  }

  bool take_quantity(std::size_t i, const Match& match, Value value, v1::Reading& reading, std::string& why) {
    const auto& rule = *match.rule;
    const std::string of_text(take_said_unit(value));
    const auto number = number_of(value);
    const bool missing = std::holds_alternative<std::monostate>(value) ||
                         (number && std::ranges::find(rule.missing, *number) != rule.missing.end());
    const std::string canonical(match.something_else ? match.kind : canonical_name(match.name));
    const bool known = find_quantity(canonical) != nullptr;
    if (!missing && !number && (known || rule.numbers_only)) {
      why = canonical + " is a number, this is not";
      return false;
    }
    if (std::holds_alternative<std::uint64_t>(leaves_[i].value)) {
      why = "its digits are more than a quantity holds";
      return false;
    }
    auto unit = unit_of(leaves_[i], match, of_text, canonical, number.value_or(0));
    std::string name = match.something_else ? match.name : canonical;
    if (!unit) {
      if (!rule.unit_from.empty()) {
        why = "nothing says the unit of this " + canonical;
        return false;
      }
      unit.emplace();
      name = raw_name(alias_of(canonical));
    } else if (match.something_else) {
      const bool same_scale = canonical_unit(canonical) == "Cel" || canonical_unit(canonical) == "%";
      if (!unit->said)
        unit->ucum = !same_scale ? "" : unit->ucum.empty() ? canonical_unit(canonical) : unit->ucum;
    } else if (known && !unit->ucum.empty() && !are_convertible(unit->ucum, canonical_unit(canonical))) {
      name = raw_name(alias_of(canonical));
      if (unit->known && unit->said) unit->known = false;
    } else if (!known) {
      unit->known = true;  // any unit will do
    }
    if (missing) value = std::monostate{};
    if (!missing && number && (rule.scale != 1 || rule.offset != 0))
      value = *number * rule.scale + rule.offset;
    const auto same = [&](const v1::Quantity& q) {
      return q.name() == name && q.part() == match.part && q.stat() == match.stat;
    };
    if (const auto taken = std::ranges::find_if(reading.quantities(), same);
        taken != reading.quantities().end()) {
      if (agrees(*taken, value, unit->ucum)) out_.fates[i] = Fate::same;
      why = name + " is taken already, and this says something else";
      if (out_.fates[i] == Fate::same)
        note(i, "left out: " + name + " is taken already, this is the same in another form");
      return true;
    }
    const auto field = path_text(leaves_[i]);
    auto& quantity = add_quantity(reading,
                                  {.name = name,
                                   .unit = unit->ucum,
                                   .part = match.part,
                                   .source_field = field,
                                   .stat = match.stat,
                                   .period_s = rule.period_s},
                                  value);
    if (missing) quantity.set_quality(v1::QUALITY_MISSING);
    if (missing && number) quantity.set_qc(quantity.qc() | v1::QC_SENTINEL);
    if (!unit->known) {
      quantity.set_qc(quantity.qc() | v1::QC_UNIT_SUSPECT);
      quantity.set_quality(v1::QUALITY_DOUBTFUL);
    }
    out_.fates[i] = Fate::quantity;
    ++out_.quantities;
    if (unit->leaf && unit->known) unit_leaves_.push_back({*unit->leaf, leaves_[i].unit_leaf == *unit->leaf});
    if (leaves_[i].type_leaf != no_leaf && rule.common) unit_leaves_.push_back({leaves_[i].type_leaf, true});
    if (with_notes_) note(i, describe(quantity, match, *unit));
    return true;
  }

  static std::string describe(const v1::Quantity& q, const Match& match, const Unit& unit) {
    std::string out = q.name() + " ";
    append_json_value(out, value_of(q));
    const std::string symbol(q.unit().empty() ? canonical_unit(q.name()) : q.unit());
    if (!symbol.empty()) out += " " + symbol;
    if (!q.part().empty()) out += ", part \"" + q.part() + "\"";
    if (q.quality() == v1::QUALITY_MISSING) out += ", missing: the source had no value";
    if (!unit.known) out += ", doubtful: its unit \"" + unit.ucum + "\" is none of this quantity";
    const std::string by = match.rule->common ? "the common names" : "rule " + match.rule->path.text();
    return out + " (" + by + unit.said_by + ")";
  }

  bool take_other(std::size_t i, const Match& match, const Value& value, v1::Reading& reading,
                  std::string& why) {
    if (std::holds_alternative<std::monostate>(value)) {
      why = "it has no value";
      return true;
    }
    if (!set_about(*match.rule, match.target, match.unit, value, reading)) {
      why = "not what rule " + match.rule->path.text() + " can use";
      return false;
    }
    // A bit for each transmitter: low, and which of them it is stays in sight.
    const bool flag = match.target == Target::battery_low || match.target == Target::battery_ok;
    if (const auto number = number_of(value); flag && number && *number != 0 && *number != 1) return true;
    out_.fates[i] = Fate::about;
    if (match.target == Target::model || match.target == Target::firmware || match.target == Target::sequence)
      out_.details.push_back({i, reading.sensor_id()});
    if (leaves_[i].unit_leaf != no_leaf) unit_leaves_.push_back({leaves_[i].unit_leaf, true});
    if (leaves_[i].type_leaf != no_leaf && match.rule->common)
      unit_leaves_.push_back({leaves_[i].type_leaf, true});
    note(i, "about the device, not a quantity" +
                (match.rule->common ? std::string() : " (rule " + match.rule->path.text() + ")"));
    return true;
  }

  // A field that names the unit of others goes only if no number is left that may be in it.
  void settle_units() {
    bool number_left = false;
    for (std::size_t i = 0; i < leaves_.size(); ++i)
      number_left |= out_.fates[i] == Fate::kept && number_of(meaning(leaves_[i].value)) &&
                     std::ranges::none_of(unit_leaves_, [&](const auto& unit) { return unit.first == i; });
    for (const auto& [leaf, only_of_one] : unit_leaves_) {
      if (out_.fates[leaf] != Fate::kept || (number_left && !only_of_one)) continue;
      out_.fates[leaf] = Fate::unit;
      for (auto& note : out_.notes)
        if (note.leaf == leaf) note.text = "the unit or name of another field";
    }
  }

  const Rules& rules_;
  std::span<const Leaf> leaves_;
  Matcher matcher_;
  Captures captures_;
  const ReadingOf& reading_of_;
  bool with_notes_;
  std::vector<std::pair<std::size_t, bool>> unit_leaves_;  // leaf; is it beside one field alone?
  Application out_;
};

}  // namespace

Became became_of(Fate fate) {
  switch (fate) {
    case Fate::quantity:
      return Became::quantity;
    case Fate::about:
      return Became::status;
    case Fate::dropped:
      return Became::dropped;
    case Fate::same:
      return Became::same;
    case Fate::unit:
      return Became::unit;
    case Fate::time:
      return Became::time;
    default:
      return Became::kept;
  }
}

std::vector<bool> Application::consumed() const {
  std::vector<bool> out;
  for (const auto fate : fates) out.push_back(fate != Fate::kept);
  return out;
}

Application apply_rules(const Rules& rules, std::span<const Leaf> leaves, const Captures& captures,
                        const ReadingOf& reading_of, bool with_notes) {
  return Applier(rules, leaves, captures, reading_of, with_notes).run();
}

void account_for(Account& account, std::span<const Leaf> leaves, const Application& applied) {
  std::vector<std::string_view> said(leaves.size());
  for (const auto& note : applied.notes) said[note.leaf] = note.text;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    std::string name;
    for (const auto& step : leaves[i].path) name += (name.empty() ? "" : "/") + step;
    account.add(std::move(name), became_of(applied.fates[i]), std::string(said[i]));
  }
}

FieldRule common_names() {
  FieldRule out;
  out.common = true;
  return out;
}

tl::expected<FieldRule, std::string> make_rule(std::string_view pointer, std::string_view quantity,
                                               std::string_view unit) {
  auto path = Pattern::pointer(pointer);
  if (!path) return tl::unexpected(path.error());
  FieldRule out;
  out.path = std::move(*path);
  out.quantity = quantity;
  out.unit = unit;
  return out;
}

}  // namespace weather::sensors
