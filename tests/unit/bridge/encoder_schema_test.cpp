// The formats that have a schema in a registry.
#include <gmock/gmock.h>

#include "sensors/reading/avro.hpp"
#include "tests/unit/bridge/encoder_bed.hpp"

namespace weather::bridge {
namespace {

using namespace encoder_bed;

TEST(Encoder, ConfluentFramingIsMagicSchemaIdAndMessageIndex) {
  auto route = options();
  route.format = Format::confluent_protobuf;
  Encoder encoder(route, "pi", log_id);
  EXPECT_TRUE(encoder.needs_schema());
  encoder.set_schema_id({0x01020304});
  EXPECT_FALSE(encoder.needs_schema());
  const auto record = stored(sample());
  const auto value = std::string(encode(encoder, record).record.value);
  EXPECT_EQ(value.substr(0, 6), std::string("\0\1\2\3\4\0", 6));
  v1::Reading back;
  EXPECT_TRUE(back.ParseFromString(value.substr(6)));
}

TEST(Encoder, InAvroTheIdIsThatOfTheRecord) {
  auto route = options();
  route.format = Format::confluent_avro;
  Encoder encoder(route, "pi", log_id);
  EXPECT_TRUE(encoder.needs_schema());
  encoder.set_schema_id({0x01020304});
  const auto record = stored(sample());
  const auto encoded = encode(encoder, record);
  const auto value = std::string(encoded.record.value);
  EXPECT_EQ(value.substr(0, 5), std::string("\0\1\2\3\4", 5));
  EXPECT_THAT(headers(encoded), testing::Contains("content-type=application/avro"));
  EXPECT_EQ(value.substr(6, encoded.id.size()), encoded.id);
  v1::Reading back;
  ASSERT_TRUE(sensors::read_avro(std::string_view(value).substr(5), back));
  EXPECT_EQ(back.sensor_id(), "sensor-001");
  EXPECT_EQ(back.gateway_id(), "pi");
  EXPECT_EQ(back.sequence(), 7U);
}

TEST(Encoder, InJsonWithASchemaTheValueIsThatWithoutOneBehindTheNumber) {
  auto route = options();
  Encoder plain(route, "pi", log_id);
  route.format = Format::confluent_json;
  Encoder framed(route, "pi", log_id);
  framed.set_schema_id({0x01020304});
  const auto record = stored(sample());
  const auto without = std::string(encode(plain, record).record.value);
  const auto encoded = encode(framed, record);
  EXPECT_EQ(encoded.record.value, std::string("\0\1\2\3\4", 5) + without);
  EXPECT_THAT(headers(encoded), testing::Contains("content-type=application/json"));
}

TEST(Encoder, WithTheGuidInAHeaderTheValueIsTheReadingAlone) {
  const std::string guid = "0123456789abcdef";
  for (const auto format : {Format::confluent_protobuf, Format::confluent_avro, Format::confluent_json}) {
    auto route = options();
    route.format = format;
    Encoder framed(route, "pi", log_id);
    framed.set_schema_id({1});
    route.schema_in_header = true;
    Encoder encoder(route, "pi", log_id);
    EXPECT_TRUE(encoder.needs_schema());
    encoder.set_schema_id({1, guid});
    const auto record = stored(sample());
    const bool protobuf = format == Format::confluent_protobuf;
    const auto value = std::string(encode(framed, record).record.value).substr(protobuf ? 6 : 5);
    const auto encoded = encode(encoder, record);
    EXPECT_EQ(encoded.record.value, value);
    EXPECT_THAT(headers(encoded),
                testing::Contains("__value_schema_id=\1" + guid + std::string(protobuf ? 1 : 0, '\0')));
  }
}

}  // namespace
}  // namespace weather::bridge
