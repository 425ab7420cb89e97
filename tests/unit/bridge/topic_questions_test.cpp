#include "bridge/core/topic_questions.hpp"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

namespace weather::bridge {
namespace {

using Topics = std::set<std::string>;

TEST(TopicQuestions, stay_open_until_the_settings_came) {
  TopicQuestions questions;
  questions.asked("weather");
  questions.asked("air");
  EXPECT_EQ(questions.open(), (Topics{"air", "weather"})) << "a producer that goes now takes both with it";
  questions.answered("weather", RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(questions.open(), Topics{"air"});
  questions.asked("weather");
  EXPECT_EQ(questions.open(), (Topics{"air", "weather"})) << "asked once more";
}

TEST(TopicQuestions, of_a_topic_that_is_not_there_yet_are_asked_again) {
  TopicQuestions questions;
  questions.asked("weather");
  for (const int code : {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                         RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_UNKNOWN}) {
    questions.answered("weather", code);
    EXPECT_EQ(questions.open(), Topics{"weather"})
        << rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code));
  }
}

TEST(TopicQuestions, nobody_may_answer_are_dropped) {
  TopicQuestions questions;
  questions.asked("weather");
  questions.asked("air");
  questions.answered("weather", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  EXPECT_EQ(questions.open(), Topics{"air"});
  questions.failed(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE);
  EXPECT_TRUE(questions.open().empty());
}

TEST(TopicQuestions, without_any_answer_stay_open) {
  TopicQuestions questions;
  questions.asked("weather");
  for (const int code :
       {RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__WAIT_COORD})
    questions.failed(code);
  EXPECT_EQ(questions.open(), Topics{"weather"});
}

}  // namespace
}  // namespace weather::bridge
