// Whatever is sent to whichever format: what its decoder remembers is taken from the budget, or bounded.
// Every format a source can name, made as the gateway makes it; allocations are counted by operator new
// itself.
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "gateway/app/formats.hpp"
#include "gateway/config/load.hpp"
#include "sensors/sparkplug/sparkplug.pb.h"
#include "tests/unit/counted_memory.hpp"

namespace weather::gateway {
namespace {

using testing_memory::allocated;
using Random = std::mt19937_64;

// Windows over 4,096 sensors, by the longest ids.
constexpr std::size_t bounded = 4U << 20;

std::size_t up_to(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

// A new sensor in nearly each message, by all the names that formats know one by.
std::string any_json(Random& random) {
  const auto number = std::to_string(random());
  const std::string id = up_to(random, 9) == 0 ? number + std::string(5'000, 'i') : number;
  return R"({"id":")" + id + R"(","model":"M","channel":)" + std::to_string(up_to(random, 9)) +
         R"(,"mac":")" + id + R"(","temperature":)" + std::to_string(up_to(random, 40)) +
         R"(,"temperature_C":1.5,"humidity":)" + std::to_string(up_to(random, 99)) +
         R"(,"deviceInfo":{"devEui":")" + id +
         R"(","deviceName":"n"},"fCnt":3,"object":{"temperature":1},"end_device_ids":{"dev_eui":")" + id +
         R"("},"uplink_message":{"f_cnt":)" + std::to_string(up_to(random, 9)) +
         R"(,"decoded_payload":{"temperature":2}}})";
}

std::string any_birth(Random& random) {
  sparkplug::Payload payload;
  payload.set_timestamp(1'758'349'800'000);
  payload.set_seq(0);
  for (std::size_t i = 0; i < 1'200; ++i) {
    auto& metric = *payload.add_metrics();
    metric.set_name("metric/" + std::to_string(i));
    metric.set_alias(random());
    metric.set_float_value(1);
  }
  return payload.SerializeAsString();
}

// What the decoder of this format holds after the messages, beyond what the budget knows.
std::size_t held_beyond_budget(const Config& config, const std::string& format, int messages,
                               sensors::MemoryBudget& memory, std::size_t& most_used) {
  Random random(1);
  const auto registry = make_registry(config, &memory);
  const auto decode = registry.make(
      format, format == "csv" ? sensors::DecoderSettings{{"id", "roof"}} : sensors::DecoderSettings{});
  EXPECT_TRUE(decode) << format;
  std::size_t beyond = 0;
  const auto before = allocated;
  for (int n = 0; decode && n < messages; ++n) {
    {
      const auto number = std::to_string(up_to(random, 100'000));
      const bool birth = format == "sparkplug";
      const std::string topic =
          birth ? "spBv1.0/g/NBIRTH/node-" + number : "zigbee2mqtt/d" + number + "/" + number;
      const std::string payload = birth ? any_birth(random) : any_json(random);
      sensors::Message message;
      message.source = "s";
      message.topic = topic;
      message.payload = payload;
      message.received_ns = 1'758'349'800'000'000'000 + n * std::int64_t{1'000'000};
      (void)(*decode)(message);
    }
    const auto held = allocated - before;
    const auto used = memory.used();
    most_used = std::max(most_used, used);
    beyond = std::max(beyond, held - std::min(held, used));
  }
  return beyond;
}

TEST(DecoderMemory, WhatEachFormatRemembersIsBounded) {
  const std::vector<ConfigText> texts{{"memory.toml", R"(
[[mapping]]
name = "own"
topics = ["{family}/{device}/{rest}"]
id = "own:{device}"
[[mapping.field]]
path = "/temperature"
quantity = "air_temperature"
)"}};
  const auto loaded = load(texts, {});
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  const auto& config = *loaded;
  for (const auto& name : make_registry(config, nullptr).names()) {
    sensors::MemoryBudget memory(16U << 20);
    std::size_t most_used = 0;
    const auto beyond =
        held_beyond_budget(config, name, name == "sparkplug" ? 500 : 12'000, memory, most_used);
    EXPECT_LE(beyond, bounded) << name;
    if (name == "sparkplug") {
      EXPECT_GT(most_used, 1U << 20) << "births are taken from the budget";
    }
    EXPECT_EQ(memory.used(), 0U) << name;
  }
}

}  // namespace
}  // namespace weather::gateway
