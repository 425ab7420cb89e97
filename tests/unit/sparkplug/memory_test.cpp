// Whatever births and data say: what the host has allocated is no more than what it took from the budget, and
// all of it is given back. Allocations are counted by operator new itself.
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "sensors/sparkplug/host.hpp"
#include "sensors/sparkplug/sparkplug.pb.h"
#include "tests/unit/counted_memory.hpp"

namespace weather::sensors {
namespace {

using testing_memory::allocated;
using Random = std::mt19937_64;

std::size_t up_to(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

// Names that stay, names that are new each time, names of a kilobyte; units; with and without alias.
std::string any_payload(Random& random, bool birth) {
  sparkplug::Payload payload;
  payload.set_timestamp(1'758'349'800'000 + up_to(random, 1'000'000));
  payload.set_seq(birth ? 0 : up_to(random, 255));
  const auto metrics = up_to(random, up_to(random, 4) == 0 ? 1'200 : 20);
  for (std::size_t i = 0; i < metrics; ++i) {
    auto& metric = *payload.add_metrics();
    std::string name = "Outdoor/Temperature/" + std::to_string(i);
    if (up_to(random, 3) == 0) name += std::to_string(random());
    if (up_to(random, 50) == 0) name += std::string(1'000, 'n');
    if (birth || up_to(random, 2) == 0) metric.set_name(name);
    if (up_to(random, 2) != 0) metric.set_alias(birth ? random() : i);
    metric.set_float_value(static_cast<float>(i));
    if (up_to(random, 3) != 0) continue;
    auto& properties = *metric.mutable_properties();
    properties.add_keys("engUnit");
    properties.add_values()->set_string_value(std::string(up_to(random, 60), 'u'));
  }
  return payload.SerializeAsString();
}

TEST(SparkplugMemory, NoMoreIsAllocatedThanTheBudgetSays) {
  constexpr std::size_t slack = 256U << 10;  // of the host itself: its rules, publications not yet taken
  for (const std::size_t limit : {std::size_t{1} << 20, std::size_t{32} << 20}) {
    Random random(limit);
    MemoryBudget memory(limit);
    std::size_t held = 0;
    {
      SparkplugOptions options;
      options.memory = &memory;
      SparkplugHost host(options);
      for (int n = 0; n < 1'500; ++n) {
        const bool birth = up_to(random, 2) != 0;
        const std::string device = up_to(random, 1) == 0 ? "" : "/pump-" + std::to_string(up_to(random, 9));
        const std::string topic = std::string("spBv1.0/g/") + (device.empty() ? "N" : "D") +
                                  (birth ? "BIRTH" : "DATA") + "/node-" + std::to_string(up_to(random, 300)) +
                                  device;
        const auto before = allocated;
        {
          const auto payload = any_payload(random, birth);
          Message message;
          message.topic = topic;
          message.payload = payload;
          (void)host.decode(message);
        }
        (void)host.take_publications();
        held += allocated - before;
        ASSERT_LE(held, memory.use(Holder::sparkplug_aliases).used + slack) << "message " << n;
      }
      EXPECT_GT(memory.used(), limit / 4);
    }
    EXPECT_EQ(memory.used(), 0U);
  }
}

}  // namespace
}  // namespace weather::sensors
