#include <algorithm>
#include <fstream>
#include <iterator>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/changes.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/render.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ConfigDefault, is_a_file_that_changes_nothing) {
  const std::vector<ConfigText> texts{{"default", render_default()}};
  const auto config = load(texts, {});
  ASSERT_TRUE(config) << to_string(config.error().front());
  EXPECT_TRUE(config->places.empty());
}

TEST(ConfigDefault, uncommented_every_table_is_legal) {
  std::string text;
  std::string_view rest;
  const auto all = render_default();
  rest = all;
  bool once = false;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto line = std::string(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with("# [[")) once = true;  // repeated sections have required keys without a default
    const bool key = line.starts_with("# ") && line.find(" = ") != std::string::npos &&
                     line.find(' ', 2) == line.find(" = ");
    if (!once && key) line.erase(0, 2);
    text += line + "\n";
  }
  const std::vector<ConfigText> texts{{"default", text}};
  const auto config = load(texts, {});
  ASSERT_TRUE(config) << to_string(config.error().front()) << "\n" << text;
  EXPECT_TRUE(config->places.contains("log.commit_interval"));
  EXPECT_TRUE(config->places.contains("kafka.window_records"));
}

TEST(ConfigSchema, is_json_and_names_every_key) {
  const auto schema = boost::json::parse(render_schema());
  const auto& properties = schema.at("properties").as_object();
  for (const auto& section : sections()) {
    if (section.name.empty()) continue;
    const auto dot = section.name.find('.');  // a table within one
    const auto& outer = properties.at(section.name.substr(0, dot));
    const auto& entry =
        dot == std::string_view::npos ? outer : outer.at("properties").at(section.name.substr(dot + 1));
    const auto& fields = section.repeated ? entry.at("items").at("properties") : entry.at("properties");
    for (const auto& field : section.fields)
      EXPECT_TRUE(fields.as_object().contains(field.name)) << section.name << "." << field.name;
  }
  EXPECT_EQ(properties.at("kafka").at("properties").at("layout").at("enum").at(1), "envelope");
  EXPECT_EQ(properties.at("mqtt").at("items").at("required").at(0), "url");
}

TEST(ConfigShow, tells_the_origin_and_hides_secrets) {
  const std::vector<ConfigText> texts{
      {"a.toml",
       "[kafka]\ntopic = \"t\"\n[kafka.properties]\n\"sasl.password\" = \"hunter2\"\n\"linger.ms\" = 5\n"}};
  const auto config = load(texts, {{"WEATHER_GATEWAY_LOG__ON_FULL", "block"}}).value();
  const auto text = render_origins(config, false);
  EXPECT_THAT(text, HasSubstr("kafka.properties.linger.ms = \"5\"   # a.toml:5"));
  EXPECT_THAT(text, HasSubstr("kafka.topic = "));
  EXPECT_THAT(text, HasSubstr("log.on_full = block   # environment variable WEATHER_GATEWAY_LOG__ON_FULL"));
  EXPECT_THAT(text, HasSubstr("<redacted>"));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(render_origins(config, true), HasSubstr("log.durability = \"sync\"   # default"));
}

TEST(ConfigShow, hides_passwords_inside_addresses) {
  const std::vector<ConfigText> texts{
      {"a.toml",
       "[kafka.properties]\n\"sasl.oauthbearer.token.endpoint.url\" = \"https://me:hunter2@host/x\"\n"}};
  const auto text = render_origins(load(texts, {}).value(), false);
  EXPECT_THAT(text, HasSubstr("https://<redacted>@host/x"));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
}

TEST(ConfigChange, sees_a_mapping_that_reads_otherwise) {
  const auto parse = [](const std::string& preset) {
    const std::vector<ConfigText> texts{{"a.toml", "[[mapping]]\npreset = \"" + preset + "\"\n"}};
    return load(texts, {}).value();
  };
  EXPECT_THAT(changed_keys(parse("tasmota"), parse("esphome")), testing::ElementsAre("mapping[0]"));
}

TEST(ConfigChange, what_was_opened_at_the_start_needs_a_restart) {
  for (const auto* key :
       {"gateway.id", "gateway.data_dir", "log.max_bytes", "web.listen", "clock.hold", "config_version"})
    EXPECT_FALSE(is_reloadable(key)) << key;
  for (const auto* key : {"gateway.log_level", "mqtt[0].url", "listener[1].users_file", "mapping[0]",
                          "sensors.names", "kafka.topic", "kafka.properties.acks"})
    EXPECT_TRUE(is_reloadable(key)) << key;
}

TEST(ConfigChange, names_what_differs) {
  const auto parse = [](const std::string& text) {
    const std::vector<ConfigText> texts{{"a.toml", text}};
    return load(texts, {}).value();
  };
  const auto before = parse(
      "[kafka]\ntopic = \"a\"\n[kafka.properties]\n\"sasl.password\" = \"one\"\n[log]\non_full = "
      "\"block\"\n");
  EXPECT_THAT(changed_keys(before, before), testing::IsEmpty());
  const auto after = parse("[kafka]\ntopic = \"b\"\n[kafka.properties]\n\"sasl.password\" = \"two\"\n");
  EXPECT_THAT(changed_keys(before, after),
              testing::ElementsAre("kafka.properties.sasl.password", "kafka.topic", "log.on_full"));
}

// The keys of an object's schema and of those inside it.
void keys_of(const boost::json::value& schema, std::vector<std::string>& out) {
  if (const auto* properties = schema.as_object().if_contains("properties"))
    for (const auto& [key, inner] : properties->as_object()) {
      out.emplace_back(key);
      keys_of(inner, out);
    }
  if (const auto* items = schema.as_object().if_contains("items")) keys_of(*items, out);
}

std::string mapping_page() {
  std::ifstream file(WEATHER_MAPPING_DOC);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ConfigSchema, every_key_of_the_nested_tables_is_explained) {
  const auto page = mapping_page();
  const auto schema = boost::json::parse(render_schema());
  for (const auto* table : {"mapping", "modbus", "lorawan", "sparkplug"}) {
    std::vector<std::string> keys;
    keys_of(schema.at("properties").at(table), keys);
    EXPECT_GE(keys.size(), 10U) << table;
    for (const auto& key : keys) {
      const auto words = page.find("`" + key + "`") != std::string::npos ||
                         page.find("{ " + key + " = ") != std::string::npos;
      EXPECT_TRUE(words) << table << ": " << key << " is not in docs/mapping.md";
    }
  }
}

TEST(ConfigSchema, what_it_does_not_have_is_refused_and_what_it_has_is_known) {
  const auto schema = boost::json::parse(render_schema());
  const auto refused = [](const std::string& text) {
    const std::vector<ConfigText> texts{{"main.toml", text}};
    const auto config = load(texts, {});
    return !config && std::ranges::any_of(config.error(), [](const ConfigError& error) {
      return error.text.find("has no key") != std::string::npos;
    });
  };
  for (const auto& [table, inner] : {std::pair("mapping", "field"), std::pair("modbus", "register")}) {
    const auto& outer = schema.at("properties").at(table).at("items").at("properties").as_object();
    for (const auto& [key, unused] : outer)
      EXPECT_FALSE(refused("[[" + std::string(table) + "]]\n" + std::string(key) + " = 1\n")) << key;
    for (const auto& [key, unused] : outer.at(inner).at("items").at("properties").as_object())
      EXPECT_FALSE(
          refused("[[" + std::string(table) + "]]\n" + inner + " = [{ " + std::string(key) + " = 1 }]\n"))
          << key;
    EXPECT_TRUE(refused("[[" + std::string(table) + "]]\nnonsense = 1\n"));
    EXPECT_TRUE(refused("[[" + std::string(table) + "]]\n" + inner + " = [{ nonsense = 1 }]\n"));
  }
}

TEST(ConfigSchema, the_instrument_of_the_manual_is_read) {
  const auto page = mapping_page();
  const auto begin = page.find("[[modbus]]\nname"), end = page.find("```", begin);
  ASSERT_NE(begin, std::string::npos);
  const std::vector<ConfigText> texts{{"main.toml", page.substr(begin, end - begin)}};
  const auto config = load(texts, {});
  ASSERT_TRUE(config) << to_string(config.error().front());
  ASSERT_EQ(config->modbus.size(), 1U);
  const auto& options = config->modbus.front().options;
  EXPECT_EQ(options.name, "mast");
  EXPECT_EQ(options.unit, 2);
  ASSERT_EQ(options.registers.size(), 3U);
  EXPECT_EQ(options.registers[2].missing, std::vector<double>{-32768});
  EXPECT_EQ(options.registers[2].scale, 0.1);
}

}  // namespace
}  // namespace weather::gateway
