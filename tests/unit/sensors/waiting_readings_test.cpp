#include "sensors/sources/waiting_readings.hpp"

#include <gmock/gmock.h>

#include "tests/unit/sensors/fake_sink.hpp"

namespace weather::sensors {
namespace {

using testing::ElementsAre;

class Waiting : public testing::Test {
 protected:
  void add(const std::string& id) {
    Reading reading;
    reading.set_sensor_id(id);
    waiting.add(std::move(reading));
  }
  static constexpr std::int64_t half_a_second = 500'000'000;
  std::vector<std::string> stored() const {
    std::vector<std::string> ids;
    for (const auto& one : sink.stored()) ids.push_back(one.readings.front().sensor_id());
    return ids;
  }
  FakeSink sink;
  WaitingReadings waiting{sink};
};

TEST_F(Waiting, AreStoredInTheirOrder) {
  EXPECT_FALSE(waiting.due_ns());
  EXPECT_FALSE(waiting.store(0)) << "there is nothing";
  add("a");
  add("b");
  EXPECT_TRUE(waiting.due_ns());
  EXPECT_TRUE(waiting.store(0));
  EXPECT_THAT(stored(), ElementsAre("a", "b"));
  EXPECT_EQ(waiting.last(), Ticket{2});
  EXPECT_TRUE(waiting.empty());
}

TEST_F(Waiting, ARefusalIsTriedAgainHalfASecondLaterOrAtOnceIfAsked) {
  sink.refuse(true);
  add("a");
  EXPECT_FALSE(waiting.store(1000));
  EXPECT_EQ(waiting.due_ns(), 1000 + half_a_second);
  sink.refuse(false);
  EXPECT_FALSE(waiting.store(1000 + half_a_second - 1));
  EXPECT_EQ(waiting.refused(), 1U);
  EXPECT_EQ(waiting.last_error(), "No space left on device");
  add("b");
  EXPECT_TRUE(waiting.store(1000 + half_a_second));
  EXPECT_THAT(stored(), ElementsAre("a", "b"));
  sink.refuse(true);
  add("c");
  EXPECT_FALSE(waiting.store(2000 + half_a_second));
  sink.refuse(false);
  waiting.try_at_once();
  EXPECT_TRUE(waiting.store(2001 + half_a_second));
}

TEST_F(Waiting, TheOldestGivesWayAndIsCounted) {
  sink.refuse(true);
  for (std::size_t i = 0; i < WaitingReadings::most + 3; ++i) {
    add(std::to_string(i));
    EXPECT_FALSE(waiting.store(static_cast<std::int64_t>(i)));
  }
  EXPECT_EQ(waiting.given_up(), 3U);
  sink.refuse(false);
  waiting.try_at_once();
  EXPECT_TRUE(waiting.store(1));
  EXPECT_EQ(stored().size(), WaitingReadings::most);
  EXPECT_EQ(stored().front(), "3");
}

}  // namespace
}  // namespace weather::sensors
