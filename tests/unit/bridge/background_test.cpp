#include "bridge/kafka/background.hpp"

#include <future>
#include <memory>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

namespace asio = boost::asio;

TEST(Background, WhatACallGivesBackIsPosted) {
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  int posted = 0;
  Background background;
  background.run([&]() -> Background::Then { return [&] { posted = 7; }; }, io);
  io.run_one();
  EXPECT_EQ(posted, 7);
}

// As a question to a Kafka that says nothing does: the io thread's own things are gone by then.
TEST(Background, ACallThatOutlastsItPostsNothing) {
  asio::io_context io;
  std::promise<void> answer;
  const auto asked = std::make_shared<std::future<void>>(answer.get_future());
  {
    Background background;
    background.run(
        [asked]() -> Background::Then {
          asked->wait();
          return [] {};
        },
        io);
  }
  answer.set_value();
  while (asked.use_count() > 1) std::this_thread::yield();  // until the thread has let go of it
  EXPECT_EQ(io.poll(), 0U);
}

}  // namespace
}  // namespace weather::bridge
