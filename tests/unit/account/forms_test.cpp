// The account of a message that holds several: lines of NDJSON and metrics of Sparkplug, made of every
// payload that the tests hold.
#include <algorithm>
#include <map>

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "sensors/http/push.hpp"
#include "sensors/mapping/leaf.hpp"
#include "sensors/reading/render.hpp"
#include "sensors/sparkplug/host.hpp"
#include "sensors/sparkplug/sparkplug.pb.h"
#include "tests/fuzz/accounts.hpp"
#include "tests/unit/account/corpus.hpp"

namespace weather::sensors {
namespace {

std::vector<std::string> paths_of(const Account& account) {
  std::vector<std::string> out;
  for (const auto& leaf : account.leaves) out.push_back(leaf.path);
  std::ranges::sort(out);
  return out;
}

std::string seen(const std::vector<Reading>& readings) {
  std::string out;
  for (const auto& reading : readings) out += reading.SerializeAsString() + reading.extra_json();
  return out;
}

std::string compact(const std::string& payload) {
  const auto document = JsonDocument::parse(payload);
  std::string out;
  if (document) append_json(out, document->root());
  return out;
}

TEST(AccountOfForms, EachLeafOfEachLineStandsInItOnce) {
  std::size_t bodies = 0;
  std::vector<std::string> lines;
  for (const auto& payload : corpus().documents) {
    Message one;
    const auto line = compact(payload);
    one.payload = line;
    if (line.empty() || !decode_push(PushType::json, one)) continue;
    lines.push_back(line);
    if (lines.size() < 3) continue;
    std::string body;
    std::vector<std::string> there;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      body += lines[i] + "\n";
      for (const auto& leaf : leaves_of(Shape::json, lines[i]))
        there.push_back("line " + std::to_string(i + 1) + " " + leaf);
    }
    Account account;
    Message message;
    message.payload = body;
    message.account = &account;
    const auto readings = decode_push(PushType::ndjson, message);
    ASSERT_TRUE(readings) << body;
    ++bodies;
    std::ranges::sort(there);
    EXPECT_EQ(paths_of(account), there) << body;
    lines.erase(lines.begin());
  }
  EXPECT_GT(bodies, 50U) << "the corpus was not found";
}

// A document's leaves as the metrics of a birth.
sparkplug::Payload birth_of(const std::vector<Leaf>& leaves) {
  sparkplug::Payload out;
  out.set_timestamp(1'758'349'800'000);
  out.set_seq(0);
  out.add_metrics()->set_name("bdSeq");
  out.mutable_metrics(0)->set_long_value(7);
  std::uint64_t alias = 0;
  for (const auto& leaf : leaves) {
    auto& metric = *out.add_metrics();
    metric.set_name(path_text(leaf).substr(1));
    metric.set_alias(++alias);
    if (const auto* text = std::get_if<std::string>(&leaf.value))
      metric.set_string_value(*text);
    else if (const auto* boolean = std::get_if<bool>(&leaf.value))
      metric.set_boolean_value(*boolean);
    else if (const auto number = number_of(meaning(leaf.value)))
      metric.set_double_value(*number);
    else
      metric.set_is_null(true);
  }
  return out;
}

struct Conversation {
  SparkplugHost host{SparkplugOptions{}};

  Decoded say(std::string_view type, const sparkplug::Payload& payload, Account* account) {
    const auto topic = "spBv1.0/g/" + std::string(type) + "/n";
    const auto bytes = payload.SerializeAsString();
    Message message;
    message.topic = topic;
    message.payload = bytes;
    message.account = account;
    message.again = true;
    return host.decode(message);
  }
};

TEST(AccountOfForms, EachMetricOfABirthAndOfItsDataStandsInItOnce) {
  std::size_t births = 0, tried = 0;
  for (const auto& payload : corpus().documents) {
    const auto document = JsonDocument::parse(payload);
    if (!document) continue;
    const auto leaves = flatten(document->root());
    const bool nameless =
        std::ranges::any_of(leaves, [](const Leaf& leaf) { return path_text(leaf).size() < 2; });
    if (leaves.empty() || leaves.size() > 40 || nameless) continue;
    Conversation conversation;
    Account account;
    const auto birth = birth_of(leaves);
    const auto readings = conversation.say("NBIRTH", birth, &account);
    ASSERT_TRUE(readings) << payload;
    ++births;
    std::vector<std::string> names;
    for (const auto& metric : birth.metrics()) names.push_back(metric.name());
    std::ranges::sort(names);
    EXPECT_EQ(paths_of(account), names) << payload;

    // By alias alone, a second later: the same names; and a value that is said to be in the reading is in it.
    sparkplug::Payload data = birth;
    data.mutable_metrics()->erase(data.metrics().begin());
    data.set_seq(1);
    data.set_timestamp(birth.timestamp() + 1000);
    for (auto& metric : *data.mutable_metrics()) metric.clear_name();
    Account again;
    const auto first = conversation.say("NDATA", data, &again);
    ASSERT_TRUE(first) << payload;
    names.erase(std::ranges::find(names, "bdSeq"));
    EXPECT_EQ(paths_of(again), names) << payload;
    for (int i = 0; i < data.metrics_size(); ++i) {
      const auto& fate = again.leaves[static_cast<std::size_t>(i)];
      if (!data.metrics(i).has_double_value() || fate.became == Became::dropped ||
          fate.became == Became::same)
        continue;
      auto changed = data;
      changed.mutable_metrics(i)->set_double_value(3 * data.metrics(i).double_value() + 2.5);
      const auto other = conversation.say("NDATA", changed, nullptr);
      ASSERT_TRUE(other);
      ++tried;
      EXPECT_NE(seen(*other), seen(*first))
          << fate.path << " became " << became_text(fate.became) << " of " << payload;
    }
  }
  EXPECT_GT(births, 100U) << "the corpus was not found";
  EXPECT_GT(tried, 200U);
}

}  // namespace
}  // namespace weather::sensors
