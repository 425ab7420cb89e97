#include "gateway/config/given_names.hpp"

#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/files.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::gateway {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using Act = NameRequest::Act;

std::string any_text(std::mt19937& random) {
  constexpr std::string_view some[] = {"a",  "B",  " ", "\"", "\\", "$", "{", "}", "'",
                                       "\t", "\n", "ö", "☂",  "=",  "]", "#", ".", "\x7f"};
  std::string text;
  for (auto left = 1 + random() % 12; left > 0; --left) text += some[random() % std::size(some)];
  return text;
}

TEST(GivenNames, come_back_whatever_they_are) {
  std::mt19937 random(4);
  for (int trial = 0; trial < 500; ++trial) {
    GivenNames given;
    for (int i = 0; i < 5; ++i) {
      given.names[any_text(random)] = any_text(random);
      given.ignored[any_text(random)] = any_text(random);
    }
    const auto back = given_names_from(to_toml(given));
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(*back, given);
  }
  EXPECT_FALSE(given_names_from("[sensors.names"));
  EXPECT_EQ(given_names_from("")->names.size(), 0U);
}

TEST(GivenNames, a_sensor_is_renamed_by_the_id_it_comes_with) {
  NamesInUse now{{{"rtl:1", "roof"}, {"rtl:2", "roof"}, {"rtl:3", "shed"}}, {"roof", "shed", "w1:5"}};
  EXPECT_THAT(changed({}, now, {Act::rename, "w1:5", " Cellar $ö "}, "")->names,
              ElementsAre(Pair("w1:5", "Cellar $$ö")));
  EXPECT_THAT(changed({}, now, {Act::rename, "roof", "attic"}, "")->names,
              ElementsAre(Pair("rtl:1", "attic"), Pair("rtl:2", "attic")));
  EXPECT_THAT(changed({}, now, {Act::ignore, "roof", ""}, "why")->ignored,
              ElementsAre(Pair("rtl:1", "why"), Pair("rtl:2", "why")));
  const GivenNames ignored{{}, {{"rtl:1", "why"}}};
  EXPECT_TRUE(changed(ignored, now, {Act::hear, "rtl:1", ""}, "")->ignored.empty());
  EXPECT_FALSE(changed(ignored, now, {Act::hear, "rtl:9", ""}, ""));
}

TEST(GivenNames, are_refused_where_two_sensors_would_be_one) {
  const NamesInUse now{{{"rtl:1", "roof"}, {"rtl:7", "gone"}}, {"roof", "w1:5"}};
  for (const auto& [name, says] : {std::pair("roof", "Another sensor"),
                                   {"gone", "Another sensor"},
                                   {" w1:5 ", "already"},
                                   {"", "at least"},
                                   {"  ", "at least"},
                                   {"a\x1b[2J", "cannot be shown"},
                                   {"a\xe2\x80\xae", "cannot be shown"}}) {
    const auto result = changed({}, now, {Act::rename, "w1:5", name}, "");
    ASSERT_FALSE(result) << name;
    EXPECT_THAT(result.error(), HasSubstr(says));
  }
  EXPECT_FALSE(changed({}, now, {Act::rename, "w1:5", std::string(65, 'x')}, ""));
}

struct NamesFile : testing::Test {
  NamesFile() {
    std::filesystem::create_directory(data);
    write(folder.path() / "main.toml",
          "config_version = 1\n[gateway]\ndata_dir = \"" + data.string() +
              "\"\n[kafka]\ntopic = \"t\"\n[kafka.properties]\n\"bootstrap.servers\" = "
              "\"h:1\"\n[sensors.names]\n\"a\" = \"first\"\n\"b\" = \"second\"\n");
  }
  static void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  auto read() const { return read_config(folder.path() / "main.toml"); }
  TemporaryFolder folder;
  std::filesystem::path data = folder.path() / "data";
};

TEST_F(NamesFile, is_read_behind_the_configuration_and_wins) {
  ASSERT_TRUE(read());
  GivenNames given{{{"b", "cost $$5 \"x\""}, {"c", "third"}}, {{"n", "the neighbour's"}}};
  write(data / given_names_file, to_toml(given));
  const auto config = read();
  ASSERT_TRUE(config) << config.error().lines.front();
  EXPECT_THAT(config->sensors.names,
              ElementsAre(Pair("a", "first"), Pair("b", "cost $5 \"x\""), Pair("c", "third")));
  EXPECT_THAT(config->sensors.ignore, ElementsAre(Pair("n", "the neighbour's")));
}

TEST_F(NamesFile, may_say_nothing_else) {
  write(data / given_names_file, "[sensors]\ndew_point = true\n[sensors.names]\n\"a\" = \"b\"\n");
  const auto config = read();
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().lines, ElementsAre(HasSubstr("sensors.dew_point")));
  write(data / given_names_file, "[web]\nlisten = \"0.0.0.0:1\"\n");
  EXPECT_FALSE(read());
  write(data / given_names_file, "nonsense");
  ASSERT_FALSE(read());
  EXPECT_THAT(read().error().lines, Contains(HasSubstr(given_names_file)));
}

}  // namespace
}  // namespace weather::gateway
