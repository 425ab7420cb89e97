#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/downlink/receiver.hpp"
#include "tests/unit/gateway/downlink_messages.hpp"

namespace weather::gateway::downlink {
namespace {

constexpr std::chrono::minutes confirm_within{10};

// One gateway without crashes, whose ports are plain values.
struct Plain {
  State kept;
  std::string keep_error, fault, reload_error;
  Footing footing{true, {{"kafka", true, false, 0, 5}}};
  Now now{{sent_s + 10, true}, {1, 1000}};
  int reloads = 0;
  std::vector<Message> acts;
  std::vector<std::function<void(const std::string&)>> ends;

  Receiver receiver(State state = {}) {
    return {settings_of_roof(),
            confirm_within,
            std::move(state),
            {[this] { return now; },
             [this](const State& next) {
               if (keep_error.empty()) kept = next;
               return keep_error;
             },
             [this](const DropIns&) { return fault; },
             [this] {
               ++reloads;
               return reload_error;
             },
             [this] { return footing; },
             [this](const Message& message, std::function<void(const std::string&)> ended) {
               acts.push_back(message);
               ends.push_back(std::move(ended));
             },
             [](const std::string&) {}}};
  }
};

std::string drop_in(std::uint64_t serial) {
  return sealed_by_centre(message_of(Kind::config_set, serial));
}

void report_all(Receiver& receiver) {
  while (const auto note = receiver.next_note()) receiver.reported(*note);
}

TEST(DownlinkReceiver, a_drop_in_is_kept_once_kafka_has_taken_a_record_and_every_route_is_there) {
  Plain plain;
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  EXPECT_EQ(plain.reloads, 1);
  receiver.look();
  EXPECT_TRUE(receiver.state().trial) << "nobody has confirmed anything";
  plain.footing.settled = false;
  report_all(receiver);
  receiver.look();
  EXPECT_TRUE(receiver.state().trial) << "the routes are not there yet";
  plain.footing = {true, {{"kafka", false, false, 0, 5}}};
  receiver.look();
  EXPECT_TRUE(receiver.state().trial) << "the route is not there";
  plain.footing = {true, {{"kafka", true, false, 3, 5}}};
  receiver.look();
  EXPECT_TRUE(receiver.state().trial) << "readings wait and none was confirmed";
  plain.footing = {true, {{"kafka", true, false, 3, 6}}};
  receiver.look();
  EXPECT_FALSE(receiver.state().trial);
  EXPECT_EQ(receiver.counters().committed, 1U);
  EXPECT_EQ(plain.kept.drop_ins.size(), 1U);
  EXPECT_EQ(plain.reloads, 1);
  EXPECT_EQ(receiver.next_note()->event, "committed");
}

TEST(DownlinkReceiver, what_the_old_routes_still_delivered_says_nothing_of_the_new_ones) {
  Plain plain;
  plain.footing = {true, {{"kafka", true, false, 3, 5}}};
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  plain.footing.routes.front().delivered = 8;
  receiver.routes_are_new("");
  report_all(receiver);
  receiver.look();
  EXPECT_TRUE(receiver.state().trial);
  plain.footing.routes.front().delivered = 9;
  receiver.look();
  EXPECT_FALSE(receiver.state().trial);
}

TEST(DownlinkReceiver, a_drop_in_that_is_not_confirmed_in_time_is_taken_back) {
  Plain plain;
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  plain.footing.routes.front().reached = false;
  plain.now.boot.boot_ms += 599'000;
  receiver.look();
  EXPECT_TRUE(receiver.state().trial);
  EXPECT_FALSE(receiver.take(drop_in(2), 1)) << "one after the other";
  plain.now.boot.boot_ms += 1'000;
  receiver.look();
  EXPECT_FALSE(receiver.state().trial);
  EXPECT_TRUE(plain.kept.drop_ins.empty());
  EXPECT_EQ(plain.reloads, 2);
  EXPECT_NE(receiver.next_note()->reason.find("route kafka does not reach Kafka"), std::string::npos);
  EXPECT_EQ(receiver.counters().reverted, 1U);
}

TEST(DownlinkReceiver, a_route_that_was_not_there_before_does_not_judge) {
  Plain plain;
  plain.footing.routes.push_back({"archive", false, false, 9, 0});
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  report_all(receiver);
  receiver.look();
  EXPECT_FALSE(receiver.state().trial);
  EXPECT_EQ(receiver.counters().committed, 1U);
}

TEST(DownlinkReceiver, a_reload_that_fails_ends_the_trial_at_once) {
  Plain plain;
  plain.reload_error = "the port is taken";
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  EXPECT_FALSE(receiver.state().trial);
  EXPECT_TRUE(plain.kept.drop_ins.empty());
  EXPECT_EQ(receiver.next_note()->reason, "the port is taken");
}

TEST(DownlinkReceiver, a_trial_that_cannot_be_written_back_is_never_kept) {
  Plain plain;
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  plain.keep_error = "no space";
  receiver.routes_are_new("the new settings are of no use");
  receiver.look();
  EXPECT_TRUE(receiver.state().trial);
  plain.keep_error.clear();
  receiver.reported(*receiver.next_note());
  receiver.look();
  EXPECT_FALSE(receiver.state().trial);
  EXPECT_EQ(receiver.counters().committed, 0U);
  EXPECT_EQ(receiver.counters().reverted, 1U);
}

TEST(DownlinkReceiver, the_time_of_a_trial_goes_on_over_starts_and_boots) {
  Plain plain;
  auto first = plain.receiver();
  EXPECT_TRUE(first.take(drop_in(1), 0));
  plain.footing.routes.front().reached = false;
  plain.now.boot.boot_ms += 400'000;
  first.look();  // writes what is left
  plain.now.boot = {2, 5'000};
  auto second = plain.receiver(plain.kept);
  EXPECT_FALSE(second.took_back_at_start());
  EXPECT_EQ(second.state().trial->deadline.left(plain.now.boot), 200'000);
  plain.now.boot.boot_ms += 199'000;
  second.look();
  EXPECT_TRUE(second.state().trial);
  plain.now.boot.boot_ms += 1'000;
  second.look();
  EXPECT_FALSE(second.state().trial);
}

TEST(DownlinkReceiver, a_drop_in_under_which_the_program_keeps_ending_is_taken_back_at_a_start) {
  Plain plain;
  EXPECT_TRUE(plain.receiver().take(drop_in(1), 0));
  for (std::uint64_t start = 1; start <= most_starts; ++start)
    EXPECT_FALSE(plain.receiver(plain.kept).took_back_at_start()) << start;
  EXPECT_TRUE(plain.receiver(plain.kept).took_back_at_start());
  EXPECT_TRUE(plain.kept.drop_ins.empty());
  EXPECT_EQ(plain.kept.notes.back().event, "reverted");
}

TEST(DownlinkReceiver, an_action_that_was_begun_before_a_start_is_told_as_failed_and_not_begun_again) {
  Plain plain;
  const auto replay = sealed_by_centre(message_of(Kind::replay, 1));
  EXPECT_TRUE(plain.receiver().take(replay, 0));
  auto receiver = plain.receiver(plain.kept);
  EXPECT_EQ(receiver.next_note()->event, "failed");
  EXPECT_TRUE(receiver.take(replay, 0));
  EXPECT_EQ(plain.acts.size(), 1U);
  EXPECT_EQ(receiver.counters().refused.at(static_cast<std::size_t>(Refusal::replayed)), 1U);
  plain.ends.front()("");  // of a receiver that is gone
}

TEST(DownlinkReceiver, what_cannot_be_written_is_not_done) {
  Plain plain;
  plain.keep_error = "no space";
  auto receiver = plain.receiver();
  EXPECT_FALSE(receiver.take(sealed_by_centre(message_of(Kind::replay, 1)), 0));
  EXPECT_FALSE(receiver.take(drop_in(2), 0));
  EXPECT_FALSE(receiver.ready());
  EXPECT_TRUE(plain.acts.empty());
  EXPECT_EQ(plain.reloads, 0);
  plain.keep_error.clear();
  receiver.look();
  EXPECT_TRUE(receiver.ready());
  EXPECT_TRUE(receiver.take(sealed_by_centre(message_of(Kind::replay, 1)), 0));
  EXPECT_EQ(plain.acts.size(), 1U);
}

TEST(DownlinkReceiver, nothing_is_passed_while_the_clock_is_not_known) {
  Plain plain;
  plain.now.wall.right = false;
  auto receiver = plain.receiver();
  EXPECT_FALSE(receiver.take(drop_in(1), 0));
  EXPECT_FALSE(receiver.ready());
  EXPECT_EQ(receiver.doing(), "waiting for a clock that is right");
  plain.now.wall.right = true;
  EXPECT_TRUE(receiver.ready());
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
}

TEST(DownlinkReceiver, who_is_refused_is_told_if_he_can_be_and_counted_in_any_case) {
  Plain plain;
  auto receiver = plain.receiver();
  plain.fault = "weather-gateway.toml:1:1: unknown key";
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  EXPECT_EQ(receiver.next_note()->event, "refused");
  EXPECT_NE(receiver.next_note()->reason.find("faulty: weather-gateway.toml:1:1"), std::string::npos);
  EXPECT_EQ(plain.reloads, 0);
  report_all(receiver);
  EXPECT_TRUE(receiver.take(drop_in(1), 1)) << "replayed";
  EXPECT_TRUE(receiver.take("nonsense", 2));
  EXPECT_TRUE(receiver.take(sealed_by_centre(message_of(Kind::reload, 1, "gateway:x")), 3));
  EXPECT_FALSE(receiver.next_note());
  EXPECT_EQ(receiver.last_refused().size(), 2U);
  for (const auto refusal : {Refusal::faulty, Refusal::replayed, Refusal::malformed, Refusal::foreign})
    EXPECT_EQ(receiver.counters().refused.at(static_cast<std::size_t>(refusal)), 1U) << to_string(refusal);
  EXPECT_EQ(receiver.state().next_offset, 4);
  EXPECT_EQ(plain.kept.next_offset, 1);
  plain.now.boot.boot_ms += 60'000;
  receiver.look();
  EXPECT_EQ(plain.kept.next_offset, 4) << "a minute later it is written";
}

}  // namespace
}  // namespace weather::gateway::downlink
