#include "bridge/registry/schema_cache.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace weather::registry {
namespace {

class SchemaCacheTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(dir_); }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path dir_ = std::filesystem::temp_directory_path() /
                               ("schema_cache_test." + std::to_string(::getpid())) / "schemas";
  SchemaCache cache_{dir_, log::posix_files()};
  SchemaKey key_{"http://h", "w-value", "message A {}"};
};

TEST_F(SchemaCacheTest, ANumberOnceStoredIsThereForTheNext) {
  EXPECT_FALSE(cache_.find(key_));
  ASSERT_TRUE(cache_.store(key_, {7}));
  EXPECT_EQ(SchemaCache(dir_, log::posix_files()).find(key_), SchemaId{7});
  ASSERT_TRUE(cache_.store(key_, {8}));
  EXPECT_EQ(cache_.find(key_), SchemaId{8});
}

TEST_F(SchemaCacheTest, AnotherRegistrySubjectOrSchemaIsAnotherNumber) {
  ASSERT_TRUE(cache_.store(key_, {7}));
  EXPECT_FALSE(cache_.find({"http://other", key_.subject, key_.schema}));
  EXPECT_FALSE(cache_.find({key_.url, "other", key_.schema}));
  EXPECT_FALSE(cache_.find({key_.url, key_.subject, "message B {}"}));
}

TEST_F(SchemaCacheTest, AFileCutShortIsNoAnswer) {
  ASSERT_TRUE(cache_.store(key_, {123}));
  const auto file = std::filesystem::directory_iterator(dir_)->path();
  for (auto size = std::filesystem::file_size(file); size-- > 0;) {
    std::filesystem::resize_file(file, size);
    EXPECT_FALSE(cache_.find(key_)) << size << " bytes";
  }
  std::ofstream(file) << "-5\nhttp://h\nw-value\n";
  EXPECT_FALSE(cache_.find(key_));
}

TEST_F(SchemaCacheTest, AGuidIsKeptWithTheNumberWhereItIsNeeded) {
  SchemaKey with = key_;
  with.guid = true;
  const SchemaId id{7, std::string("\0\x01\n3456789abcd\n\xFF", 16)};
  ASSERT_TRUE(cache_.store(key_, {7}));
  EXPECT_FALSE(cache_.find(with));
  ASSERT_TRUE(cache_.store(with, id));
  EXPECT_EQ(cache_.find(with), id);
  EXPECT_EQ(cache_.find(key_), SchemaId{7});
}

TEST_F(SchemaCacheTest, WhatACrashLeftDoesNotStopIt) {
  ASSERT_TRUE(cache_.store(key_, {7}));
  auto left = std::filesystem::directory_iterator(dir_)->path();
  left += ".new";
  std::ofstream(left) << "half";
  ASSERT_TRUE(cache_.store(key_, {9}));
  EXPECT_EQ(cache_.find(key_), SchemaId{9});
}

}  // namespace
}  // namespace weather::registry
