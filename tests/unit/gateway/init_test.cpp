#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "gateway/app/formats.hpp"
#include "gateway/config/load.hpp"
#include "gateway/init/ask.hpp"
#include "gateway/init/look.hpp"
#include "gateway/init/page_access.hpp"
#include "gateway/init/plan.hpp"
#include "gateway/init/propose.hpp"
#include "gateway/init/tell.hpp"
#include "gateway/init/write.hpp"
#include "gateway/output/columns.hpp"
#include "sensors/listener/users.hpp"
#include "sensors/listener/wire.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

const Config& defaults() {
  static const Config config = *load({}, {});
  return config;
}

Proposals proposals(const std::vector<std::pair<std::string, std::string>>& messages) {
  Heard heard;
  for (const auto& [topic, payload] : messages) heard.add(topic, payload, false);
  return propose(heard, make_registry(defaults(), nullptr));
}

std::vector<std::string> formats_of(const Proposals& found) {
  std::vector<std::string> names;
  for (const auto& source : found.sources) names.push_back(source.format);
  return names;
}

const std::string
    tasmota = R"({"Time":"2026-11-29T12:00:00","BME280":{"Temperature":7.5,"Humidity":81},"TempUnit":"C"})",
    plain = R"({"id":"garden","temperature":3.5,"humidity":90})",
    zigbee = R"({"temperature":11.25,"humidity":66,"battery":97,"linkquality":120})",
    radio =
        R"({"time":"2026-11-29 12:00:00","model":"Fineoffset-WHx080","id":133,"battery_ok":1,"temperature_C":8.1,"humidity":88})";

TEST(Propose, KnowsTheProductByItsMessages) {
  const auto found = proposals({{"tele/roof/SENSOR", tasmota},
                                {"zigbee2mqtt/cellar", zigbee},
                                {"weather/garden", plain},
                                {"rtl_433/pi/events", radio}});
  EXPECT_THAT(formats_of(found), UnorderedElementsAre("tasmota", "zigbee2mqtt", "json", "rtl_433"));
  EXPECT_THAT(found.not_weather, IsEmpty());
  for (const auto& source : found.sources) {
    ASSERT_EQ(source.sensors.size(), 1U) << source.format;
    EXPECT_THAT(source.sensors[0].sample, HasSubstr("°C")) << source.format;
  }
}

TEST(Propose, WhatIsNoWeatherIsNamedAndNotSubscribedTo) {
  const auto found =
      proposals({{"home/garden", plain}, {"home/lamp", "ON"}, {"home/deep/er", plain}, {"$SYS/uptime", "1"}});
  EXPECT_THAT(found.not_weather, ElementsAre("home/lamp"));
  ASSERT_EQ(found.sources.size(), 1U);
  EXPECT_THAT(found.sources[0].filters, UnorderedElementsAre("home/garden", "home/deep/#"));
}

// Whatever is heard: every topic with a reading is subscribed to by its source, and no topic that another
// format reads, or that nobody reads and no preset knows to pass over.
TEST(Propose, EverySourceGetsItsOwnTopicsAndNobodyElses) {
  const std::vector<std::pair<std::string, std::string>> all{{"tele/roof/SENSOR", tasmota},
                                                             {"tele/roof/STATE", "{\"Uptime\":1}"},
                                                             {"zigbee2mqtt/cellar", zigbee},
                                                             {"zigbee2mqtt/bridge/state", "online"},
                                                             {"weather/garden", plain},
                                                             {"weather/radio", radio},
                                                             {"station", plain},
                                                             {"weather/deep/one", plain},
                                                             {"weather/deep/two", "off"},
                                                             {"/slash", plain},
                                                             {"a/b/c/d", plain},
                                                             {"a/b/x", "?"}};
  for (unsigned chosen = 1; chosen < 1U << all.size(); chosen += 7) {
    std::vector<std::pair<std::string, std::string>> messages;
    for (std::size_t i = 0; i < all.size(); ++i)
      if ((chosen >> i & 1U) != 0) messages.push_back(all[i]);
    const auto found = proposals(messages);
    for (const auto& source : found.sources) {
      const auto takes = [&](const std::string& topic) {
        return std::any_of(source.filters.begin(), source.filters.end(), [&](const std::string& filter) {
          return sensors::listener::topic_matches(filter, topic);
        });
      };
      for (const auto& sensor : source.sensors)
        EXPECT_TRUE(takes(sensor.topic)) << source.format << " " << sensor.topic;
      for (const auto& other : found.sources)
        for (const auto& sensor : other.sensors)
          EXPECT_TRUE(&other == &source || !takes(sensor.topic))
              << source.format << " takes " << sensor.topic;
      const bool plain_format = source.format == "json" || source.format == "rtl_433";
      for (const auto& topic : found.not_weather)
        EXPECT_FALSE(plain_format && takes(topic)) << source.format << " takes " << topic;
    }
  }
}

TEST(Propose, IsBoundedWhateverABrokerSends) {
  Heard heard;
  for (int i = 0; i < 20'000; ++i) heard.add("t/" + std::to_string(i), std::string(8000, 'x'), false);
  std::size_t bytes = 0;
  for (const auto& [topic, last] : heard.topics()) bytes += topic.size() + last.payload.size();
  EXPECT_LE(bytes, 16U << 20);
  EXPECT_TRUE(heard.left_some_out());
  EXPECT_EQ(heard.messages(), 20'000U);
  for (int i = 0; i < 20'000; ++i)
    heard.add("t/1", std::string(static_cast<std::size_t>(i % 5000), 'y'), false);
  EXPECT_EQ(heard.topics().at("t/1").payload.size(), 4999U);
}

TEST(Names, AreTakenFromIdsThatSayOne) {
  EXPECT_EQ(name_from_id("tasmota:roof"), "roof");
  EXPECT_EQ(name_from_id("zigbee2mqtt:0x00158d0001a2b3c4"), "");
  EXPECT_EQ(name_from_id("rtl433:Fineoffset-WHx080:133"), "");
  EXPECT_EQ(name_from_id("ruuvi:AA11BB22CC33"), "");
  EXPECT_EQ(name_from_id("w1:28-0123456789ab"), "");
  EXPECT_EQ(name_from_id("garden"), "");
}

InitAnswers answers() {
  InitAnswers given;
  given.id = "pi \"roof\"";
  given.data_dir = "/tmp/with space";
  given.kafka.bootstrap = "127.0.0.1:9092";
  given.brokers = {
      {"mqtt://127.0.0.1:1883", "", "",
       proposals({{"tele/roof/SENSOR", tasmota}, {"weather/garden", plain}}).sources, false},
      {"mqtt://127.0.0.1:1884", "me", "se\"cret", proposals({{"tele/x/SENSOR", tasmota}}).sources, false},
      {"mqtt://127.0.0.1:1885", "", "", {}, true}};
  given.buses = {{"one_wire", "", {{"w1:28-01", "temperature 20 °C\n[evil]", "one_wire", false}}}};
  given.buses[0].sensors.push_back({"w1:28-02", std::string(58, 'x') + "°°°", "one_wire", false});
  given.names["garden"] = "back \\ yard";
  given.kafka.proxy = "http://proxy:3128";
  return given;
}

std::vector<ConfigText> toml_of(const std::vector<PlannedFile>& files) {
  std::vector<ConfigText> texts;
  for (const auto& file : files)
    if (file.path.extension() == ".toml") texts.push_back({"/etc/wg/" + file.path.string(), file.text});
  return texts;
}

TEST(Plan, LoadsAndSaysWhatWasAnswered) {
  const auto files = plan_files(answers(), "weather-gateway.toml");
  const auto config = load(toml_of(files), {});
  ASSERT_TRUE(config) << to_string(config.error().front());
  EXPECT_EQ(config->gateway.id, "pi \"roof\"");
  EXPECT_EQ(config->gateway.data_dir, "/tmp/with space");
  EXPECT_EQ(config->kafka.proxy.url, "http://proxy:3128");
  ASSERT_EQ(config->mqtt.size(), 4U);
  std::set<std::string> names, clients;
  for (const auto& mqtt : config->mqtt) names.insert(mqtt.name), clients.insert(mqtt.client_id);
  EXPECT_EQ(names.size(), 4U);
  EXPECT_EQ(clients.size(), 4U);
  EXPECT_EQ(config->mqtt[2].password_file, "/etc/wg/mqtt-2.password");
  EXPECT_EQ(config->mqtt[3].topics, std::vector<std::string>{"weather/#"});
  EXPECT_EQ(config->bus.at(0).kind, "one_wire");
  EXPECT_EQ(config->sensors.names, (std::map<std::string, std::string>{{"garden", "back \\ yard"}}));
  EXPECT_TRUE(check_formats(*config).empty());
}

// As a person does it who takes the # off a section.
std::string taken_in(std::string text) {
  for (const std::string_view line : {"[[", "device =", "baud =", "name =", "format ="})
    for (auto at = text.find("# " + std::string(line)); at != std::string::npos;
         at = text.find("# " + std::string(line), at))
      text.erase(at, 2);
  return text;
}

TEST(Plan, WhatNobodyCanKnowIsWrittenDownToBeTakenIn) {
  InitAnswers given;
  given.id = "pi";
  given.data_dir = "/tmp/x";
  given.kafka.bootstrap = "127.0.0.1:9092";
  given.serial_adapters = {"/dev/serial/by-id/usb-FTDI_A-if00", "/dev/serial/by-id/usb-\"odd\"\n[[bus]]"};
  given.rtl_433 = true;
  auto files = plan_files(given, "weather-gateway.toml");
  const auto as_written = load(toml_of(files), {});
  ASSERT_TRUE(as_written) << to_string(as_written.error().front());
  EXPECT_TRUE(as_written->serial.empty() && as_written->nmea.empty() && as_written->program.empty());
  for (auto& file : files) file.text = taken_in(file.text);
  const auto config = load(toml_of(files), {});
  ASSERT_TRUE(config) << to_string(config.error().front());
  ASSERT_EQ(config->serial.size(), 2U);
  ASSERT_EQ(config->nmea.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(config->serial[i].device, given.serial_adapters[i]);
    EXPECT_EQ(config->nmea[i].device, given.serial_adapters[i]);
  }
  EXPECT_EQ(config->program.at(0).name, "rtl_433");
  EXPECT_EQ(config->program.at(0).format, "rtl_433");
  EXPECT_TRUE(config->bus.empty());
  EXPECT_TRUE(check_formats(*config).empty());
}

TEST(Look, FindsSerialAdaptersByTheNamesThatStayAndRtl433WhereItsUnitLooks) {
  const TemporaryFolder root;
  EXPECT_THAT(serial_adapters(root.path()), IsEmpty());
  EXPECT_FALSE(has_rtl_433(root.path()));
  fs::create_directories(root.path() / "dev/serial/by-id");
  fs::create_directories(root.path() / "usr/bin");
  std::ofstream(root.path() / "dev/serial/by-id/usb-FTDI_A-if00");
  std::ofstream(root.path() / "usr/bin/rtl_433");
  EXPECT_THAT(serial_adapters(root.path()),
              ElementsAre((root.path() / "dev/serial/by-id/usb-FTDI_A-if00").string()));
  EXPECT_TRUE(has_rtl_433(root.path()));
}

TEST(Tell, AnAdapterHasALineOfATerminalHoweverLongItsName) {
  EXPECT_EQ(adapters_text({}), "");
  const auto text =
      adapters_text({"/dev/serial/by-id/usb-A", "/dev/serial/by-id/" + std::string(100, 'x') + "\n"});
  EXPECT_THAT(text, HasSubstr("\n    usb-A\n    xxx"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), 80U) << line;
}

TEST(Plan, SecretsAreInFilesOfTheirOwn) {
  auto given = answers();
  given.kafka.properties = "bootstrap.servers=x:1\nsasl.password=hunter2\n";
  for (const auto& file : plan_files(given, "weather-gateway.toml")) {
    const bool has = file.text.find("hunter2") != std::string::npos ||
                     file.text.find("se\"cret") != std::string::npos ||
                     file.text.find("se\\\"cret") != std::string::npos;
    EXPECT_EQ(has, file.secret) << file.path;
  }
}

int mode_of(const fs::path& path) {
  struct stat found {};
  ::stat(path.c_str(), &found);
  return static_cast<int>(found.st_mode & 0777U);
}
std::string text_in(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(WriteFiles, AreReadableByTheirOwnerAloneWhereSecretAndKeepWhatWasThere) {
  const TemporaryFolder folder;
  const std::vector<PlannedFile> files{
      {"main.toml", "new", false}, {"conf.d/a.toml", "a", false}, {"key", "k", true}};
  fs::create_directories(folder.path() / "conf.d");
  std::ofstream(folder.path() / "conf.d/a.toml") << "mine";
  const auto written = write_files(files, folder.path(), "now");
  ASSERT_TRUE(written) << written.error();
  EXPECT_EQ(text_in(folder.path() / "main.toml"), "new");
  EXPECT_EQ(text_in(folder.path() / "conf.d/a.toml"), "a");
  EXPECT_EQ(text_in(folder.path() / "conf.d/a.toml.before-now"), "mine");
  EXPECT_EQ(mode_of(folder.path() / "key") & 07, 0);
  EXPECT_THAT(written->kept, ElementsAre(folder.path() / "conf.d/a.toml.before-now"));
}

// Whichever of the files cannot be written: nothing has changed.
TEST(WriteFiles, AllOrNothing) {
  for (const char* blocked : {"b/x", "c/x", "d/x"}) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "a") << "old";
    std::ofstream(folder.path() / fs::path(blocked).parent_path()) << "in the way";
    const auto written =
        write_files({{"a", "1", false}, {"b/x", "2", false}, {"c/x", "3", false}, {"d/x", "4", true}},
                    folder.path(), "now");
    EXPECT_FALSE(written);
    EXPECT_EQ(text_in(folder.path() / "a"), "old");
    for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
      EXPECT_TRUE(entry.is_directory() || entry.path().filename() == "a" ||
                  text_in(entry.path()) == "in the way")
          << entry.path();
  }
}

TEST(WriteFiles, FollowNoLinkOfAnybodys) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "target") << "precious";
  fs::create_symlink("target", folder.path() / "key");
  ASSERT_TRUE(write_files({{"key", "k", true}}, folder.path(), "now"));
  EXPECT_EQ(text_in(folder.path() / "target"), "precious");
  EXPECT_FALSE(fs::is_symlink(folder.path() / "key"));
}

TEST(PageAccess, ItsUserCanLogInAndNobodyElse) {
  const auto hash = hash_password("hunter2");
  ASSERT_TRUE(hash);
  const auto users = sensors::listener::Users::parse(
      with_user(with_user("# comment\n", "you", *hash_password("x")), "me", *hash));
  ASSERT_TRUE(users) << users.error();
  EXPECT_TRUE(users->verify("me", "hunter2"));
  EXPECT_FALSE(users->verify("me", "hunter3"));
  EXPECT_TRUE(users->verify("you", "x"));
  EXPECT_EQ(with_user("me:old\nyou:x", "me", "new"), "you:x\nme:new\n");
  EXPECT_EQ(with_user("", "me", "new"), "me:new\n");
  EXPECT_NE(random_password(), random_password());
}

TEST(PageAccess, RefusesWhatIsNoNameBeforeAnythingIsMade) {
  for (const char* host : {"pi.lan", "pi", "192.168.1.20", "fd00::1", "a-b.example"})
    EXPECT_EQ(fault_of_host(host), "") << host;
  for (const char* host : {"", "pi lan", "a,IP:1.2.3.4", "a\nb", "http://pi", "pi:8680", "\"x"})
    EXPECT_NE(fault_of_host(host), "") << host;
  for (const char* user : {"", "a b", "a:b", "#a", "a\nb"}) EXPECT_NE(fault_of_user(user), "") << user;
}

TEST(PageAccess, ItsFilesLoad) {
  const auto pair =
      make_certificate({"pi.lan", "192.168.1.20", "fd00::1", std::string(200, 'a') + ".lan"}, 30);
  ASSERT_TRUE(pair) << pair.error();
  EXPECT_EQ(fingerprint(pair->certificate).size(), 95U);
  const auto files = plan_page({"pi.lan"}, "0.0.0.0:8680", *pair, "me:x\n");
  const auto config = load(toml_of(files), {});
  ASSERT_TRUE(config) << to_string(config.error().front());
  EXPECT_EQ(config->web.key_file, "/etc/wg/page.key");
  EXPECT_EQ(config->web.hosts, std::vector<std::string>{"pi.lan"});
}

TEST(Ask, TakesTheUsualAnswerForAnEmptyOneAndStopsAtTheEnd) {
  std::istringstream in("\n pi \ny\nwhat\nno\n");
  std::string said;
  Asker asker(false, in, [&](std::string_view text) { said += text; });
  EXPECT_EQ(asker.text("Name", "host"), "host");
  EXPECT_EQ(asker.text("Name", "host"), "pi");
  EXPECT_TRUE(asker.yes("Write", false));
  EXPECT_FALSE(asker.yes("Write", true));
  EXPECT_FALSE(asker.ended());
  EXPECT_FALSE(asker.yes("Write", true));  // nobody said so
  EXPECT_TRUE(asker.ended());
  EXPECT_THAT(said, HasSubstr("Name [host]: "));
  Asker nobody(true, in, [](std::string_view) { FAIL() << "asked"; });
  EXPECT_TRUE(nobody.yes("Write", true));
  EXPECT_EQ(nobody.text("Name", "host"), "host");
}

TEST(Look, KnowsMosquittosPorts) {
  EXPECT_THAT(mosquitto_ports("# listener 1\nlistener 1884 127.0.0.1\nport 1885\nlistener  99999\nlistener "
                              "x\nlistener 0 /run/sock\nlistener 18x"),
              ElementsAre(1884, 1885));
}

TEST(Tell, FitsEightyColumns) {
  Heard heard;
  for (int i = 0; i < 30; ++i)
    heard.add("weather/a-very-long-name-of-a-garden-sensor-" + std::to_string(i),
              R"({"id":"a-very-long-name-of-a-sensor-\u001b[2J-)" + std::to_string(i) +
                  R"(","temperature":3.5,"humidity":90,"pressure":1013,"wind_speed":3.5})",
              true);
  std::istringstream text(to_text(heard, propose(heard, make_registry(defaults(), nullptr))) +
                          indented(std::string(300, 'x') + " " + std::string(50, 'y') + "\n\n"));
  std::size_t lines = 0;
  for (std::string line; std::getline(text, line); ++lines) {
    EXPECT_LE(columns_of(line), 80U) << line;
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
  }
  EXPECT_GT(lines, 10U);
}

}  // namespace
}  // namespace weather::gateway
