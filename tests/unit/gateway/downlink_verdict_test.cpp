#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "tests/crash/random.hpp"
#include "tests/crash/settings.hpp"
#include "tests/unit/gateway/downlink_messages.hpp"

namespace weather::gateway::downlink {
namespace {

constexpr WallTime in_time{sent_s + 10, true};
constexpr std::array all_kinds{Kind::config_set, Kind::config_remove, Kind::reload, Kind::log_level,
                               Kind::drain,      Kind::replay,        Kind::bundle};

Judged judged(const std::string& bytes, const WallTime& now = in_time, const Marks& marks = {},
              const Settings& settings = settings_of_roof()) {
  return judge(bytes, settings, marks, now);
}

bool taken(const Judged& judged) {
  return judged.outcome == Judged::Outcome::take;
}

TEST(DownlinkVerdict, every_kind_is_taken_and_is_read_as_it_was_said) {
  for (const auto kind : all_kinds) {
    const auto message = message_of(kind, 7);
    const auto verdict = judged(sealed_by_centre(message));
    ASSERT_TRUE(taken(verdict)) << to_string(kind) << ": " << verdict.why;
    EXPECT_EQ(*verdict.message, message);
    EXPECT_EQ(verdict.key_id, "centre");
  }
}

TEST(DownlinkVerdict, no_change_of_any_byte_is_taken) {
  for (const auto kind : all_kinds) {
    const auto good = sealed_by_centre(message_of(kind, 7));
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        auto bad = good;
        bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
        EXPECT_FALSE(taken(judged(bad))) << to_string(kind) << ": byte " << at << ", bit " << bit;
      }
      auto without = good, doubled = good;
      without.erase(at, 1);
      doubled.insert(at, 1, doubled[at]);
      EXPECT_FALSE(taken(judged(without))) << to_string(kind) << ": without byte " << at;
      EXPECT_FALSE(taken(judged(doubled))) << to_string(kind) << ": byte " << at << " twice";
      EXPECT_FALSE(taken(judged(good.substr(0, at)))) << to_string(kind) << ": cut at " << at;
    }
    for (const char more : {' ', '\n', '}', '\0'}) EXPECT_FALSE(taken(judged(good + more)));
  }
}

TEST(DownlinkVerdict, parts_of_two_good_messages_are_no_third) {
  const auto first = sealed_by_centre(message_of(Kind::reload, 7));
  const auto second = sealed_by_centre(message_of(Kind::drain, 8));
  const auto line = [](const std::string& text) { return text.substr(0, text.find('\n')); };
  EXPECT_EQ(judged(line(first) + second.substr(second.find('\n'))).refusal, Refusal::forged);
  EXPECT_EQ(judged(line(second) + first.substr(first.find('\n'))).refusal, Refusal::forged);
}

TEST(DownlinkVerdict, another_key_under_the_name_of_a_known_one_forges) {
  const auto payload = to_json(message_of(Kind::reload, 7));
  EXPECT_EQ(judged(sealed("centre", SecretKey::make(), payload)).refusal, Refusal::forged);
  EXPECT_EQ(judged(sealed("other", centre(), payload)).refusal, Refusal::unknown_key);
  auto two = settings_of_roof();
  two.keys.emplace("other", SecretKey::make().public_key());
  EXPECT_EQ(judged(sealed("other", centre(), payload), in_time, {}, two).refusal, Refusal::forged);
}

TEST(DownlinkVerdict, a_serial_is_taken_once_and_never_an_older_one) {
  log::test::Random random(log::test::run_seed());
  Marks marks;
  std::map<std::string, std::uint64_t> highest;
  std::uint64_t takes = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string to = random.one_in(2) ? "all" : "group:north";
    const auto serial = random.between(1, 40 + takes);
    const auto verdict = judged(sealed_by_centre(message_of(Kind::reload, serial, to)), in_time, marks);
    EXPECT_EQ(taken(verdict), serial > highest[to]);
    if (!taken(verdict)) {
      EXPECT_EQ(verdict.refusal, Refusal::replayed);
      continue;
    }
    ++takes;
    highest[to] = marks[{"centre", to}] = serial;
  }
  EXPECT_GT(takes, 10U);
}

TEST(DownlinkVerdict, only_who_is_meant_takes_it) {
  const std::map<std::string, bool> targets{
      {"all", true},          {"gateway:pi-roof", true}, {"group:north", true},   {"gateway:pi", false},
      {"group:south", false}, {"gateway:north", false},  {"group:pi-roof", false}};
  for (const auto& [to, mine] : targets) {
    const auto verdict = judged(sealed_by_centre(message_of(Kind::reload, 1, to)));
    EXPECT_EQ(taken(verdict), mine) << to;
    EXPECT_TRUE(mine || verdict.refusal == Refusal::foreign) << to;
  }
  auto elsewhere = message_of(Kind::reload, 1);
  elsewhere.topic = "orders-of-others";
  EXPECT_EQ(judged(sealed_by_centre(elsewhere)).refusal, Refusal::foreign);
  auto alone = settings_of_roof();
  alone.group.clear();
  EXPECT_EQ(judged(sealed_by_centre(message_of(Kind::reload, 1, "group:north")), in_time, {}, alone).refusal,
            Refusal::foreign);
}

TEST(DownlinkVerdict, time_counts_only_once_it_is_known) {
  const auto message = sealed_by_centre(message_of(Kind::reload, 1));
  EXPECT_TRUE(taken(judged(message, {sent_s + 3600, true})));
  EXPECT_EQ(judged(message, {sent_s + 3601, true}).refusal, Refusal::stale);
  EXPECT_TRUE(taken(judged(message, {sent_s - most_ahead_s, true})));
  EXPECT_EQ(judged(message, {sent_s - most_ahead_s - 1, true}).refusal, Refusal::stale);
  for (const std::int64_t shown : {std::int64_t{0}, sent_s + 10, sent_s + 1'000'000})
    EXPECT_EQ(judged(message, {shown, false}).outcome, Judged::Outcome::hold) << shown;
}

TEST(DownlinkVerdict, what_is_not_ours_does_not_wait_for_the_clock) {
  constexpr WallTime nobody_knows{0, false};
  EXPECT_EQ(judged("{}", nobody_knows).outcome, Judged::Outcome::refuse);
  EXPECT_EQ(judged(sealed_by_centre(message_of(Kind::reload, 1, "gateway:x")), nobody_knows).refusal,
            Refusal::foreign);
  EXPECT_EQ(
      judged(sealed_by_centre(message_of(Kind::reload, 1)), nobody_knows, {{{"centre", "all"}, 1}}).refusal,
      Refusal::replayed);
}

TEST(DownlinkVerdict, a_kind_that_is_not_allowed_is_refused) {
  for (const auto kind : all_kinds) {
    auto settings = settings_of_roof();
    settings.allow.erase(std::string(allowed_as(kind)));
    EXPECT_EQ(judged(sealed_by_centre(message_of(kind, 1)), in_time, {}, settings).refusal,
              Refusal::not_allowed);
  }
}

TEST(DownlinkVerdict, signed_nonsense_is_malformed) {
  const auto refusal = [](const std::string& payload) {
    return judged(sealed("centre", centre(), payload)).refusal;
  };
  const auto good = to_json(message_of(Kind::log_level, 1));
  EXPECT_TRUE(taken(judged(sealed("centre", centre(), good))));
  for (const std::string_view payload : {"", "[]", "{", "null", "{}"})
    EXPECT_EQ(refusal(std::string(payload)), Refusal::malformed);
  const std::map<std::string, std::string> changes{{R"("serial":1)", R"("serial":0)"},
                                                   {R"("serial":1)", R"("serial":"1")"},
                                                   {R"("serial":1)", R"("serial":1.5)"},
                                                   {R"("kind":"log_level")", R"("kind":"reboot")"},
                                                   {R"("kind":"log_level")", R"("kind":"reload")"},
                                                   {R"("to":"all")", R"("to":"group:")"},
                                                   {R"("to":"all")", R"("to":"pi-roof")"},
                                                   {R"("level":"debug")", R"("level":"loud")"},
                                                   {R"("for_seconds":60)", R"("for_seconds":0)"},
                                                   {R"("to":"all")", R"("to":"all","more":1)"}};
  for (const auto& [from, to] : changes) {
    auto bad = good;
    const auto at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << good;
    EXPECT_EQ(refusal(bad.replace(at, from.size(), to)), Refusal::malformed) << bad;
  }
}

TEST(DownlinkVerdict, what_is_too_large_is_not_even_read) {
  EXPECT_EQ(judged(std::string(most_message_bytes + 1, 'x')).refusal, Refusal::too_large);
  auto large = message_of(Kind::config_set, 1);
  large.toml.assign(most_drop_in_bytes + 1, '#');
  EXPECT_EQ(judged(sealed_by_centre(large)).refusal, Refusal::malformed);
}

TEST(DownlinkKeys, a_key_is_the_same_after_it_was_written) {
  const auto again = SecretKey::from_pem(centre().pem());
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(again->public_key(), centre().public_key());
  const auto known = PublicKey::from_text(centre().public_key().text());
  ASSERT_TRUE(known);
  EXPECT_EQ(*known, centre().public_key());
  EXPECT_TRUE(known->verifies("x", again->sign("x")));
  EXPECT_FALSE(known->verifies("y", again->sign("x")));
  for (const std::string_view text :
       {"", "AAAA", "not a key", "=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})
    EXPECT_FALSE(PublicKey::from_text(text)) << text;
  EXPECT_FALSE(SecretKey::from_pem("-----BEGIN PRIVATE KEY-----\n"));
}

// RFC 8032, 7.1, test 2.
TEST(DownlinkKeys, signatures_are_those_of_the_standard) {
  const auto key = PublicKey::from_text("PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw");
  ASSERT_TRUE(key);
  const unsigned char signature[] = {
      0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64, 0x25, 0x40,
      0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda,
      0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99, 0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c,
      0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00};
  EXPECT_TRUE(key->verifies("\x72", {reinterpret_cast<const char*>(signature), sizeof signature}));
}

}  // namespace
}  // namespace weather::gateway::downlink
