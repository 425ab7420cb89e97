#include "gateway/ingest/ingest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/gateway/fake_log.hpp"

namespace weather::gateway {
namespace {

using sensors::Decoded;
using sensors::Message;
using sensors::Reading;
using sensors::Waits;

class FixedStamper final : public Stamper {
 public:
  Stamp now() override { return stamp; }
  Stamp stamp{1'000'000'000, 5'000, 42, v1::CLOCK_SYNCHRONISED};
};

// "a b" is two readings of sensors a and b; "?" cannot be read; "" says nothing.
Decoded words(const Message& message) {
  std::vector<Reading> readings;
  std::string_view rest = message.payload;
  if (rest == "?") return tl::unexpected(sensors::DecodeError{"json_syntax", "offset 0: expected '{'"});
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    readings.emplace_back().set_sensor_id(std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return readings;
}

class IngestTest : public testing::Test {
 protected:
  Message message(std::string_view payload, std::uint32_t packet_id = 0, bool duplicate = false) {
    Message result;
    result.source = "mqtt:a";
    result.topic = "weather/x";
    result.payload = payload;
    result.packet_id = packet_id;
    result.duplicate = duplicate;
    return result;
  }
  Reading stored(std::size_t index) {
    Reading reading;
    EXPECT_TRUE(reading.ParseFromString(log_.stored.at(index).payload));
    return reading;
  }

  FakeLog log_;
  FixedStamper stamper_;
  IngestOptions options_{"pi-roof"};
  Ingest ingest_{log_, stamper_, options_, nullptr};
};

TEST_F(IngestTest, stamps_and_stores) {
  EXPECT_EQ(ingest_.accept(message("a"), words, Waits::yes), 1U);
  const auto reading = stored(0);
  EXPECT_EQ(reading.sensor_id(), "a");
  EXPECT_EQ(reading.gateway_id(), "pi-roof");
  EXPECT_EQ(reading.received_time_ns(), 1'000'000'000U);
  EXPECT_EQ(reading.boot_clock_ns(), 5'000U);
  EXPECT_EQ(reading.boot_id(), 42U);
  EXPECT_EQ(reading.clock_quality(), v1::CLOCK_SYNCHRONISED);
  EXPECT_EQ(reading.arrival().source(), "mqtt:a");
  EXPECT_EQ(reading.arrival().topic(), "weather/x");
}

TEST_F(IngestTest, a_reading_without_a_time_of_its_own_gets_the_arrival) {
  ASSERT_TRUE(ingest_.accept(message("a"), words, Waits::no));
  EXPECT_EQ(stored(0).event_time_ns(), 1'000'000'000U);
  EXPECT_EQ(stored(0).time_source(), v1::TIME_GATEWAY);
  const auto timed = [](const Message&) -> Decoded {
    Reading reading;
    reading.set_event_time_ns(77);
    reading.set_time_source(v1::TIME_SENSOR);
    return std::vector{reading};
  };
  ASSERT_TRUE(ingest_.accept(message("x"), timed, Waits::no));
  EXPECT_EQ(stored(1).event_time_ns(), 77U);
  EXPECT_EQ(stored(1).time_source(), v1::TIME_SENSOR);
}

TEST_F(IngestTest, a_message_with_a_reading_of_anothers_sensor_is_refused_as_a_whole) {
  const sensors::IdRule rule{"a"};
  sensors::IdCheck check{&rule};
  auto foreign = message("a/1 b a/2");
  foreign.ids = &check;
  const auto refused = ingest_.accept(foreign, words, Waits::yes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), sensors::AccessErrc::foreign_id);
  EXPECT_EQ(check.refused, "b");
  EXPECT_TRUE(log_.stored.empty());
  auto own = message("a/1 a/2");
  own.ids = &check;
  EXPECT_TRUE(ingest_.accept(own, words, Waits::yes));
  EXPECT_EQ(log_.stored.size(), 2U);
  EXPECT_EQ(ingest_.counters().at("mqtt:a").foreign, 1U);
  EXPECT_EQ(ingest_.counters().at("mqtt:a").readings, 2U);
}

TEST_F(IngestTest, what_nobody_wants_is_acknowledged_and_counted_and_goes_no_further) {
  sensors::StageOptions stage;
  stage.sensor_names = {{"c", "called"}};
  stage.ignored_sensors = {"b", "called"};
  ingest_.set_stage(stage);
  EXPECT_EQ(ingest_.accept(message("a b"), words, Waits::yes), 1U);
  EXPECT_EQ(ingest_.accept(message("b c b"), words, Waits::yes), 0U) << "nothing to wait for";
  EXPECT_EQ(ingest_.accept(message("?"), words, Waits::yes), 2U) << "whose it is nobody knows";
  EXPECT_EQ(log_.stored.size(), 2U);
  EXPECT_EQ(ingest_.counters().at("mqtt:a").ignored, 4U);
  EXPECT_EQ(ingest_.counters().at("mqtt:a").readings, 2U);
  ingest_.set_stage({});
  EXPECT_EQ(ingest_.accept(message("b"), words, Waits::yes), 3U) << "heard again";
}

TEST_F(IngestTest, readings_of_one_message_share_one_append) {
  EXPECT_EQ(ingest_.accept(message("a b c"), words, Waits::yes), 3U);
  EXPECT_EQ(log_.stored[0].frame, log_.stored[2].frame);
  EXPECT_THAT(log_.waits, testing::ElementsAre(log::Wait::now));
}

TEST_F(IngestTest, nobody_waiting_means_grouped) {
  ASSERT_TRUE(ingest_.accept(message("a"), words, Waits::no));
  EXPECT_THAT(log_.waits, testing::ElementsAre(log::Wait::grouped));
}

TEST_F(IngestTest, who_hurries_hurries_the_log) {
  ASSERT_TRUE(ingest_.accept(message("a"), words, Waits::no));
  EXPECT_EQ(log_.hurries, 0);
  ingest_.hurry();
  EXPECT_EQ(log_.hurries, 1);
}

TEST_F(IngestTest, what_cannot_be_decoded_is_kept_raw_counted_and_accepted) {
  EXPECT_EQ(ingest_.accept(message("?"), words, Waits::yes), 1U);
  const auto reading = stored(0);
  EXPECT_EQ(reading.raw(), "?");
  EXPECT_EQ(reading.flags(), v1::FLAG_PARSE_PARTIAL);
  EXPECT_EQ(reading.error(), "offset 0: expected '{'");
  EXPECT_EQ(reading.arrival().topic(), "weather/x");
  EXPECT_EQ(ingest_.counters().at("mqtt:a").undecodable.at("json_syntax"), 1U);
}

TEST_F(IngestTest, an_id_of_any_size_is_no_sensor) {
  const std::string longest(255, 's'), longer(256, 's');
  ASSERT_TRUE(ingest_.accept(message(longest), words, Waits::yes));
  EXPECT_EQ(stored(0).sensor_id(), longest);
  ASSERT_TRUE(ingest_.accept(message("a " + longer), words, Waits::yes));
  EXPECT_EQ(stored(1).raw(), "a " + longer);
  EXPECT_EQ(stored(1).error(), "an id of 256 bytes; a sensor's has at most 255");
  EXPECT_EQ(ingest_.counters().at("mqtt:a").undecodable.at("id_too_long"), 1U);
}

TEST_F(IngestTest, what_cannot_be_decoded_keeps_whose_sensors_it_may_speak_of) {
  const sensors::IdRule rule{"anna", {"site/a", "site/b"}};
  sensors::IdCheck check{&rule};
  auto bound = message("?");
  bound.ids = &check;
  ASSERT_TRUE(ingest_.accept(bound, words, Waits::yes));
  EXPECT_EQ(stored(0).arrival().owner().user(), "anna");
  EXPECT_THAT(stored(0).arrival().owner().id_prefixes(), testing::ElementsAre("site/a", "site/b"));
  ASSERT_TRUE(ingest_.accept(message("?"), words, Waits::yes));
  EXPECT_FALSE(stored(1).arrival().has_owner());
}

TEST_F(IngestTest, a_payload_beyond_the_limit_is_not_decoded_and_keeps_its_beginning) {
  const std::string large(300'000, 'x');
  EXPECT_EQ(ingest_.accept(message(large), words, Waits::yes), 1U);
  EXPECT_EQ(stored(0).raw().size(), 1024U);
  EXPECT_THAT(stored(0).error(), testing::HasSubstr("300000"));
  EXPECT_EQ(ingest_.counters().at("mqtt:a").undecodable.at("too_large"), 1U);
}

TEST_F(IngestTest, a_message_whose_readings_the_log_never_takes_together_is_kept_raw) {
  log_.most_records = 2;
  EXPECT_EQ(ingest_.accept(message("a b c"), words, Waits::yes), 1U);
  EXPECT_EQ(stored(0).raw(), "a b c");
  EXPECT_EQ(stored(0).arrival().topic(), "weather/x");
  EXPECT_EQ(ingest_.counters().at("mqtt:a").undecodable.at("too_large"), 1U);
}

TEST_F(IngestTest, a_message_that_says_nothing_is_accepted_and_not_stored) {
  const auto nothing = [](const sensors::Message&) -> sensors::Decoded {
    return std::vector<sensors::Reading>{};
  };
  EXPECT_EQ(ingest_.accept(message("ON"), nothing, Waits::yes), 0U);
  EXPECT_TRUE(log_.stored.empty());
  EXPECT_EQ(ingest_.counters().at("mqtt:a").passed_over, 1U);
}

TEST_F(IngestTest, a_cleared_retained_topic_is_no_dead_letter) {
  const auto refuse = [](const sensors::Message&) -> sensors::Decoded {
    return tl::unexpected(sensors::DecodeError{"empty", ""});
  };
  EXPECT_EQ(ingest_.accept(message(""), refuse, Waits::yes), 0U);
  EXPECT_TRUE(log_.stored.empty());
  EXPECT_EQ(ingest_.counters().at("mqtt:a").passed_over, 1U);
  EXPECT_TRUE(ingest_.counters().at("mqtt:a").undecodable.empty());
}

TEST_F(IngestTest, a_redelivery_of_what_is_stored_is_dropped) {
  ASSERT_TRUE(ingest_.accept(message("a", 7), words, Waits::yes));
  ASSERT_TRUE(ingest_.accept(message("a", 7, true), words, Waits::yes));
  EXPECT_EQ(log_.stored.size(), 1U);
  EXPECT_EQ(ingest_.counters().at("mqtt:a").duplicates, 1U);
}

TEST_F(IngestTest, a_redelivery_of_what_never_came_is_stored) {
  ASSERT_TRUE(ingest_.accept(message("a", 7, true), words, Waits::yes));
  EXPECT_EQ(log_.stored.size(), 1U);
}

TEST_F(IngestTest, the_same_payload_without_dup_is_a_new_reading) {
  ASSERT_TRUE(ingest_.accept(message("a", 7), words, Waits::yes));
  ASSERT_TRUE(ingest_.accept(message("a", 7), words, Waits::yes));
  EXPECT_EQ(log_.stored.size(), 2U);
}

// kill -9 between "durable" and "acknowledged": the broker sends the message again to the next process.
TEST_F(IngestTest, a_redelivery_is_known_after_a_restart) {
  ASSERT_TRUE(ingest_.accept(message("a b", 7), words, Waits::yes));
  Ingest next(log_, stamper_, options_, nullptr);
  ASSERT_TRUE(next.accept(message("a b", 7, true), words, Waits::yes));
  EXPECT_EQ(log_.stored.size(), 2U);
  ASSERT_TRUE(next.accept(message("a b", 8, true), words, Waits::yes));
  EXPECT_EQ(log_.stored.size(), 4U);
}

// The first copy is appended but not durable: acknowledging the second at once would be a lie.
TEST_F(IngestTest, a_redelivery_waits_for_the_first_copy) {
  log_.durable_at_once = false;
  ASSERT_TRUE(ingest_.accept(message("a", 7), words, Waits::yes));
  const auto ticket = ingest_.accept(message("a", 7, true), words, Waits::yes);
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(ingest_.wait(*ticket, std::chrono::milliseconds(1)));
  log_.make_durable();
  EXPECT_TRUE(ingest_.wait(*ticket, std::chrono::milliseconds(1)));
}

TEST_F(IngestTest, what_the_log_refuses_is_an_error_and_may_come_again) {
  log_.refuse = log::make_error_code(log::Errc::degraded);
  EXPECT_FALSE(ingest_.accept(message("a", 7), words, Waits::yes));
  log_.refuse = {};
  EXPECT_EQ(ingest_.accept(message("a", 7, true), words, Waits::yes), 1U);
  EXPECT_EQ(ingest_.counters().at("mqtt:a").refused.size(), 1U);
}

TEST_F(IngestTest, drop_newest_counts_and_lets_the_sender_go_on_once_that_is_safe) {
  options_.drop_when_full = true;
  Ingest dropping(log_, stamper_, options_, nullptr);
  std::vector<sensors::Ticket> reported;
  dropping.on_durable([&](sensors::Ticket durable) { reported.push_back(durable); });
  ASSERT_TRUE(dropping.accept(message("a", 1), words, Waits::yes));
  log_.refuse = log::make_error_code(log::Errc::full);
  const auto ticket = dropping.accept(message("a b", 2), words, Waits::yes);
  ASSERT_TRUE(ticket);
  EXPECT_EQ(*ticket, (sensors::Ticket{1, 2}));
  EXPECT_EQ(dropping.counters().at("mqtt:a").dropped_full, 2U);
  EXPECT_LT(dropping.durable(), *ticket);
  EXPECT_FALSE(dropping.wait(*ticket, std::chrono::milliseconds(1)));
  log_.counted = 2;
  log_.make_durable();
  EXPECT_GE(dropping.durable(), *ticket);
  EXPECT_EQ(reported.back(), *ticket);
  EXPECT_TRUE(dropping.wait(*ticket, std::chrono::milliseconds(1)));
  // It comes again because its acknowledgement was lost: counted once.
  EXPECT_EQ(dropping.accept(message("a b", 2, true), words, Waits::yes), *ticket);
  EXPECT_EQ(log_.refused, 2U);
  EXPECT_FALSE(ingest_.accept(message("a"), words, Waits::yes));
}

TEST_F(IngestTest, a_retained_message_is_marked) {
  auto retained = message("a");
  retained.retained = true;
  ASSERT_TRUE(ingest_.accept(retained, words, Waits::no));
  EXPECT_EQ(stored(0).flags(), v1::FLAG_RETAINED);
}

TEST_F(IngestTest, a_publication_of_qos_2_says_so) {
  auto sent = message("a", 7);
  sent.exactly_once = true;
  ASSERT_TRUE(ingest_.accept(sent, words, Waits::yes));
  EXPECT_EQ(stored(0).arrival().exchange(), v1::EXCHANGE_PUBLISHED);
}

// Published while we were away it comes twice: from the session's queue, and as what the topic keeps. Later
// it comes with every new subscription.
TEST_F(IngestTest, a_retained_message_that_is_stored_already_is_no_second_reading) {
  ASSERT_TRUE(ingest_.accept(message("a", 7), words, Waits::yes));
  auto retained = message("a", 8);
  retained.retained = true;
  ASSERT_TRUE(ingest_.accept(retained, words, Waits::yes));
  ASSERT_TRUE(ingest_.accept(message("b"), words, Waits::yes));
  Ingest next(log_, stamper_, options_, nullptr);
  ASSERT_TRUE(next.accept(retained, words, Waits::yes));
  EXPECT_EQ(log_.stored.size(), 2U);
  EXPECT_EQ(next.counters().at("mqtt:a").duplicates, 1U);
  retained.payload = "c";
  ASSERT_TRUE(next.accept(retained, words, Waits::yes));
  EXPECT_EQ(log_.stored.size(), 3U);
}

TEST_F(IngestTest, polled_readings_count_for_their_adapter) {
  Reading reading;
  reading.mutable_source()->set_adapter("w1");
  EXPECT_EQ(ingest_.store({reading, reading}, Waits::no), 2U);
  EXPECT_EQ(ingest_.counters().at("w1").readings, 2U);
}

}  // namespace
}  // namespace weather::gateway
