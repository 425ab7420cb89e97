#include "bridge/core/promises.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::bridge::core {
namespace {

std::string broken(const Promises& promises) {
  return promises.broken() ? std::string(promises.broken()).substr(0, 2) : "";
}

TEST(Promises, AWholeDayOfAClientBreaksNone) {
  Promises promises;
  promises.made();
  promises.gives(true, false);
  promises.failed();
  promises.after_event(false, 10, 10);  // left Sending
  promises.asked_to_end();
  promises.ended();
  promises.left_draining(0, 0);
  promises.gives(true, false);
  promises.dropped();
  promises.made();
  promises.after_event(true, 10, 10);
  EXPECT_EQ(broken(promises), "");
}

TEST(Promises, P1NothingIsGivenInAnotherStateOrWithAHold) {
  Promises other, held;
  other.gives(false, false);
  held.gives(true, true);
  EXPECT_EQ(broken(other), "P1");
  EXPECT_EQ(broken(held), "P1");
}

TEST(Promises, P2NothingIsGivenAfterAFailedReportAndSendingIsLeft) {
  Promises given, stays;
  given.failed();
  given.gives(true, false);
  EXPECT_EQ(broken(given), "P2");
  stays.failed();
  stays.after_event(true, 0, 1);
  EXPECT_EQ(broken(stays), "P2");
}

TEST(Promises, P3DrainingEndsWithNothingInFlightAtTheWatermark) {
  Promises in_flight, beyond;
  in_flight.left_draining(1, 1);
  beyond.left_draining(0, 1);
  EXPECT_EQ(broken(in_flight), "P3");
  EXPECT_EQ(broken(beyond), "P3");
}

TEST(Promises, P4ThereIsOneClientAtATime) {
  Promises promises;
  promises.made();
  promises.made();
  EXPECT_EQ(broken(promises), "P4");
}

TEST(Promises, P5OneEndIsAskedForAtATime) {
  Promises twice, dropped;
  twice.asked_to_end();
  twice.asked_to_end();
  EXPECT_EQ(broken(twice), "P5");
  dropped.asked_to_end();
  dropped.dropped();  // its answer went with the client
  dropped.asked_to_end();
  EXPECT_EQ(broken(dropped), "");
}

TEST(Promises, P6TheWindowIsBounded) {
  Promises promises;
  promises.after_event(true, 11, 10);
  EXPECT_EQ(broken(promises), "P6");
}

TEST(Promises, TheFirstBrokenOneIsTold) {
  Promises promises;
  promises.made();
  promises.made();
  promises.gives(false, false);
  EXPECT_EQ(broken(promises), "P4");
}

}  // namespace
}  // namespace weather::bridge::core
