#include "bridge/kafka/background.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

TEST(Background, WhatACallGivesBackIsPosted) {
  std::promise<int> posted;
  Background background;
  background.run([&posted]() -> Background::Then { return [&posted] { posted.set_value(7); }; },
                 [](const Background::Then& then) { then(); });
  EXPECT_EQ(posted.get_future().get(), 7);
}

// As a question to a Kafka that says nothing does: the io thread's own things are gone by then.
TEST(Background, ACallThatOutlastsItPostsNothing) {
  std::promise<void> answer;
  auto posted = std::make_shared<std::atomic<int>>(0);
  const std::weak_ptr<std::atomic<int>> left = posted;
  {
    Background background;
    background.run(
        [come = std::make_shared<std::future<void>>(answer.get_future())]() -> Background::Then {
          come->wait();
          return [] {};
        },
        [posted](const Background::Then&) { ++*posted; });
  }
  answer.set_value();
  while (left.use_count() > 1) std::this_thread::yield();  // until the thread has let go of it
  EXPECT_EQ(*posted, 0);
}

}  // namespace
}  // namespace weather::bridge
