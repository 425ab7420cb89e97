#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/kafka.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/proxy.hpp"
#include "gateway/config/render.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

tl::expected<Config, std::vector<ConfigError>> loaded(const std::string& text,
                                                      const Environment& environment = {}) {
  const std::vector<ConfigText> texts{{"/etc/wg/main.toml", text}};
  return load(texts, environment);
}

std::vector<std::string> faults_of(const std::string& text) {
  std::vector<std::string> result;
  if (const auto config = loaded(text); !config)
    for (const auto& error : config.error()) result.push_back(to_string(error));
  return result;
}

constexpr auto servers = "[kafka.properties]\n\"bootstrap.servers\" = \"kafka:9092\"\n";

TEST(ConfigProxy, IsWhatEveryKafkaClientAndTheRegistryAreGiven) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "secret") << "hunter2\n";
  const auto config =
      loaded(std::string(servers) +
             "[schema_registry]\nurl = \"http://registry:8081\"\n[kafka.proxy]\nurl = \"http://proxy:3128\"\n"
             "username = \"pi\"\npassword_file = \"" +
             (folder.path() / "secret").string() + "\"\nno_proxy = [\"10.0.0.0/8\", \".lan:9092\"]\n")
          .value();
  const auto options = forwarder_options(config, "pi").value();
  EXPECT_EQ(options.properties.at("proxy.url"), "http://proxy:3128");
  EXPECT_EQ(options.properties.at("proxy.password"), "hunter2");
  EXPECT_EQ(options.properties.at("proxy.no_proxy"), "10.0.0.0/8,.lan:9092");
  EXPECT_TRUE(options.registry->ask.proxy.carries("registry", 8081));
  EXPECT_EQ(options.registry->ask.proxy.password, "hunter2");
  const auto settings = proxy_settings(config);
  EXPECT_TRUE(settings.carries("kafka", 9092));
  EXPECT_FALSE(settings.carries("kafka.lan", 9092));
  EXPECT_FALSE(settings.carries("10.1.2.3", 9092));
  EXPECT_THAT(render_origins(config, false), Not(HasSubstr("hunter2")));
}

TEST(ConfigProxy, WithoutAUrlThereIsNone) {
  const auto options = forwarder_options(loaded(servers).value(), "pi").value();
  EXPECT_FALSE(options.properties.contains("proxy.url"));
}

TEST(ConfigProxy, ComesByVariablesToo) {
  const auto config =
      loaded(servers, {{"WEATHER_GATEWAY_KAFKA__PROXY__URL", "socks5h://proxy:1080"}}).value();
  EXPECT_EQ(config.kafka.proxy.url, "socks5h://proxy:1080");
  EXPECT_EQ(config.places.at("kafka.proxy.url").file,
            "environment variable WEATHER_GATEWAY_KAFKA__PROXY__URL");
}

TEST(ConfigProxy, MistakesAreNamedWithTheirLine) {
  const std::string head = "[kafka.proxy]\n";
  EXPECT_THAT(faults_of(head + "url = \"proxy:3128\"\n"),
              ElementsAre(HasSubstr("main.toml:2:7: kafka.proxy.url: must begin with http://")));
  const auto login = faults_of(head + "url = \"http://pi:hunter2@proxy:3128\"\n");
  EXPECT_THAT(login, ElementsAre(HasSubstr("use username and password_file")));
  EXPECT_THAT(login, ElementsAre(Not(HasSubstr("hunter2"))));
  EXPECT_THAT(faults_of(head + "no_proxy = [\"10.0.0.0/40\"]\n"),
              ElementsAre(HasSubstr("kafka.proxy.no_proxy: entry 1 has no length")));
  EXPECT_THAT(faults_of(head + "url = \"http://proxy:1\"\npassword_file = \"p\"\n"),
              ElementsAre(HasSubstr("kafka.proxy.password_file: needs a username")));
  EXPECT_THAT(faults_of(head + "url = \"http://proxy:1\"\nca_file = \"c\"\n"),
              ElementsAre(HasSubstr("kafka.proxy.ca_file: is for an https:// proxy")));
  EXPECT_THAT(faults_of("[[mqtt]]\nurl = \"mqtt://h\"\ntopics = [\"#\"]\nproxy = true\n"),
              ElementsAre(HasSubstr("mqtt[0].proxy: needs to know which: give kafka.proxy.url")));
  EXPECT_THAT(faults_of(head + "ulr = \"x\"\n"), ElementsAre(HasSubstr("did you mean \"url\"?")));
  EXPECT_THAT(faults_of("[kafka]\nproxy = \"http://proxy:1\"\n"),
              ElementsAre(HasSubstr("kafka.proxy: is a table: write [kafka.proxy]")));
  EXPECT_THAT(faults_of("[\"kafka.proxy\"]\nurl = \"http://proxy:1\"\n"),
              ElementsAre(HasSubstr("unknown key")));
  EXPECT_THAT(faults_of("[proxy]\nurl = \"http://proxy:1\"\n"), ElementsAre(HasSubstr("unknown key")));
}

TEST(ConfigProxy, WhatOnlyAFileShowsIsNamedToo) {
  const auto fault = [](const std::string& more) {
    const auto options =
        forwarder_options(loaded(std::string(servers) + "[kafka.proxy]\nurl = " + more).value(), "pi");
    return options ? "" : to_string(options.error().front());
  };
  EXPECT_THAT(fault("\"http://proxy:1\"\nusername = \"pi\"\npassword_file = \"/nowhere/secret\"\n"),
              HasSubstr("kafka.proxy.password_file: /nowhere/secret cannot be read: No such"));
  EXPECT_THAT(fault("\"http://proxy:1\"\nusername = \"pi\"\npassword_file = \"/dev/null\"\n"),
              HasSubstr("kafka.proxy.password_file: /dev/null is empty"));
  EXPECT_THAT(fault("\"socks5h://proxy:1\"\nusername = \"pi\"\n"), HasSubstr("needs a password"));
  EXPECT_THAT(fault("\"http://proxy:1\"\nusername = \"p:i\"\n"), HasSubstr("holds no ':'"));
}

}  // namespace
}  // namespace weather::gateway
