// Every leaf of a message stands in its account exactly once: what the test over all corpora and the fuzz
// targets ask.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "sensors/account.hpp"
#include "sensors/buses/nmea.hpp"
#include "sensors/decoders/form.hpp"
#include "sensors/decoders/json_document.hpp"
#include "sensors/mapping/ascii.hpp"
#include "sensors/reading/meaning.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

enum class Shape { json, form, nmea, line, text };

inline std::vector<std::string> leaves_of(Shape shape, std::string_view payload) {
  std::vector<std::string> out;
  if (shape == Shape::line) return leaves_of(Shape::json, ascii_as_json(payload));
  if (shape == Shape::form) {
    for (const auto& field : parse_form(payload)) out.push_back(field.name);
  } else if (shape == Shape::nmea) {
    if (const auto sentence = parse_nmea(payload)) {
      out.emplace_back("address");
      for (std::size_t i = 0; i < sentence->fields.size(); ++i)
        if (!sentence->fields[i].empty()) out.push_back("field " + std::to_string(i + 1));
    }
  } else if (const auto document = JsonDocument::parse(payload); document && shape == Shape::json) {
    Account all;
    account_leaves(&all, {}, document->root(), Became::kept, {});
    for (auto& leaf : all.leaves) out.push_back(std::move(leaf.path));
  }
  std::ranges::sort(out);
  return out;
}

// What is wrong with the account of a message that became readings; empty: nothing is.
inline std::string faults_of(const Account& account, Shape shape, std::string_view payload) {
  const auto text = trimmed(payload);
  if (shape == Shape::json && !text.starts_with('{') && !text.starts_with('['))  // one plain value
    return account.leaves.size() == 1 ? "" : "a plain value has one leaf";
  std::vector<std::string> said;
  for (const auto& leaf : account.leaves) said.push_back(leaf.path);
  std::ranges::sort(said);
  const auto there = leaves_of(shape, payload);
  std::string out;
  for (const auto& leaf : there)
    if (const auto count = std::ranges::count(said, leaf); count != std::ranges::count(there, leaf))
      out += leaf + " stands there " + std::to_string(count) + " times; ";
  for (const auto& leaf : said)
    if (!std::ranges::binary_search(there, leaf)) out += leaf + " is no leaf; ";
  return out;
}

// The fuzz targets' question; of what is refused or passed over all is told by one reason.
inline bool is_accounted(const Decoded& decoded, const Account& account, Shape shape,
                         std::string_view payload) {
  return !decoded || decoded->empty() || faults_of(account, shape, payload).empty();
}

}  // namespace weather::sensors
