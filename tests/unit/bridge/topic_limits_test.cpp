#include "bridge/core/topic_limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t day_ms = 86'400'000;
const Properties good = {{"retention.ms", "604800000"},
                         {"message.timestamp.type", "CreateTime"},
                         {"message.timestamp.before.max.ms", "9223372036854775807"},
                         {"max.message.bytes", "1048588"},
                         {"min.insync.replicas", "2"}};

Properties with(const std::string& key, const std::string& value) {
  auto result = good;
  result[key] = value;
  return result;
}

TEST(Guard, HasNothingToSayAboutAGoodTopic) {
  EXPECT_THAT(judge_topic("t", good, {}), IsEmpty());
  EXPECT_THAT(judge_topic("t", {}, {}), IsEmpty());
}

TEST(Guard, WarnsWhenTheBacklogIsOlderThanTheRetention) {
  EXPECT_THAT(judge_topic("t", good, {8 * day_ms}), ElementsAre(HasSubstr("keeps records for 7 days")));
  EXPECT_THAT(judge_topic("t", with("retention.ms", "-1"), {800 * day_ms}), IsEmpty());
  EXPECT_THAT(judge_topic("t", with("message.timestamp.type", "LogAppendTime"), {8 * day_ms}), IsEmpty());
}

TEST(Guard, WhatJustFitsIsNoWarning) {
  EXPECT_THAT(judge_topic("t", good, {.oldest_age_ms = 7 * day_ms}), IsEmpty());
  EXPECT_THAT(judge_topic("t", good, {.oldest_age_ms = 7 * day_ms + 1}), ElementsAre(HasSubstr("7 days")));
  EXPECT_THAT(judge_topic("t", good, {.largest_record_bytes = 1'048'588}), IsEmpty());
  EXPECT_THAT(judge_topic("t", good, {.largest_record_bytes = 1'048'589}),
              ElementsAre(HasSubstr("records here reach 1048589")));
}

TEST(Guard, WarnsOfTimestampsTheBrokerRefuses) {
  EXPECT_THAT(judge_topic("t", with("message.timestamp.before.max.ms", "3600000"), {day_ms}),
              ElementsAre(HasSubstr("refuses records older than 60 min, and one waiting is 24 h old")));
}

TEST(Guard, SaysWhatWillBeDoneAboutIt) {
  const auto warned = [](RefusedTime refused, PastRetention past) {
    BacklogOptions backlog;
    backlog.refused_time = refused;
    backlog.past_retention = past;
    return judge_topic("t", with("message.timestamp.before.max.ms", "3600000"), {8 * day_ms}, backlog);
  };
  EXPECT_THAT(warned(RefusedTime::ingest_time, PastRetention::send),
              ElementsAre(HasSubstr("may delete it on arrival"), HasSubstr("get the present time")));
  EXPECT_THAT(warned(RefusedTime::dead_letter, PastRetention::ingest_time),
              ElementsAre(HasSubstr("get the present time"), HasSubstr("become dead letters")));
  EXPECT_THAT(warned(RefusedTime::hold, PastRetention::hold),
              ElementsAre(HasSubstr("held until retention.ms"), HasSubstr("held until the limit")));
}

TEST(Guard, WarnsOfSizesAndOfASingleReplica) {
  EXPECT_THAT(judge_topic("t", with("max.message.bytes", "1000"), {0, 2000, 1'000'000}),
              ElementsAre(HasSubstr("records here reach 2000"), HasSubstr("batches here may reach 1000000")));
  EXPECT_THAT(judge_topic("t", with("min.insync.replicas", "1"), {}),
              ElementsAre(HasSubstr("min.insync.replicas=1")));
}

}  // namespace
}  // namespace weather::bridge
