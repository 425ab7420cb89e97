#include "gateway/app/log_watch.hpp"

#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

std::string said(const std::vector<LogWatch::Line>& lines) {
  std::string text;
  for (const auto& line : lines) text += std::string(level_name(line.level)) + ": " + line.text + "\n";
  return text;
}

TEST(LogWatch, says_nothing_while_all_is_well) {
  log::Status status;
  status.evicted = 500;  // of an earlier life
  LogWatch watch("drop_oldest", status);
  EXPECT_EQ(said(watch.look(status, 0, LogWatch::TimePoint())), "");
  EXPECT_EQ(said(watch.look(status, 100'000, LogWatch::TimePoint())), "");
}

TEST(LogWatch, says_once_that_dropping_begins_and_once_that_it_is_over) {
  log::Status status;
  status.evicted = 500;
  LogWatch watch("drop_oldest", status);
  status.evicted = 900;
  EXPECT_EQ(said(watch.look(status, 10'000, LogWatch::TimePoint())),
            "warning: the log is full: on_full = \"drop_oldest\" has begun to drop, so far 400 readings, "
            "with 10000 "
            "waiting for Kafka; each drop is counted, and Kafka gets a loss record\n");
  EXPECT_EQ(said(watch.look(status, 10'300, LogWatch::TimePoint())), "")
      << "a segment is dropped now and then: in between it is not over";
  status.evicted = 1'300;
  EXPECT_EQ(said(watch.look(status, 10'000, LogWatch::TimePoint())), "");
  EXPECT_EQ(said(watch.look(status, 8'000, LogWatch::TimePoint())), "");
  EXPECT_EQ(said(watch.look(status, 7'000, LogWatch::TimePoint())),
            "info: the log has room again and drops nothing: on_full = \"drop_oldest\" had dropped at most "
            "800 readings\n");
  EXPECT_EQ(said(watch.look(status, 0, LogWatch::TimePoint())), "");
  status.evicted = 1'301;
  EXPECT_NE(said(watch.look(status, 10'000, LogWatch::TimePoint())).find("so far 1 reading,"),
            std::string::npos)
      << "a new story";
}

TEST(LogWatch, what_is_refused_is_over_when_the_log_stores) {
  log::Status status;
  LogWatch watch("drop_newest", status);
  status.writable = false;
  status.reason = "full";
  status.dropped_newest = 10;
  EXPECT_EQ(
      said(watch.look(status, 10'000, LogWatch::TimePoint())),
      "error: not storing: full; what is stored still goes to Kafka, and the log tries again by itself\n"
      "warning: the log is full: on_full = \"drop_newest\" has begun to drop, so far 10 readings, with 10000 "
      "waiting for Kafka; each drop is counted, and Kafka gets a loss record\n");
  EXPECT_EQ(said(watch.look(status, 10'000, LogWatch::TimePoint())), "");
  status.writable = true;
  EXPECT_EQ(said(watch.look(status, 9'999, LogWatch::TimePoint())),
            "info: the log has room again and drops nothing: on_full = \"drop_newest\" had dropped at most "
            "10 readings\n");
  EXPECT_EQ(said(watch.look(status, 9'999, LogWatch::TimePoint() + LogWatch::calm)),
            "info: the log stores again\n");
}

TEST(LogWatch, a_broken_card_is_reported_once) {
  log::Status status;
  LogWatch watch("drop_oldest", status);
  status.writable = false;
  status.reason = "the log cannot write to /data: Input/output error";
  EXPECT_EQ(said(watch.look(status, 5, LogWatch::TimePoint())),
            "error: not storing: the log cannot write to /data: Input/output error; what is stored still "
            "goes to Kafka, "
            "and the log tries again by itself\n");
  EXPECT_EQ(said(watch.look(status, 5, LogWatch::TimePoint())), "");
  status.writable = true;
  EXPECT_EQ(said(watch.look(status, 5, LogWatch::TimePoint())), "");
  EXPECT_EQ(said(watch.look(status, 5, LogWatch::TimePoint() + LogWatch::calm)),
            "info: the log stores again\n");
}

TEST(LogWatch, a_log_at_its_limit_that_stores_and_refuses_in_turns_is_one_story) {
  log::Status status;
  LogWatch watch("block", status);
  LogWatch::TimePoint now;
  std::string text;
  for (int turn = 0; turn < 20; ++turn, now += LogWatch::calm / 2) {
    status.writable = turn % 2 != 0;
    status.reason = "full";
    text += said(watch.look(status, 100, now));
  }
  EXPECT_EQ(
      text,
      "error: not storing: full; what is stored still goes to Kafka, and the log tries again by itself\n");
  EXPECT_EQ(said(watch.look(status, 100, now + LogWatch::calm)), "info: the log stores again\n");
}

}  // namespace
}  // namespace weather::gateway
