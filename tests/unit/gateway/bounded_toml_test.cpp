#include "gateway/config/bounded_toml.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "gateway/config/files.hpp"

namespace weather::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(BoundedToml, WhatPeopleWriteIsWithin) {
  for (const auto* text : {"", "a.b.c = 1\n", "t = [\"a.b.c\", '[[[', \"\"\"[\n{.\"\"\"] # [[[[\n",
                           "d = 1979-05-27T07:32:00.999\n[a.b]\n[[c]]\nx = { y = [1.5, 2.5] }\n"})
    EXPECT_FALSE(toml_excess(text)) << text;
  EXPECT_FALSE(toml_excess(repeated("[[mqtt]]\nurl = 'mqtt://10.0.0.1:1883'\n", 1000)));
  EXPECT_FALSE(toml_excess("s = \"" + repeated(".[{", 1000) + "\""));
}

TEST(BoundedToml, WhatWouldEndTheStackIsNamedWithItsLine) {
  for (const auto& bomb : {"a" + repeated(".a", 50'000) + " = 1", "[a" + repeated(".a", 50'000) + "]",
                           "x = { a" + repeated(".a", 50'000) + " = 1 }",
                           "a" + repeated(". a", 50'000) + " = 1", "'a'" + repeated(".'a'", 50'000) + " = 1",
                           // A quote more at the end of a long string does not begin another one.
                           "x = [\"\"\"a\"\"\"\", {a" + repeated(".a", 50'000) + " = 1}]",
                           "x = ['''a''''', {a" + repeated(".a", 50'000) + " = 1}]"}) {
    const auto excess = toml_excess("ok = 1\n" + bomb);
    ASSERT_TRUE(excess);
    EXPECT_EQ(excess->line, 2U);
    EXPECT_THAT(excess->text, HasSubstr("parts"));
  }
  for (const auto& bomb : {"x = " + repeated("[", 100'000), "x = " + repeated("{a=", 100'000),
                           "x = " + repeated("[{a=", 50'000)})
    EXPECT_THAT(toml_excess(bomb)->text, HasSubstr("nests"));
  EXPECT_THAT(toml_excess(std::string(most_toml_bytes + 1, '#'))->text, HasSubstr("bytes"));
}

class Files : public testing::Test {
 protected:
  Files() { std::filesystem::create_directories(folder / "conf.d"); }
  ~Files() override { std::filesystem::remove_all(folder); }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("files-" + std::to_string(::getpid()));
  const std::string good =
      "config_version = 1\n[gateway]\nid = \"a\"\ndata_dir = \"d\"\n[kafka]\ntopic = \"t\"\n";
};

TEST_F(Files, AnEmptyDropInChangesNothing) {
  write("main.toml", good);
  write("conf.d/10-empty.toml", "");
  const auto config = read_config(folder / "main.toml");
  ASSERT_TRUE(config) << config.error().lines.front();
  EXPECT_EQ(config->gateway.id, "a");
}

// A reload reads in the loop of the running gateway: nothing may hold it up, fill its memory or throw.
TEST_F(Files, WhatIsNoFileIsRefusedAtOnce) {
  write("main.toml", good);
  const auto drop_in = folder / "conf.d/20-odd.toml";
  ASSERT_EQ(::mkfifo(drop_in.c_str(), 0600), 0);
  EXPECT_THAT(read_config(folder / "main.toml").error().lines, ElementsAre(HasSubstr("no regular file")));
  for (const auto* target : {"/dev/zero", "/proc/self/mem"}) {
    std::filesystem::remove(drop_in);
    std::filesystem::create_symlink(target, drop_in);
    EXPECT_FALSE(read_config(folder / "main.toml")) << target;
  }
}

TEST_F(Files, AFolderIsCalledOne) {
  EXPECT_THAT(read_config(folder).error().lines, ElementsAre(HasSubstr("Is a directory")));
}

TEST_F(Files, ABombIsAFaultWithItsPlace) {
  write("main.toml", good);
  write("conf.d/20-bomb.toml", "\na" + repeated(".a", 50'000) + " = 1\n");
  EXPECT_THAT(read_config(folder / "main.toml").error().lines,
              ElementsAre(HasSubstr("20-bomb.toml:2:1: has a key of more than 32 parts")));
}

}  // namespace
}  // namespace weather::gateway
