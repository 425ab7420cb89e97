#include "gateway/config/source_names.hpp"

#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Config loaded(const std::string& toml) {
  const std::vector<ConfigText> texts{{"a.toml", toml}};
  auto config = load(texts, {});
  EXPECT_TRUE(config) << to_string(config.error().front());
  return config.value_or(Config{});
}

TEST(SourceNames, are_what_a_source_is_and_never_the_same) {
  const auto config = loaded(R"(
[[mqtt]]
url = "mqtt://pi"
topics = ["a"]
client_id = "a"
[[mqtt]]
url = "mqtt://pi:1883"
topics = ["b"]
client_id = "b"
[[mqtt]]
url = "mqtt://other"
topics = ["b"]
name = "garden"
[[bus]]
kind = "hwmon"
[[bus]]
kind = "hwmon"
[[http]]
listen = "127.0.0.1:8001"
[[http]]
listen = "127.0.0.1:8002"
)");
  EXPECT_THAT(config.source_names.at("mqtt"), ElementsAre("mqtt:pi:1883", "mqtt:pi:1883-2", "garden"));
  EXPECT_THAT(config.source_names.at("bus"), ElementsAre("hwmon", "hwmon-2"));
  EXPECT_THAT(config.source_names.at("http"), ElementsAre("http", "http-2"));
}

TEST(SourceNames, one_that_somebody_gives_twice_is_a_fault_with_its_place) {
  const std::vector<ConfigText> texts{
      {"a.toml",
       "[[http]]\nlisten = \"127.0.0.1:8001\"\nname = \"x\"\n[[lines]]\npath = \"/a\"\nname = \"x\"\n"}};
  const auto config = load(texts, {});
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 1U);
  EXPECT_THAT(to_string(config.error().front()),
              HasSubstr("a.toml:6:8: lines[0].name: http[0] has this name"));
}

// Whatever is written, given names included that look like those of others.
TEST(SourceNames, are_unique_over_many_configurations) {
  std::minstd_rand random(1);
  const auto one_of = [&](std::initializer_list<const char*> texts) {
    return std::string(texts.begin()[random() % texts.size()]);
  };
  for (int round = 0; round < 2000; ++round) {
    Config config;
    std::set<std::string> given;
    const auto name = [&] {
      auto text = one_of({"", "", "", "http", "http-2", "simulator", "mqtt:a:1883", "hwmon-2", "lines:/a"});
      return text.empty() || given.insert(text).second ? text : std::string();
    };
    for (auto i = random() % 4; i > 0; --i) {
      MqttConfig mqtt;
      mqtt.url = one_of({"mqtt://a", "mqtt://a:1883", "mqtt://b"});
      mqtt.name = name();
      config.mqtt.push_back(mqtt);
    }
    for (auto i = random() % 4; i > 0; --i) config.http.emplace_back().name = name();
    for (auto i = random() % 4; i > 0; --i) config.simulator.emplace_back().name = name();
    for (auto i = random() % 4; i > 0; --i) config.bus.emplace_back().kind = one_of({"hwmon", "iio"});
    for (auto i = random() % 4; i > 0; --i) {
      config.lines.emplace_back().path = one_of({"/a", "/b"});
      config.lines.back().name = name();
    }
    name_sources(config);
    EXPECT_TRUE(shared_names(config).empty());
    std::set<std::string> all;
    std::size_t count = 0;
    for (const auto& [section, names] : config.source_names) {
      all.insert(names.begin(), names.end());
      count += names.size();
    }
    for (const auto& [section, names] : config.source_names)
      ASSERT_EQ(source_name(Config(config), section, names.size() - 1), names.back());
    auto bare = config;
    bare.source_names.clear();
    if (!config.http.empty()) {
      ASSERT_EQ(source_name(bare, "http", 0), config.source_names.at("http")[0]);
    }
    ASSERT_EQ(all.size(), count) << "round " << round;
    ASSERT_EQ(count, config.mqtt.size() + config.http.size() + config.simulator.size() + config.bus.size() +
                         config.lines.size());
  }
}

}  // namespace
}  // namespace weather::gateway
