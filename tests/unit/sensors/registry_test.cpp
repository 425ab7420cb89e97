#include "sensors/decoders/registry.hpp"

#include <gmock/gmock.h>

namespace weather::sensors {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(Registry, AFormatIsMadeByItsName) {
  Registry registry;
  add_decoders(registry);
  const auto decode = registry.make("json");
  ASSERT_TRUE(decode);
  Message message;
  message.payload = R"({"id":"a","temperature":1})";
  EXPECT_EQ((*decode)(message).value().at(0).sensor_id(), "a");
  EXPECT_THAT(registry.names(), Contains("json"));
}

TEST(Registry, AnUnknownFormatSaysWhichAreKnown) {
  Registry registry;
  add_decoders(registry);
  EXPECT_THAT(registry.make("yaml").error(), HasSubstr("unknown format \"yaml\", known are:"));
  EXPECT_THAT(registry.make("json", {{"colour", "red"}}).error(), HasSubstr("\"colour\""));
}

TEST(Registry, AnotherFolderCanAddAndOverrideFormats) {
  Registry registry;
  add_decoders(registry);
  registry.add({"json", "another", [](const DecoderSettings&) -> tl::expected<Decoder, std::string> {
                  return Decoder([](const Message&) -> Decoded { return std::vector<Reading>(2); });
                }});
  EXPECT_EQ((*registry.make("json"))(Message{}).value().size(), 2U);
}

}  // namespace
}  // namespace weather::sensors
