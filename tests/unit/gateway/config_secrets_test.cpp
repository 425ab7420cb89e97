// A marker where somebody may have put a secret, in every key of the table: nothing that is shown or said of
// the configuration holds it.
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "bridge/kafka/secrets.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/config/foreign.hpp"
#include "gateway/config/kafka.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/render.hpp"
#include "gateway/config/schema.hpp"
#include "sensors/decoders/form.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/secret_name.hpp"

namespace weather::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string marker = "mArKeR-hunter2";

std::string quoted(const std::string& text) {
  std::string result;
  sensors::append_json_string(result, text);
  return result;
}

// Values that hold a secret whatever the key says.
std::vector<std::string> telling_values() {
  std::vector<std::string> values;
  for (const auto& text :
       {"user:" + marker + "@host:1883", marker + "@127.0.0.1:8680", "mqtt://user:" + marker + "@host",
        "mqtt:/user:" + marker + "@host", "mqtt://host:" + marker, "https://h/x?t=" + marker,
        "http://h/#" + marker, "http://h/" + marker, "us \"er:" + marker + "@h", "AccountKey=" + marker,
        "Bearer " + marker, "-----BEGIN PRIVATE KEY-----\n" + marker,
        "0a1b2c3d4e5f" + marker + "0a1b2c3d4e5f", "${" + marker + "}", "${a:" + marker + "}"})
    values.push_back(quoted(text));
  const auto listed = values;
  for (const auto& value : listed) values.push_back("[" + value + "]");
  for (const auto& value : listed) values.push_back("{ name = " + value + " }");
  return values;
}

// What does not parse as the key's kind, or as TOML: only that is said.
std::vector<std::string> wrong_values() {
  return {marker, "\"" + marker, "'" + marker, "[" + marker + "]", "{ a = " + marker + " }"};
}

// Everything that is ever said or shown of a text: config show, the errors of check, run and reload.
std::string said_of(const std::string& toml) {
  const std::vector<ConfigText> texts{{"a.toml", toml}};
  const auto config = load(texts, {});
  std::string said;
  const auto add = [&said](const std::vector<ConfigError>& errors) {
    for (const auto& error : errors) said += to_string(error) + "\n";
  };
  if (!config) {
    add(config.error());
    return said;
  }
  said += render_origins(*config, true);
  add(check_formats(*config));
  if (const auto options = forwarder_options(*config, "id"); !options) add(options.error());
  return said;
}

// The section with all it needs, and one key more.
std::string section_with(const Section& section, const std::string& key, const std::string& value) {
  std::string text;
  if (!section.name.empty())
    text = (section.repeated ? "[[" : "[") + std::string(section.name) + (section.repeated ? "]]\n" : "]\n");
  for (const auto& field : section.fields)
    if (field.default_toml.empty() && field.name != key)
      text += std::string(field.name) + (field.kind == Kind::list ? " = [\"x\"]\n" : " = \"x\"\n");
  return text + key + " = " + value + "\n";
}

TEST(ConfigSecrets, no_key_tells_the_secret_in_its_value) {
  for (const auto& section : sections())
    for (const auto& field : section.fields)
      for (const auto& values : {telling_values(), wrong_values()})
        for (const auto& value : values) {
          const auto toml = section_with(section, std::string(field.name), value);
          ASSERT_THAT(said_of(toml), Not(HasSubstr(marker))) << toml;
        }
}

TEST(ConfigSecrets, nor_does_a_misspelt_key) {
  for (const auto& section : sections())
    for (const auto& field : section.fields)
      for (std::size_t i = 0; i + 1 < field.name.size(); ++i) {
        std::string name(field.name);
        std::swap(name[i], name[i + 1]);
        if (name == field.name) continue;
        const auto toml = section_with(section, name, quoted(marker));
        ASSERT_THAT(said_of(toml), Not(HasSubstr(marker))) << toml;
      }
}

TEST(ConfigSecrets, nor_do_the_tables_of_the_instruments) {
  for (const auto& table : foreign_tables())
    for (const auto* key : {"name", "device", "topic", "url", "password", "id", "preset", "match", "host"})
      for (const auto& values : {telling_values(), wrong_values()})
        for (const auto& value : values) {
          if (value.find("${") != std::string::npos) continue;  // no variables there: a template of names
          const auto head =
              (table.repeated ? "[[" : "[") + std::string(table.name) + (table.repeated ? "]]\n" : "]\n");
          const auto toml = head + key + " = " + value + "\n";
          ASSERT_THAT(said_of(toml), Not(HasSubstr(marker))) << toml;
        }
}

// The value alone is no sign: the name decides, and one that nobody knows decides against it.
TEST(ConfigSecrets, nor_do_free_keys_that_are_not_known_to_be_plain) {
  const std::vector<std::string> keys{
      "sasl.password",    "sasl.pasword",  "sasl.client.secert", "sasl.tokne",
      "sasl.jass.config", "ssl.kye.pem",   "sasl.psw",           "consumer.key",
      "x-functions-key",  "api-kye",       "sasl.jaas.config",   "ssl.key.password",
      "ssl.key.pem",      "authorization", "what is it",         "",
      "ssl.keystore.key", "cookie",        "linger.mss",         "X-Api-Key"};
  for (const auto* map : {"kafka.properties", "kafka.headers"})
    for (const auto& key : keys)
      ASSERT_THAT(said_of("[" + std::string(map) + "]\n" + quoted(key) + " = " + quoted(marker) + "\n"),
                  Not(HasSubstr(marker)))
          << map << " " << key;
  for (const auto* map : {"properties", "headers"})
    for (const auto& key : keys) {
      const auto toml = "[[route]]\nname = \"x\"\n" + std::string(map) + " = { " + quoted(key) + " = " +
                        quoted(marker) + " }\n";
      ASSERT_THAT(said_of(toml), Not(HasSubstr(marker))) << toml;
    }
}

TEST(ConfigSecrets, nor_does_a_variable) {
  for (const auto& section : sections())
    for (const auto& field : section.fields) {
      std::string name = "WEATHER_GATEWAY_" + std::string(section.name) + "__" + std::string(field.name);
      for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      for (const auto& value :
           {"u:" + marker + "@h", "[\"u:" + marker + "@h", "{ a = \"" + marker + "@h\" }"}) {
        const auto config = load({}, {{name, value}});
        std::string said;
        if (!config)
          for (const auto& error : config.error()) said += to_string(error);
        else
          said = render_origins(*config, true);
        ASSERT_THAT(said, Not(HasSubstr(marker))) << name << "=" << value;
      }
    }
}

TEST(ConfigSecrets, what_is_plain_is_shown) {
  const auto said = said_of(
      "[kafka]\ntopic = \"weather.{station}\"\n[kafka.properties]\n\"bootstrap.servers\" = "
      "\"b-1.example:9092\"\n"
      "\"linger.ms\" = 5\n[kafka.headers]\nstation = \"north\"\n[[mqtt]]\nurl = \"mqtt://broker.lan:1883\"\n"
      "topics = [\"weather/+/state\", \"site/#\"]\nusername = \"gateway\"\n");
  for (const auto* text : {"weather.{station}", "b-1.example:9092", "\"5\"", "\"north\"",
                           "mqtt://broker.lan:1883", "weather/+/state", "site/#", "'gateway'"})
    EXPECT_THAT(said, HasSubstr(text));
}

TEST(ConfigSecrets, an_empty_key_is_near_to_nothing) {
  EXPECT_THAT(said_of("\"\" = 1\n"), Not(HasSubstr("did you mean")));
  EXPECT_THAT(said_of("x = 1\n"), Not(HasSubstr("did you mean \"\"")));
  EXPECT_THAT(said_of("[kafka]\n\"\" = 1\n"), Not(HasSubstr("did you mean")));
}

// A secret lies in a file that a key names. What a form leaves out is left out of Kafka's settings and
// headers.
TEST(ConfigSecrets, no_key_of_the_table_holds_one_and_the_lists_agree) {
  for (const auto& section : sections())
    for (const auto& field : section.fields)
      EXPECT_FALSE(sensors::sounds_secret(field.name)) << section.name << '.' << field.name;
  for (const auto* name : {"PASSWORD", "passwd", "key", "token", "apikey", "api_key", "auth", "access_token",
                           "client.secret", "siteAuthenticationKey", "sasl.tokne", "proxy-authorization"}) {
    EXPECT_TRUE(sensors::is_secret_field(name)) << name;
    EXPECT_TRUE(bridge::is_secret(name)) << name;
  }
}

}  // namespace
}  // namespace weather::gateway
