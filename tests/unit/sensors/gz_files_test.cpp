#include "sensors/sources/gz_files.hpp"

#include <random>

#include <gmock/gmock.h>

#include "tests/unit/sensors/file_disk.hpp"
#include "tests/unit/sensors/gzipped.hpp"

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct GzFilesTest : testing::Test {
  std::string read(FollowedFile& file, std::uint64_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    bytes.resize(file.read(offset, bytes).value_or(0));
    return bytes;
  }
  FileDisk disk;
  std::vector<std::string> said;
  GzFiles files{disk, [this](const std::string& text) { said.push_back(text); }};
};

std::string numbers(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i * 7919 % 100'003) + '\n';
  text.resize(bytes);
  return text;
}

// Any stretch in any order, of files smaller and larger than what is kept of them.
TEST_F(GzFilesTest, ReadsAnyStretchOfWhatWasCompressed) {
  std::mt19937 random(1);
  for (const std::size_t size : {0U, 1U, 700U, 131'072U, 1'000'000U}) {
    const auto text = numbers(size);
    const auto name = "/d/a." + std::to_string(size) + ".gz";
    disk.append(name, gzipped(text));
    const auto file = files.open(name);
    ASSERT_TRUE(file);
    EXPECT_EQ(files.facts(name)->size, size);
    for (int i = 0; i < 60; ++i) {
      const auto offset = random() % (size + 10);
      const std::size_t length = random() % 70'000;
      const auto wanted = offset > size ? std::string() : text.substr(offset, length);
      ASSERT_EQ(read(**file, offset, length), wanted) << size << " bytes, " << length << " at " << offset;
    }
  }
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(GzFilesTest, AllMembersAreReadAndTheirSizeIsKnownThen) {
  disk.append("/d/a.gz", gzipped("one\n") + gzipped("and another\n") + std::string(512, '\0'));
  const auto file = files.open("/d/a.gz");
  EXPECT_EQ(read(**file, 0, 100), "one\nand another\n");
  EXPECT_EQ(files.facts("/d/a.gz")->size, 16U);
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(GzFilesTest, WhatIsDamagedEndsThereAndIsSaidOnce) {
  const auto text = numbers(400'000);
  auto whole = gzipped(text);
  disk.append("/d/half.gz", whole.substr(0, whole.size() / 2));
  for (std::size_t i = whole.size() / 2; i < whole.size() / 2 + 64; ++i) whole[i] = '\x55';
  disk.append("/d/damaged.gz", whole);
  disk.append("/d/none.gz", "no gzip at all, but long enough to be one");
  for (const auto* name : {"/d/half.gz", "/d/damaged.gz", "/d/none.gz"}) {
    said.clear();
    for (int again = 0; again < 2; ++again) {
      const auto file = files.open(name);
      const auto got = read(**file, 0, 2 * text.size());
      EXPECT_NE(got, text) << name;
      EXPECT_EQ(files.facts(name)->size, got.size()) << "not to be read again and again";
    }
    EXPECT_THAT(said, ElementsAre(HasSubstr(name))) << name;
  }
}

TEST_F(GzFilesTest, WhatIsBeingCompressedIsNotThereYet) {
  disk.append("/d/a.1", "x");
  disk.append("/d/a.1.gz", "half of it");
  disk.append("/d/b.gz", gzipped("y"));
  EXPECT_THAT(files.list("/d"), ElementsAre("a.1", "b.gz"));
}

}  // namespace
}  // namespace weather::sensors
