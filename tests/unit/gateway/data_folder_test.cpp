#include "gateway/app/data_folder.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/unit/temporary_folder.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

class DataFolderTest : public testing::Test {
 protected:
  DataFolderTest() { make(); }
  void make() {
    fs::create_directory(folder / "data");
    std::ofstream(folder / "data" / "LOG") << "log";
  }

  const TemporaryFolder temporary;
  const fs::path& folder = temporary.path();
};

TEST_F(DataFolderTest, StaysWhileTheLogGrowsInIt) {
  const DataFolder watched(folder / "data");
  std::ofstream(folder / "data" / "1.seg") << "x";
  EXPECT_TRUE(watched.is_there());
}

TEST_F(DataFolderTest, IsGoneWhenDeletedMovedOrReplaced) {
  const DataFolder watched(folder / "data");
  fs::rename(folder / "data", folder / "moved");
  EXPECT_FALSE(watched.is_there());
  make();  // another one in its place
  EXPECT_FALSE(watched.is_there());
  fs::remove_all(folder / "data");
  EXPECT_FALSE(watched.is_there());
  fs::rename(folder / "moved", folder / "data");
  EXPECT_TRUE(watched.is_there());
}

TEST_F(DataFolderTest, SaysNothingOfWhatItNeverSaw) {
  EXPECT_TRUE(DataFolder(folder / "elsewhere").is_there());
}

}  // namespace
}  // namespace weather::gateway
