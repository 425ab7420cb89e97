#include "bridge/core/first_send_gate.hpp"

#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class FirstSendGateTest : public testing::Test {
 protected:
  bool send(std::string_view key, Window::Id id) {
    if (!first_send_gate_.may_send(key)) return false;
    first_send_gate_.sent(key, id, now_);
    return true;
  }

  static constexpr hours remembered{12};
  FirstSendGate first_send_gate_{remembered};
  FirstSendGate::Time now_{hours(1000)};
};

TEST_F(FirstSendGateTest, TheFirstRecordOfAKeyGoesAlone) {
  EXPECT_TRUE(send("roof", 1));
  EXPECT_FALSE(send("roof", 2));
  EXPECT_TRUE(send("garden", 2)) << "another key does not wait";
  first_send_gate_.settled(1, true);
  EXPECT_TRUE(send("roof", 3));
  EXPECT_TRUE(send("roof", 4));
  EXPECT_FALSE(send("garden", 5));
  now_ += 2 * remembered;
  EXPECT_FALSE(send("garden", 5)) << "however long the report takes";
}

TEST_F(FirstSendGateTest, AFirstRecordThatFailedIsStillTheFirst) {
  EXPECT_TRUE(send("roof", 1));
  first_send_gate_.settled(1, false);
  EXPECT_TRUE(send("roof", 2));
  EXPECT_FALSE(send("roof", 3));
}

TEST_F(FirstSendGateTest, ALaterFailureChangesNothing) {
  EXPECT_TRUE(send("roof", 1));
  first_send_gate_.settled(1, true);
  EXPECT_TRUE(send("roof", 2));
  first_send_gate_.settled(2, false);
  EXPECT_TRUE(send("roof", 3));
  EXPECT_TRUE(send("roof", 4));
}

TEST_F(FirstSendGateTest, AKeyThatWasSilentForLongIsIntroducedAgain) {
  EXPECT_TRUE(send("roof", 1));
  first_send_gate_.settled(1, true);
  now_ += remembered - seconds(1);
  EXPECT_TRUE(send("roof", 2));
  EXPECT_TRUE(send("roof", 3));
  now_ += remembered;
  EXPECT_TRUE(send("roof", 4));
  EXPECT_FALSE(send("roof", 5));
  first_send_gate_.settled(4, true);
  EXPECT_TRUE(send("roof", 6));
}

TEST_F(FirstSendGateTest, ANewProducerIsAStrangerEverywhere) {
  EXPECT_TRUE(send("roof", 1));
  first_send_gate_.settled(1, true);
  EXPECT_TRUE(send("garden", 2));
  first_send_gate_.forget();
  first_send_gate_.settled(2, true);  // of the old one
  EXPECT_TRUE(send("roof", 3));
  EXPECT_FALSE(send("roof", 4));
  EXPECT_TRUE(send("garden", 4));
}

TEST_F(FirstSendGateTest, AMillionKeysAreNotRemembered) {
  Window::Id id = 0;
  ASSERT_TRUE(send("under way", id++));
  for (int key = 0; key < 1'000'000; ++key, ++id) {
    ASSERT_TRUE(send(std::to_string(key), id));
    first_send_gate_.settled(id, true);
  }
  EXPECT_LE(first_send_gate_.size(), FirstSendGate::most_keys);
  EXPECT_FALSE(send("under way", id)) << "nobody has confirmed it";
}

}  // namespace
}  // namespace weather::bridge
