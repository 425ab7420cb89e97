#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/downlink.hpp"
#include "gateway/config/files.hpp"
#include "gateway/downlink/signature.hpp"
#include "gateway/downlink/state_file.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::gateway {
namespace {

using testing::HasSubstr;

std::string base(const std::string& more = "") {
  return "config_version = 1\n[gateway]\nid = \"pi\"\ndata_dir = \"data\"\n[kafka]\ntopic = "
         "\"t\"\n[kafka.properties]\n"
         "\"bootstrap.servers\" = \"127.0.0.1:1\"\n[fleet]\ntopic = \"fleet\"\n[downlink]\ntopic = "
         "\"orders\"\nkeys = { centre = \"" +
         downlink::SecretKey::make().public_key().text() + "\" }\n" + more;
}

std::string faults(const std::string& text) {
  const std::vector<ConfigText> texts{{"a.toml", text}};
  const auto config = load(texts, {});
  std::string found;
  if (!config)
    for (const auto& error : config.error()) found += to_string(error) + "\n";
  return found;
}

std::string without(std::string text, const std::string& part) {
  return text.erase(text.find(part), part.size());
}

TEST(DownlinkConfig, what_does_not_belong_together_is_told) {
  EXPECT_EQ(faults(base()), "");
  EXPECT_THAT(faults(without(base(), "[fleet]\ntopic = \"fleet\"\n")),
              HasSubstr("downlink.topic: needs fleet.topic"));
  EXPECT_THAT(faults(base("allow = [\"reboot\"]\n")), HasSubstr("\"reboot\" is none of"));
  EXPECT_THAT(faults(base("sections = [\"log\"]\n")),
              HasSubstr("[log] cannot be changed while the gateway runs"));
  EXPECT_THAT(faults(base("sections = [\"downlink\"]\n")), HasSubstr("downlink.sections"));
  auto text = base();
  text.replace(text.find("topic = \"orders\""), 16, "topic = \"fleet\"");
  EXPECT_THAT(faults(text), HasSubstr("has another use already"));
  text = base();
  text.replace(text.find("centre = \"") + 10, 4, "????");
  EXPECT_THAT(faults(text), HasSubstr("downlink.keys.centre: is no Ed25519 key"));
}

class DropInFiles : public testing::Test {
 protected:
  DropInFiles() { std::filesystem::create_directory(folder_.path() / "data"); }

  void write(const std::string& text) { std::ofstream(folder_.path() / "gateway.toml") << text; }
  void keep(const downlink::DropIns& drop_ins) {
    downlink::State state;
    state.drop_ins = drop_ins;
    ASSERT_EQ(downlink::write_state(log::posix_files(), folder_.path() / "data" / "downlink.json", state),
              "");
  }
  tl::expected<Config, ConfigFailure> read(const downlink::DropIns* received = nullptr) {
    return read_config(folder_.path() / "gateway.toml", received);
  }
  std::string refused(const std::string& drop_in) {
    const downlink::DropIns drop_ins{{"x", drop_in}};
    const auto config = read(&drop_ins);
    return config ? std::string() : config.error().lines.front();
  }

  TemporaryFolder folder_;
};

TEST_F(DropInFiles, come_behind_the_files_and_only_where_there_is_a_downlink) {
  write(base());
  keep({{"a", "[kafka]\ntopic = \"first\"\n"}, {"b", "[kafka]\ntopic = \"second\"\n"}});
  auto config = read();
  ASSERT_TRUE(config) << config.error().lines.front();
  EXPECT_EQ(config->kafka.topic, "second");
  EXPECT_THAT(config->places.at("kafka.topic").file, HasSubstr("data/downlink.json#b"));
  const downlink::DropIns others{{"c", "[kafka]\ntopic = \"third\"\n"}};
  EXPECT_EQ(read(&others)->kafka.topic, "third");
  auto off = base();
  off.erase(off.find("[downlink]"));
  write(off);
  EXPECT_EQ(read()->kafka.topic, "t");
}

TEST_F(DropInFiles, may_not_set_what_only_a_start_takes_over) {
  write(base());
  EXPECT_EQ(refused("[gateway]\nlog_level = \"debug\"\n"), "");
  EXPECT_EQ(refused("[kafka.properties]\n\"linger.ms\" = \"50\"\n"), "");
  for (const char* drop_in :
       {"[gateway]\nid = \"other\"\n", "[gateway]\ndata_dir = \"/tmp\"\n", "[log]\nmax_bytes = \"64MiB\"\n",
        "[fleet]\ntopic = \"other\"\n", "[web]\nlisten = \"127.0.0.1:1\"\n", "[downlink]\nallow = []\n",
        "[downlink.keys]\nmine = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"\n",
        "[[route]]\nname = \"x\"\ntopic = \"y\"\n"})
    EXPECT_THAT(refused(drop_in), HasSubstr("may not set")) << drop_in;
  EXPECT_THAT(refused("[kafka]\ntopik = \"x\"\n"), HasSubstr("unknown key"));
  EXPECT_THAT(refused("[kafka"), HasSubstr("downlink.json#x:1"));
}

TEST_F(DropInFiles, may_be_held_to_some_sections) {
  write(base("sections = [\"backlog\", \"sensors\"]\n"));
  EXPECT_EQ(refused("[backlog]\nmax_rate = 40\n[sensors.names]\n\"a\" = \"b\"\n"), "");
  for (const char* drop_in :
       {"[kafka]\ntopic = \"x\"\n", "[[simulator]]\n", "[gateway]\nlog_level = \"debug\"\n"})
    EXPECT_THAT(refused(drop_in), HasSubstr("sections does not have this section")) << drop_in;
}

TEST_F(DropInFiles, that_cannot_be_understood_are_none) {
  write(base());
  std::ofstream(folder_.path() / "data" / "downlink.json") << "{\"schema_version\":2}";
  EXPECT_EQ(read()->kafka.topic, "t");
}

}  // namespace
}  // namespace weather::gateway
