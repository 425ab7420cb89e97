#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/simulate/fleet_tally.hpp"
#include "gateway/simulate/settings.hpp"
#include "gateway/simulate/timeline.hpp"
#include "gateway/simulate/virtual_gateway.hpp"

namespace weather::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
constexpr VirtualLink::Time start{};

TEST(Rate, is_a_count_in_a_time) {
  EXPECT_EQ(*parse_rate("1/10s"), 10s);
  EXPECT_EQ(*parse_rate("5/1m"), 12s);
  EXPECT_THAT(parse_rate("10s").error(), HasSubstr("such as 1/10s"));
  EXPECT_FALSE(parse_rate("0/1s"));
  EXPECT_FALSE(parse_rate("5000/1s"));
}

TEST(OutageOption, says_how_long_and_when) {
  EXPECT_EQ(parse_outage("20s@30s")->lasts, 20s);
  EXPECT_EQ(parse_outage("20s@30s")->at, 30s);
  EXPECT_FALSE(parse_outage("20s"));
  EXPECT_FALSE(parse_outage("x@30s"));
}

TEST(VirtualLink, learns_that_the_link_is_back_only_by_trying_ever_less_often) {
  VirtualLink link(0ms);
  EXPECT_TRUE(link.up());
  link.cut(start, 0.5);
  int tries = 0;
  auto now = start;
  for (; now < start + 60s; now += 10ms)
    if (link.step(now, false, 0.5)) ++tries;
  EXPECT_EQ(tries, 0);
  EXPECT_FALSE(link.up());
  auto back = now;
  while (!link.step(back, true, 0.5)) back += 10ms;
  EXPECT_LE(back - now, 12s);
  EXPECT_GT(back - now, 100ms) << "it does not know at once";
}

TEST(VirtualLink, jitter_holds_the_backlog_back) {
  VirtualLink link(10s);
  link.cut(start, 0);
  EXPECT_FALSE(link.step(start + 1s, true, 0.5));
  EXPECT_FALSE(link.step(start + 5s, true, 0.5));
  EXPECT_TRUE(link.step(start + 6s, true, 0.5));
}

VirtualGateway gateway() {
  return {4, 4s, 0, start, VirtualLink(0ms)};
}

TEST(VirtualGateway, its_sensors_speak_in_turn_at_their_rate) {
  auto member = gateway();
  member.take_in(start + 9500ms, 1'000'000'000'000);
  EXPECT_EQ(member.accepted(), 10U);
  const auto first = member.next(100), second = member.next(100);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->reading.sequence, 1U);
  EXPECT_EQ(first->reading.sensor, 0U);
  EXPECT_EQ(second->reading.sensor, 1U);
  EXPECT_EQ(first->reading.time_ns, 1'000'000'000'000 - 9'500'000'000);
}

TEST(VirtualGateway, keeps_everything_while_the_link_is_cut_and_sends_it_in_order) {
  auto member = gateway();
  member.link().cut(start, 0);
  member.take_in(start + 20s, 0);
  EXPECT_FALSE(member.next(100));
  EXPECT_EQ(member.waiting(), 21U);
  ASSERT_TRUE(member.link().step(start + 21s, true, 0));
  for (std::uint64_t sequence = 1; sequence <= 21; ++sequence) {
    const auto sending = member.next(1);
    ASSERT_TRUE(sending);
    EXPECT_EQ(sending->reading.sequence, sequence);
    EXPECT_FALSE(member.next(1)) << "the window is full";
    member.reported(sending->id, true);
  }
  EXPECT_EQ(member.waiting(), 0U);
  EXPECT_EQ(member.resent(), 0U);
}

TEST(VirtualGateway, a_failure_sends_again_from_the_first_that_failed_and_not_what_arrived) {
  auto member = gateway();
  member.take_in(start + 3s, 0);
  std::vector<VirtualGateway::Sending> sent;
  while (const auto sending = member.next(100)) sent.push_back(*sending);
  ASSERT_EQ(sent.size(), 4U);
  member.reported(sent[0].id, true);
  member.reported(sent[1].id, false);
  EXPECT_FALSE(member.next(100)) << "nothing may overtake it";
  member.reported(sent[2].id, true);
  member.reported(sent[3].id, false);
  EXPECT_EQ(member.next(100)->reading.sequence, 2U);
  EXPECT_EQ(member.next(100)->reading.sequence, 4U);
  EXPECT_FALSE(member.next(100));
  EXPECT_EQ(member.resent(), 2U);
}

TEST(VirtualGateway, what_the_client_does_not_take_comes_again) {
  auto member = gateway();
  member.take_in(start, 0);
  const auto sending = member.next(100);
  ASSERT_TRUE(sending);
  member.refused(*sending);
  EXPECT_EQ(member.next(100)->reading.sequence, 1U);
}

TEST(FleetTally, counts_what_is_missing_repeated_and_out_of_order) {
  FleetTally tally("run", 2, 2);
  EXPECT_EQ(tally.log_id(1), "run-2");
  for (const auto* id : {"run-1-1", "run-1-2", "run-1-3", "run-1-3", "run-2-3", "run-2-1"})
    EXPECT_TRUE(tally.consumed(id)) << id;
  for (const auto* id : {"other-1-1", "run-3-1", "run-1-x", "run-1", "run-1-0", ""})
    EXPECT_FALSE(tally.consumed(id)) << id;
  const auto score = tally.score({4, 3});
  EXPECT_EQ(score.accepted, 7U);
  EXPECT_EQ(score.delivered, 5U);
  EXPECT_EQ(score.lost, 2U);
  EXPECT_EQ(score.duplicates, 1U);
  EXPECT_EQ(tally.out_of_order(), 1U) << "readings 1 and 3 are of the same sensor";
}

Timeline timeline() {
  std::vector<Second> seconds(8);
  for (auto& second : seconds) second.accepted = second.confirmed = 100;
  seconds[3].confirmed = seconds[4].confirmed = 0;  // the outage
  seconds[3].waiting = 100;
  seconds[4].waiting = 200;
  seconds[5].confirmed = 250;
  seconds[5].waiting = 50;
  seconds[5].back = 6;
  seconds[6].confirmed = 150;
  seconds[6].back = 4;
  return Timeline(seconds);
}

TEST(Timeline, tells_the_storm_and_the_drain) {
  EXPECT_DOUBLE_EQ(timeline().span(0, 3).records_per_s, 100);
  EXPECT_EQ(timeline().span(5, 8).peak_records_per_s, 250U);
  EXPECT_DOUBLE_EQ(*timeline().back_after(5, 0.5), 1);
  EXPECT_DOUBLE_EQ(*timeline().back_after(5, 1), 2);
  EXPECT_EQ(timeline().most_back_in_one_second(5), 6U);
  EXPECT_EQ(timeline().drained_after(5, 0), 2U);
  EXPECT_FALSE(Timeline({}).back_after(0, 1));
  EXPECT_DOUBLE_EQ(*timeline().back_after(6, 1), 1) << "some were back before the second was over";
}

TEST(SimulateReport, says_what_was_found) {
  SimulateSettings settings;
  settings.outage_at = 3s;
  settings.outage_for = 2s;
  SimulateResult result;
  result.score = {800, 800, 0, 3, 0};
  result.timeline = timeline();
  const auto text = simulate_text(settings, result);
  EXPECT_THAT(text, HasSubstr("500 gateways, 10,000 sensors"));
  EXPECT_THAT(text, HasSubstr("accepted 800, delivered 800, lost 0, duplicates 3"));
  EXPECT_THAT(text, HasSubstr("200 readings waiting at its end"));
  EXPECT_THAT(text, HasSubstr("half of the gateways were back within 1 s, the last within 2 s, at most 6"));
  EXPECT_THAT(text, HasSubstr("done after 2 s"));
  EXPECT_THAT(simulate_json(settings, result), HasSubstr("\"drained_after_seconds\":2E0"));
}

}  // namespace
}  // namespace weather::gateway
