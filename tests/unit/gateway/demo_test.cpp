#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/demo/consumer.hpp"
#include "gateway/demo/script.hpp"
#include "gateway/demo/tally.hpp"
#include "gateway/demo/view.hpp"

namespace weather::gateway {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::HasSubstr;

TEST(Script, steps_in_order_of_time) {
  const auto steps = parse_script("restore@6s,cut@500ms");
  ASSERT_TRUE(steps);
  EXPECT_THAT(*steps, testing::ElementsAre(ScriptStep{milliseconds(500), LinkAction::cut},
                                           ScriptStep{milliseconds(6000), LinkAction::restore}));
  EXPECT_TRUE(parse_script("")->empty());
}

TEST(Script, the_default_cuts_and_restores_within_ten_seconds) {
  const auto steps = parse_script(default_script).value();
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].action, LinkAction::cut);
  EXPECT_EQ(steps[1].action, LinkAction::restore);
  EXPECT_LT(steps[1].at, milliseconds(10'000));
}

TEST(Script, says_what_it_does_not_understand) {
  EXPECT_EQ(parse_script("explode@3s").error(),
            "\"explode@3s\" is not an action; write cut@3s or restore@6s");
  EXPECT_FALSE(parse_script("cut"));
  EXPECT_THAT(parse_script("cut@3").error(), HasSubstr("has no unit"));
}

TEST(Tally, counts_each_reading_once) {
  Tally tally("abc");
  for (const auto* id : {"abc-1", "abc-2", "abc-2", "abc-4"}) tally.consumed(id);
  const auto score = tally.score(4);
  EXPECT_EQ(score.accepted, 4U);
  EXPECT_EQ(score.delivered, 3U);
  EXPECT_EQ(score.lost, 1U);
  EXPECT_EQ(score.duplicates, 1U);
  EXPECT_EQ(score.foreign, 0U);
}

TEST(Tally, an_event_nobody_accepted_is_foreign) {
  Tally tally("abc");
  for (const auto* id : {"", "abc-", "abc-0", "abc-x", "xyz-1", "abc-9"}) tally.consumed(id);
  const auto score = tally.score(2);
  EXPECT_EQ(score.foreign, 6U);
  EXPECT_EQ(score.lost, 2U);
}

TEST(Tally, prints_one_object) {
  EXPECT_EQ(to_json(Score{5, 5, 0, 1, 0}),
            R"({"schema_version":1,"accepted":5,"delivered":5,"lost":0,"duplicates":1})");
}

TEST(Consumed, takes_the_id_and_shows_key_and_value) {
  const auto event = parse_consumed(
      R"({"key":"sensor-001","value":{"temperature":22.5,"humidity":60},"timestamp":"2025-09-20T06:30:00Z","headers":{"ce_id":"abc-7"}})");
  EXPECT_EQ(event.id, "abc-7");
  EXPECT_EQ(event.line, R"(key = sensor-001  value = {"temperature":22.5,"humidity":60})");
  EXPECT_EQ(parse_consumed("nonsense").id, "");
}

DemoView view() {
  DemoView view;
  view.elapsed = milliseconds(4200);
  view.accepted = 1234;
  view.delivered = 1000;
  view.waiting = 234;
  view.link_up = false;
  view.state = "Offline: 234 readings kept";
  for (int i = 0; i < 50; ++i) view.seen.push_back("key = sensor-" + std::to_string(i));
  view.story = {"00:03  link cut"};
  return view;
}

TEST(DemoView, one_line_where_there_is_no_terminal) {
  EXPECT_EQ(demo_line(view()), "4 s  accepted 1234  delivered 1000  waiting 234  offline, the link is cut");
}

TEST(DemoView, the_screen_fits_and_shows_the_newest) {
  const auto lines = demo_screen(view(), 80, 24, false);
  EXPECT_LE(lines.size(), 24U);
  for (const auto& line : lines) EXPECT_LE(line.size(), 80U);
  EXPECT_THAT(lines, Contains(HasSubstr("accepted 1,234   delivered 1,000   waiting 234")));
  EXPECT_THAT(lines, Contains(HasSubstr("-X-")));
  EXPECT_THAT(lines, Contains(HasSubstr("#######")));
  EXPECT_THAT(lines, Contains(HasSubstr("link cut")));
  EXPECT_THAT(lines.back(), HasSubstr("sensor-49"));
}

TEST(DemoView, survives_a_tiny_window) {
  EXPECT_FALSE(demo_screen(view(), 5, 3, true).empty());
}

}  // namespace
}  // namespace weather::gateway
