// Nothing vanishes: over every payload that the tests hold and every decoder, each leaf of the input stands
// in the account once; what is said to be in the reading is in it (changed, it changes the reading); what is
// left out is listed in docs/sensors.md.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "sensors/csv/formats.hpp"
#include "sensors/decoders/registry.hpp"
#include "sensors/lorawan/formats.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/mapping/presets.hpp"
#include "sensors/mapping/toml.hpp"
#include "sensors/reading/render.hpp"
#include "tests/fuzz/accounts.hpp"
#include "tests/unit/account/corpus.hpp"

namespace weather::sensors {
namespace {

namespace json = boost::json;

Shape shape_of(const std::string& format) {
  return format == "ecowitt" || format == "wunderground" ? Shape::form
         : format == "nmea"                              ? Shape::nmea
         : format == "vaisala-wxt"                       ? Shape::line
                                                         : Shape::json;
}

const std::vector<std::string>& payloads_of(Shape shape) {
  return shape == Shape::form || shape == Shape::line ? corpus().forms
         : shape == Shape::nmea                       ? corpus().sentences
                                                      : corpus().documents;
}

Decoded decode(const std::string& format, const std::string& topic, std::string_view payload,
               Account* account) {
  Message message;
  message.topic = topic;
  message.payload = payload;
  message.received_ns = 1'790'000'000'000'000'000;
  message.account = account;
  message.again = true;  // the same payload once more is no repeat here
  if (format == "nmea") {
    message.topic = "/dev/ttyUSB0";
    return decode_nmea(message);
  }
  static const Registry registry = [] {
    Registry out;
    add_decoders(out);
    add_presets(out);
    add_lorawan(out);
    add_tables(out);
    return out;
  }();
  static std::map<std::string, Decoder> decoders;
  auto& decoder = decoders[format];
  if (!decoder) decoder = registry.make(format).value();
  return decoder(message);
}

// Everything that a consumer of either form can see.
std::string seen(const Decoded& decoded, bool protobuf) {
  if (!decoded) return "refused: " + decoded.error().text;
  std::string out;
  for (const auto& reading : *decoded) {
    std::map<std::string, std::string> headers(reading.headers().begin(), reading.headers().end());
    out += reading.sensor_id() + " " + std::to_string(reading.event_time_ns()) + " " +
           render_value_json(reading);
    for (const auto& [name, text] : headers) out += " " + name + "=" + text;
    if (protobuf) out += reading.SerializeAsString();
    out += "\n";
  }
  return out;
}

struct Case {
  std::string format, topic, payload;
};

template <class Check>
std::size_t for_each_reading(Check check) {
  std::size_t count = 0;
  for (const auto& format : formats())
    for (const auto& topic : topics_of(format))
      for (const auto& payload : payloads_of(shape_of(format))) {
        Account account;
        const auto decoded = decode(format, topic, payload, &account);
        if (!decoded) {
          EXPECT_FALSE(decoded.error().reason.empty()) << format << " " << payload;
          continue;  // one counted reason for all of it, and the raw bytes are kept
        }
        if (decoded->empty()) continue;  // passed over, and counted
        ++count;
        check(Case{format, topic, payload}, account, *decoded);
      }
  return count;
}

TEST(Account, EachLeafOfEveryPayloadStandsInItOnce) {
  const auto count = for_each_reading([](const Case& a, const Account& account, const auto&) {
    EXPECT_EQ(faults_of(account, shape_of(a.format), a.payload), "")
        << a.format << " " << a.topic << " " << a.payload;
  });
  EXPECT_GT(count, 500U) << "the corpus was not found";
}

TEST(Account, WhatIsLeftOutOnPurposeIsListedInTheDocuments) {
  std::ifstream file(WEATHER_SENSORS_DOC);
  const std::string document(std::istreambuf_iterator<char>(file), {});
  std::set<std::string> reasons;
  for_each_reading([&](const Case&, const Account& account, const auto&) {
    for (const auto& leaf : account.leaves)
      if (leaf.became == Became::dropped) reasons.insert(leaf.what);
  });
  EXPECT_GE(reasons.size(), 5U);
  for (const auto& reason : reasons)
    EXPECT_NE(document.find("| " + reason + " |"), std::string::npos) << reason;
}

// A scalar that says something else.
json::value changed(const json::value& value) {
  if (value.is_bool()) return !value.get_bool();
  if (value.is_int64()) return value.get_int64() < 100 ? value.get_int64() + 3 : value.get_int64() - 3;
  if (value.is_uint64()) return value.get_uint64() - 1;
  if (value.is_double()) {
    const double number = value.get_double();
    return number + 2.5 == number ? number / 2 : number + 2.5;
  }
  if (value.is_null()) return "changed";
  std::string text(value.get_string());
  // Of a text the first digit, by enough to be seen behind a conversion, or else its end.
  if (const auto digit = text.find_first_of("0123456789"); digit != std::string::npos)
    text[digit] =
        text[digit] >= '6' ? static_cast<char>(text[digit] - 4) : static_cast<char>(text[digit] + 3);
  else
    text += 'x';
  return json::value(text);
}

// An instrument's line, of what it is as a document.
std::string line_of(const std::string& document) {
  std::string out;
  const auto text = [](const json::value& value) {
    return value.is_string() ? std::string(value.as_string()) : std::string();
  };
  const auto words = json::parse(document);
  for (const auto& [name, value] : words.as_object()) {
    if (name.find_first_not_of("0123456789") != json::string_view::npos) out += std::string(name) + "=";
    out += value.is_object() ? text(value.at("value")) + text(value.at("unit")) : text(value);
    out += ",";
  }
  return out;
}

std::string with_changed(Shape shape, const std::string& payload, const std::string& leaf) {
  if (shape == Shape::json) {
    auto document = JsonDocument::parse(payload);
    json::value copy = document->root();
    boost::system::error_code code;
    auto* at = copy.find_pointer(leaf, code);
    if (at == nullptr) return payload;
    *at = changed(*at);
    std::string out;
    append_json(out, copy);
    return out;
  }
  if (shape == Shape::line) return line_of(with_changed(Shape::json, ascii_as_json(payload), leaf));
  if (shape == Shape::form) {
    std::string out;
    for (auto& field : parse_form(payload)) {
      if (field.name == leaf) field.value = std::string(changed(json::value(field.value)).as_string());
      out += (out.empty() ? "" : "&") + field.name + "=" + field.value;
    }
    return out;
  }
  auto sentence = *parse_nmea(payload);
  std::string out = "$" + sentence.talker + sentence.type;
  for (std::size_t i = 0; i < sentence.fields.size(); ++i) {
    auto field = sentence.fields[i];
    if (leaf == "field " + std::to_string(i + 1))
      field = std::string(changed(json::value(field)).as_string());
    out += "," + field;
  }
  return out;
}

bool is_of_protobuf_alone(const LeafAccount& leaf) {
  return leaf.became == Became::status || leaf.what.ends_with("label");
}

TEST(Account, WhatIsSaidToBeInTheReadingIsInIt) {
  std::size_t tried = 0;
  for_each_reading([&](const Case& a, const Account& account, const std::vector<Reading>& readings) {
    const auto shape = shape_of(a.format);
    for (const auto& leaf : account.leaves) {
      if (leaf.became == Became::dropped || leaf.became == Became::same) continue;
      if (leaf.path == "address" || std::ranges::count(account.leaves, leaf.path, &LeafAccount::path) > 1)
        continue;
      const auto other = with_changed(shape, a.payload, leaf.path);
      if (other == a.payload) continue;
      ++tried;
      const bool protobuf = is_of_protobuf_alone(leaf);
      EXPECT_NE(seen(decode(a.format, a.topic, other, nullptr), protobuf), seen(Decoded(readings), protobuf))
          << a.format << " " << a.topic << ": " << leaf.path << " became " << became_text(leaf.became) << " "
          << leaf.what << " of\n"
          << a.payload << "\n"
          << other;
    }
  });
  EXPECT_GT(tried, 2000U);
}

// As what it is in the reading, by which rule, or why it is in none; a sentence of NMEA 0183 says it by the
// field's place.
TEST(Account, EachMemberSaysWhatBecameOfIt) {
  for_each_reading([](const Case& a, const Account& account, const std::vector<Reading>&) {
    if (a.format == "nmea") return;
    for (const auto& leaf : account.leaves) {
      if (leaf.became != Became::quantity && leaf.became != Became::kept && leaf.became != Became::dropped)
        continue;
      EXPECT_NE(leaf.what, "") << a.format << " " << a.topic << ": " << leaf.path << " became "
                               << became_text(leaf.became) << " of\n"
                               << a.payload;
    }
  });
}

// Bytes changed, members moved from one payload to another, halves put together.
std::string mutated(const std::vector<std::string>& payloads, std::mt19937_64& random) {
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  constexpr std::string_view deciding = "0123456789\"{}[],:.-eE&=null";
  std::string out = payloads[below(payloads.size())];
  for (std::size_t left = 1 + below(4); left > 0 && !out.empty(); --left) {
    const auto& other = payloads[below(payloads.size())];
    switch (below(4)) {
      case 0:
        out[below(out.size())] = static_cast<char>(below(256));
        break;
      case 1:
        out[below(out.size())] = deciding[below(deciding.size())];
        break;
      case 2: {
        const auto comma = other.find(','), from = out.find(',');
        if (comma != std::string::npos && from != std::string::npos)
          out = out.substr(0, from) + other.substr(comma, 1 + below(60)) + out.substr(from);
        break;
      }
      default:
        out = out.substr(0, below(out.size() + 1)) +
              (other.empty() ? other : other.substr(below(other.size())));
    }
  }
  return out;
}

// A second in the unit suite, ten minutes in `make soak` (WEATHER_SOAK).
TEST(Account, MutatedPayloadsAreAccountedToo) {
  const bool soak = std::getenv("WEATHER_SOAK") != nullptr;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(soak ? 600 : 1);
  std::mt19937_64 random(soak ? std::random_device{}() : 1);
  const auto all = formats();
  std::size_t tried = 0, readings = 0;
  while (std::chrono::steady_clock::now() < end) {
    for (const auto& format : all) {
      const auto shape = shape_of(format);
      const auto payload = mutated(payloads_of(shape), random);
      const auto topics = topics_of(format);
      const auto& topic = topics[tried % topics.size()];
      Account account;
      const auto decoded = decode(format, topic, payload, &account);
      ++tried;
      if (!decoded || decoded->empty()) continue;
      ++readings;
      ASSERT_EQ(faults_of(account, shape, payload), "") << format << " " << topic << "\n" << payload;
    }
  }
  std::printf("%zu mutated payloads, %zu of them readings\n", tried, readings);
  EXPECT_GT(readings, 50U);
}

// What `weather-gateway presets NAME` prints, in a configuration, reads what the format NAME reads.
TEST(Account, APrintedPresetBehavesTheSame) {
  std::size_t compared = 0;
  for (const auto& preset : presets()) {
    const auto pasted = mappings_from_text(preset.toml);
    ASSERT_TRUE(pasted) << preset.name << " " << pasted.error().front().text;
    const auto decoder = mapping_decoder(*pasted);
    for (const auto& topic : topics_of(std::string(preset.name)))
      for (const auto& payload : corpus().documents) {
        Message message;
        message.topic = topic;
        message.payload = payload;
        message.received_ns = 1'790'000'000'000'000'000;
        message.again = true;
        EXPECT_EQ(seen(decoder(message), true),
                  seen(decode(std::string(preset.name), topic, payload, nullptr), true));
        ++compared;
      }
  }
  EXPECT_GT(compared, 1000U);
}

}  // namespace
}  // namespace weather::sensors
