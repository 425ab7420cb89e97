#include "sensors/access/login_gate.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Tries : public testing::Test {
 protected:
  LoginLimiter limiter_;
  LoginLimiter::Clock::time_point now_{};
  milliseconds attempt(const std::string& address = "a") { return limiter_.attempt(address, now_); }
};

TEST_F(Tries, five_are_free_and_each_more_waits_twice_as_long_up_to_a_minute) {
  for (unsigned i = 0; i < LoginLimiter::free_tries; ++i) EXPECT_EQ(attempt(), seconds(0)) << i;
  for (const auto wait : {2, 4, 8, 16, 32, 60, 60}) {
    EXPECT_EQ(attempt(), seconds(wait));
    now_ += seconds(wait) - milliseconds(1);
    EXPECT_EQ(attempt(), milliseconds(1));
    now_ += milliseconds(1);
    EXPECT_EQ(attempt(), seconds(0));
  }
}

TEST_F(Tries, one_address_does_not_shut_out_another) {
  for (int i = 0; i < 20; ++i) attempt("bad");
  EXPECT_GT(attempt("bad"), seconds(0));
  EXPECT_EQ(attempt("good"), seconds(0));
}

TEST_F(Tries, a_right_password_or_a_quarter_of_an_hour_start_anew) {
  for (int i = 0; i < 6; ++i) attempt();
  EXPECT_GT(attempt(), seconds(0));
  limiter_.right("a");
  EXPECT_EQ(attempt(), seconds(0));
  for (int i = 0; i < 6; ++i) attempt();
  now_ += minutes(15);
  for (unsigned i = 0; i < LoginLimiter::free_tries; ++i) EXPECT_EQ(attempt(), seconds(0));
}

TEST_F(Tries, a_flood_of_addresses_forgets_the_one_that_tried_longest_ago) {
  for (int i = 0; i < 6; ++i) attempt("first");
  for (std::size_t i = 1; i < LoginLimiter::most_keys; ++i) {
    now_ += milliseconds(1);
    attempt(std::to_string(i));
  }
  EXPECT_GT(attempt("first"), seconds(0)) << "there was room for all";
  attempt("one more");
  EXPECT_EQ(attempt("first"), seconds(0));
}

class Gate : public testing::Test {
 protected:
  LoginGate gate_{"key", seconds(4)};
  LoginGate::Clock::time_point now_{};
  // What a caller does, with "right" as everybody's password. Zero: it was compared, or known.
  milliseconds attempt(const std::string& user, const std::string& password,
                       const std::string& address = "nat") {
    if (gate_.known(user, password)) return milliseconds(0);
    const auto wait = gate_.attempt(address, user, now_);
    if (wait.count() == 0) gate_.answered(address, user, password, password == "right");
    return wait;
  }
};

TEST_F(Gate, remembers_what_was_right_and_what_was_wrong_of_each_user) {
  attempt("a", "right");
  attempt("a", "old");
  EXPECT_EQ(gate_.known("a", "right"), true);
  EXPECT_EQ(gate_.known("a", "old"), false);
  EXPECT_EQ(gate_.known("b", "right"), std::nullopt);
  EXPECT_EQ(gate_.known("ar", "ight"), std::nullopt) << "name and password are not just put together";
  gate_.forget();
  EXPECT_EQ(gate_.known("a", "right"), std::nullopt);
}

TEST_F(Gate, whoever_repeats_one_wrong_password_holds_nobody_off) {
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(attempt("a", "old"), milliseconds(0));
  EXPECT_EQ(attempt("a", "right"), milliseconds(0));
}

TEST_F(Gate, whoever_guesses_one_users_password_holds_no_other_user_of_the_address_off) {
  for (int i = 0; i < 100; ++i) attempt("a", "guess" + std::to_string(i));
  EXPECT_GT(attempt("a", "another"), milliseconds(0));
  EXPECT_EQ(attempt("b", "right"), milliseconds(0));
  EXPECT_EQ(attempt("a", "right", "elsewhere"), milliseconds(0));
}

TEST_F(Gate, a_user_whose_password_is_guessed_gets_in_after_the_longest_wait) {
  for (int i = 0; i < 100; ++i) {
    attempt("a", "guess" + std::to_string(i));
    now_ += seconds(4);
  }
  attempt("a", "one more");
  const auto wait = attempt("a", "right");
  EXPECT_LE(wait, seconds(4));
  now_ += wait;
  EXPECT_EQ(attempt("a", "right"), milliseconds(0));
  EXPECT_EQ(gate_.known("a", "right"), true);
}

TEST_F(Gate, a_flood_of_wrong_passwords_forgets_the_oldest_wrong_ones_and_no_right_one) {
  attempt("a", "right");
  for (std::size_t i = 0; i <= LoginGate::most_remembered; ++i)
    gate_.answered("nat", "b", std::to_string(i), false);
  EXPECT_EQ(gate_.known("b", "0"), std::nullopt);
  EXPECT_EQ(gate_.known("b", "1"), false);
  EXPECT_EQ(gate_.known("a", "right"), true);
}

}  // namespace
}  // namespace weather::sensors
