#include "sensors/access/id_rule.hpp"

#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "sensors/access/levels.hpp"

namespace weather::sensors {
namespace {

TEST(Levels, a_prefix_ends_at_a_level) {
  EXPECT_TRUE(is_within("site/b", "site/b"));
  EXPECT_TRUE(is_within("site/b", "site/b/roof"));
  EXPECT_TRUE(is_within("site/b/", "site/b/roof"));
  EXPECT_FALSE(is_within("site/b", "site/bank"));
  EXPECT_FALSE(is_within("site/b/", "site/b"));
  EXPECT_FALSE(is_within("", "site"));
  EXPECT_FALSE(is_within("site/b/x", "site/b"));
}

// Against another way of saying it: the levels of the prefix are the first levels of the text.
std::vector<std::string> levels_of(std::string_view text) {
  std::vector<std::string> levels{""};
  for (const char c : text)
    if (c == '/')
      levels.emplace_back();
    else
      levels.back() += c;
  return levels;
}

TEST(Levels, of_random_names_are_compared_whole) {
  std::mt19937 random(17);
  const auto name = [&] {
    std::string out;
    for (auto size = random() % 8; out.size() < size;) out += "ab/"[random() % 3];
    return out;
  };
  int within = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto prefix = name(), text = name();
    auto first = levels_of(prefix);
    const auto all = levels_of(text);
    const bool below_only = prefix.ends_with('/');
    if (below_only) first.pop_back();
    const bool expected = !prefix.empty() && first.size() + (below_only ? 1 : 0) <= all.size() &&
                          std::equal(first.begin(), first.end(), all.begin());
    ASSERT_EQ(is_within(prefix, text), expected) << prefix << " | " << text;
    within += expected ? 1 : 0;
  }
  EXPECT_GT(within, 1000);
}

TEST(IdRule, a_users_sensors_are_named_as_the_user_or_below) {
  const IdRule roof{"roof"};
  for (const auto* id : {"roof", "roof/1", "roof:t", "zigbee2mqtt:roof", "zigbee2mqtt:roof/attic",
                         "spb:roof/node", "rtl433:roof:1:145"})
    EXPECT_TRUE(roof.owns(id)) << id;
  for (const auto* id : {"", "roofs", "roof2", "Roof", "x/roof", "x:roof", "zigbee2mqtt:roofs", "spb:x/roof",
                         "roof.1", "zigbee2mqtt:", "zigbee2mqtt:x:roof"})
    EXPECT_FALSE(roof.owns(id)) << id;
}

TEST(IdRule, knows_the_family_that_each_preset_writes_in_front) {
  int seen = 0;
  for (const auto& preset : std::filesystem::directory_iterator(WEATHER_PRESETS)) {
    std::ifstream file(preset.path());
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("id = \"")) continue;
      const auto family = line.substr(6, line.find(':') - 6);
      EXPECT_EQ(without_family(family + ":x"), "x") << preset.path() << ": " << line;
      ++seen;
    }
  }
  EXPECT_GT(seen, 10);
}

TEST(IdRule, prefixes_are_whole_ids_and_count_in_place_of_the_name) {
  const IdRule rule{"bridge", {"spb:site/node-1", "cellar"}};
  EXPECT_TRUE(rule.owns("spb:site/node-1"));
  EXPECT_TRUE(rule.owns("spb:site/node-1/pump"));
  EXPECT_TRUE(rule.owns("cellar/t"));
  EXPECT_FALSE(rule.owns("spb:site/node-10"));
  EXPECT_FALSE(rule.owns("zigbee2mqtt:cellar"));
  EXPECT_FALSE(rule.owns("bridge"));
}

TEST(IdRule, no_id_belongs_to_two_users_of_whom_neither_is_below_the_other) {
  std::mt19937 random(18);
  const std::vector<std::string> users{"a", "b", "ab", "ha", "spb", "1"};
  for (int i = 0; i < 200'000; ++i) {
    std::string id;
    for (auto parts = 1 + random() % 5; parts-- > 0;) {
      id += users[random() % users.size()];
      if (parts > 0) id += "/:-"[random() % 3];
    }
    int owners = 0;
    for (const auto& user : users) owners += IdRule{user}.owns(id) ? 1 : 0;
    ASSERT_LE(owners, 1) << id;
  }
}

TEST(IdCheck, looks_at_each_reading_of_a_message) {
  const IdRule rule{"a"};
  std::vector<v1::Reading> readings(3);
  readings[0].set_sensor_id("a/1");
  readings[1].set_sensor_id("a/2");
  readings[2].set_sensor_id("victim");
  IdCheck check{&rule};
  EXPECT_FALSE(check.allows(readings));
  EXPECT_EQ(check.refused, "victim");
  readings.pop_back();
  EXPECT_TRUE(check.allows(readings));
  EXPECT_TRUE(IdCheck{}.allows(readings)) << "nobody is bound";
}

}  // namespace
}  // namespace weather::sensors
