#include "gateway/app/crowd_watch.hpp"

#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

TEST(CrowdWatch, SaysWhatChangedByKindAndNothingElse) {
  sensors::listener::ListenerStatus before, now;
  before.name = now.name = "listener:a:1";
  EXPECT_EQ(crowd_line(before, now), "");
  now.ended["the client closed the connection without DISCONNECT"] = 900;
  EXPECT_EQ(crowd_line(before, now), "");
  before.ended["gave way: a"] = 2;
  now.ended["gave way: a"] = 5;
  now.ended["the client does not read its answers"] = 1;
  now.evicted = 7;
  now.identifiers_given_up = before.identifiers_given_up = 4;
  EXPECT_EQ(crowd_line(before, now),
            "listener:a:1: crowded in the last minute: 3 connections: gave way: a; 1 connections: the client "
            "does not read its answers; 7 sleeping sessions without state gave way");
  EXPECT_EQ(crowd_line(now, now), "");
}

}  // namespace
}  // namespace weather::gateway
