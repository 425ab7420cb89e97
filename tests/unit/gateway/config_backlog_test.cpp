#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/backlog.hpp"

namespace weather::gateway {
namespace {

struct Outcome {
  bridge::BacklogOptions options;
  std::vector<ConfigError> errors;
};

Outcome options_of(const std::string& text) {
  const std::vector<ConfigText> texts{{"main.toml", text}};
  const auto config = load(texts, {});
  Outcome outcome;
  EXPECT_TRUE(config);
  if (config) outcome.options = backlog_options(*config, outcome.errors);
  return outcome;
}

TEST(ConfigBacklog, the_defaults_send_everything_as_soon_as_it_goes) {
  const auto [options, errors] = options_of("");
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(options.refused_time, bridge::RefusedTime::ingest_time);
  EXPECT_EQ(options.past_retention, bridge::PastRetention::send);
  EXPECT_EQ(options.max_records_per_s, 0);
  EXPECT_EQ(options.start_jitter.count(), 0);
  EXPECT_TRUE(options.hold.empty());
}

TEST(ConfigBacklog, every_key_arrives) {
  const auto [options, errors] = options_of(R"([backlog]
order = "live_first"
live_share = 0.3
refused_time = "dead_letter"
past_retention = "hold"
max_rate = 500
start_jitter = "30s"
hold = ["08:00-18:00"]
)");
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(options.order, bridge::Order::live_first);
  EXPECT_EQ(options.live_share, 0.3);
  EXPECT_EQ(options.refused_time, bridge::RefusedTime::dead_letter);
  EXPECT_EQ(options.past_retention, bridge::PastRetention::hold);
  EXPECT_EQ(options.max_records_per_s, 500);
  EXPECT_EQ(options.start_jitter, std::chrono::seconds(30));
  EXPECT_EQ(options.hold.minutes_left(9 * 60), 9 * 60);
}

TEST(ConfigBacklog, a_time_of_the_week_that_is_none_has_its_place) {
  const auto errors = options_of("[backlog]\nhold = [\"8-18\"]\n").errors;
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].place.line, 2U);
  EXPECT_EQ(errors[0].key, "backlog.hold");
  EXPECT_THAT(errors[0].text, testing::HasSubstr("\"8-18\" is no time of the week"));
}

TEST(ConfigBacklog, a_transaction_has_one_order) {
  const auto errors =
      options_of("[kafka]\ndelivery = \"exactly-once\"\n[backlog]\norder = \"live_first\"\n").errors;
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].key, "backlog.order");
  EXPECT_EQ(errors[0].place.line, 4U);
}

}  // namespace
}  // namespace weather::gateway
