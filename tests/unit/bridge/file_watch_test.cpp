#include "bridge/kafka/file_watch.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace weather::bridge {
namespace {

class FileWatchTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(dir_); }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  // As renewals do it: a new file under the old name.
  void replace(const std::string& name, const std::string& text) const {
    std::ofstream(dir_ / "new") << text;
    std::filesystem::rename(dir_ / "new", dir_ / name);
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  std::filesystem::path dir_ =
      std::filesystem::temp_directory_path() / ("file_watch_test." + std::to_string(::getpid()));
};

TEST_F(FileWatchTest, SaysOnceThatAFileWasReplaced) {
  replace("cert", "one");
  FileWatch watch({path("cert")});
  EXPECT_FALSE(watch.changed());
  replace("cert", "two");
  EXPECT_FALSE(watch.changed()) << "more may follow";
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST_F(FileWatchTest, WaitsUntilAllOfThemAreThereAndStill) {
  replace("cert", "one");
  replace("key", "one");
  FileWatch watch({path("cert"), path("key")});
  std::filesystem::remove(path("key"));
  replace("cert", "two");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(watch.changed());
  replace("key", "two");
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, AFileThatIsTouchedInPlaceCountsToo) {
  replace("ca", "one");
  FileWatch watch({path("ca")});
  std::ofstream(path("ca"), std::ios::app) << "another authority";
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
}

TEST(CertificateFiles, AreThoseTheClientReadsAtItsStart) {
  EXPECT_THAT(certificate_files({{"ssl.ca.location", "/etc/ca"},
                                 {"ssl.key.location", "/etc/key"},
                                 {"ssl.key.password", "x"},
                                 {"bootstrap.servers", "b:1"}}),
              testing::ElementsAre("/etc/ca", "/etc/key"));
  EXPECT_THAT(certificate_files({{"ssl.ca.location", "probe"}}), testing::IsEmpty());
}

}  // namespace
}  // namespace weather::bridge
