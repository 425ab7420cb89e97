// What an update may be, and whether it is kept.
#include <gtest/gtest.h>

#include "gateway/update/commit.hpp"
#include "gateway/update/record.hpp"
#include "gateway/update/release.hpp"
#include "gateway/update/slots.hpp"

namespace weather::gateway {
namespace {

int sign(int number) {
  return (number > 0) - (number < 0);
}

TEST(UpdateVersions, AreOrderedAsDebianDoes) {
  // Each is older than those behind it.
  const std::vector<std::string> rising{"",    "0.1~rc1", "0.1",   "0.1+b1",    "0.1.1",        "0.2",
                                        "0.9", "0.10",    "1.0~~", "1.0~beta1", "1.0~rc1~git1", "1.0~rc1",
                                        "1.0", "1.0a",    "1.0+",  "1.0-1",     "1.0.0",        "1.0.1",
                                        "1.2", "1.10",    "2",     "10"};
  for (std::size_t i = 0; i < rising.size(); ++i)
    for (std::size_t j = 0; j < rising.size(); ++j)
      EXPECT_EQ(sign(compare_versions(rising[i], rising[j])), i == j  ? 0
                                                              : i < j ? -1
                                                                      : 1)
          << rising[i] << " and " << rising[j];
  EXPECT_EQ(compare_versions("1.01", "1.1"), 0);
}

const std::string digits(64, 'a');

std::string index(const std::string& change_from = "", const std::string& to = "") {
  auto text =
      R"({"version":"1.2.0","board":"rpi-arm64","bundle":"b.raucb","sha256":")" + digits + R"(","size":100})";
  if (!change_from.empty()) text.replace(text.find(change_from), change_from.size(), to);
  return text;
}

TEST(UpdateIndex, SaysWhatThereIsBeforeItIsLoaded) {
  const auto release = read_index(index(), "https://example.net/fw/latest.json");
  ASSERT_TRUE(release) << release.error();
  EXPECT_EQ(release->version, "1.2.0");
  EXPECT_EQ(release->bundle, "https://example.net/fw/b.raucb");
  EXPECT_EQ(release->bytes, 100U);
  EXPECT_EQ(
      read_index(index("b.raucb", "https://cdn.example.net/b"), "https://example.net/latest.json")->bundle,
      "https://cdn.example.net/b");
}

TEST(UpdateIndex, AnythingElseIsRefused) {
  const auto refused = [](const std::string& from, const std::string& to) {
    return !read_index(index(from, to), "https://example.net/latest.json");
  };
  EXPECT_TRUE(refused("\"1.2.0\"", "\"\""));
  EXPECT_TRUE(refused("\"1.2.0\"", "12"));
  EXPECT_TRUE(refused("board", "bored"));
  EXPECT_TRUE(refused("b.raucb", "http://example.net/b.raucb"));
  EXPECT_TRUE(refused("b.raucb", "file:///etc/passwd"));
  EXPECT_TRUE(refused(digits, digits + "a"));
  EXPECT_TRUE(refused(digits, std::string(64, 'G')));
  EXPECT_TRUE(refused("100", "0"));
  EXPECT_TRUE(refused("100", "-1"));
  EXPECT_TRUE(refused("100", "1e3"));
  EXPECT_TRUE(refused("100", std::to_string(most_bundle_bytes + 1)));
  EXPECT_TRUE(refused("{", "["));
  EXPECT_FALSE(refused("100", std::to_string(most_bundle_bytes)));
}

TEST(UpdateOffer, OlderVersionsAndOtherBoardsAreRefused) {
  const std::string board = "weather-gateway-rpi-arm64";
  EXPECT_EQ(judge_offer("1.1", board, "1.0", board).offer, Offer::newer);
  EXPECT_EQ(judge_offer("1.1", "rpi-arm64", "1.0", board).offer, Offer::newer);
  EXPECT_EQ(judge_offer("1.0", board, "1.0", board).offer, Offer::same);
  EXPECT_EQ(judge_offer("0.9", board, "1.0", board).offer, Offer::refused);
  EXPECT_EQ(judge_offer("1.0~rc1", board, "1.0", board).offer, Offer::refused);
  EXPECT_EQ(judge_offer("1.1", "weather-gateway-rpi-armel", "1.0", board).offer, Offer::refused);
  EXPECT_EQ(judge_offer("1.1", "", "1.0", "").offer, Offer::refused);
}

// Each row by itself, on trial and not, with and without Kafka before.
TEST(UpdateCommit, WhatIsSeenDecides) {
  const CommitFacts well{true, true, true, {}};
  for (const bool kafka_was_online : {false, true}) {
    const CommitRules rules{true, kafka_was_online, 30, 900};
    EXPECT_EQ(unwell(rules, well), "");
    EXPECT_NE(unwell(rules, {false, false, false, {}}), "");
    EXPECT_NE(unwell(rules, {true, false, true, {}}), "");
    EXPECT_EQ(unwell(rules, {true, true, false, {}}).empty(), !kafka_was_online);
    EXPECT_NE(unwell(rules, {true, true, true, {"rtl.service"}}).find("rtl.service"), std::string::npos);
  }
}

TEST(UpdateCommit, ASlotThatIsNotOnTrialIsKeptAtOnceWhateverIsSeen) {
  CommitJudge judge({false, true, 30, 900});
  EXPECT_EQ(judge.look(0, {}).step, CommitStep::keep);
}

TEST(UpdateCommit, OnTrialItMustLookWellForAWhileWithoutABreak) {
  const CommitFacts well{true, true, true, {}}, broken{false, false, false, {}};
  CommitJudge judge({true, true, 30, 900});
  EXPECT_EQ(judge.look(0, broken).step, CommitStep::wait);
  EXPECT_EQ(judge.look(10, well).step, CommitStep::wait);
  EXPECT_EQ(judge.look(39, well).step, CommitStep::wait);
  EXPECT_EQ(judge.look(39.5, broken).step, CommitStep::wait);
  EXPECT_EQ(judge.look(45, well).step, CommitStep::wait);
  EXPECT_EQ(judge.look(74, well).step, CommitStep::wait);
  EXPECT_EQ(judge.look(75, well).step, CommitStep::keep);
}

TEST(UpdateCommit, AtTheDeadlineItIsLeftWithTheReason) {
  const CommitFacts well{true, true, true, {}}, broken{true, false, true, {}};
  CommitJudge judge({true, false, 30, 900});
  EXPECT_EQ(judge.look(899, broken).step, CommitStep::wait);
  const auto verdict = judge.look(900, broken);
  EXPECT_EQ(verdict.step, CommitStep::leave);
  EXPECT_NE(verdict.reason.find("log"), std::string::npos);
  CommitJudge late({true, false, 30, 900});  // well just before it: it gets its while, and no more
  EXPECT_EQ(late.look(899, well).step, CommitStep::wait);
  EXPECT_EQ(late.look(928, well).step, CommitStep::wait);
  EXPECT_EQ(late.look(929, well).step, CommitStep::keep);
  CommitJudge later({true, false, 30, 900});
  EXPECT_EQ(later.look(905, well).step, CommitStep::wait);
  EXPECT_EQ(later.look(931, well).step, CommitStep::leave);
}

// However it goes: it ends by the deadline and the while, and is kept only after a while that was well.
TEST(UpdateCommit, EveryCourseOfTenLooksEndsInTime) {
  const CommitFacts well{true, true, true, {}}, broken{};
  for (unsigned course = 0; course < 1U << 10U; ++course) {
    CommitJudge judge({true, true, 3, 6});
    double well_for = -1;
    bool ended = false;
    for (int second = 0; second < 10 && !ended; ++second) {
      const bool good = (course >> static_cast<unsigned>(second) & 1U) != 0;
      well_for = good ? well_for + 1 : -1;
      const auto step = judge.look(second, good ? well : broken).step;
      EXPECT_TRUE(step != CommitStep::keep || well_for >= 3) << course;
      EXPECT_TRUE(step != CommitStep::leave || second >= 6) << course;
      ended = step != CommitStep::wait;
    }
    EXPECT_TRUE(ended) << course;
  }
}

TEST(UpdateSlots, AreReadFromRaucAndFromUBootsState) {
  const auto slots = read_slots(
      R"({"compatible":"weather-gateway-virt","variant":"","booted":"A","boot_primary":"rootfs.0","slots":[
        {"rootfs.1":{"class":"rootfs","device":"/dev/b","type":"ext4","bootname":"B","state":"inactive","parent":null,"mountpoint":null,
          "boot_status":"bad","slot_status":{"bundle":{"compatible":"weather-gateway-virt","version":"1.2"},"checksum":{"size":1}}}},
        {"rootfs.0":{"class":"rootfs","device":"/dev/a","type":"ext4","bootname":"A","state":"booted","parent":null,"mountpoint":"/","boot_status":"good"}}]})",
      "BOOT_ORDER=B A\nBOOT_A_LEFT=3\nBOOT_B_LEFT=0\n");
  ASSERT_TRUE(slots) << slots.error();
  EXPECT_EQ(slots->compatible, "weather-gateway-virt");
  EXPECT_EQ(slots->first, "B");
  ASSERT_EQ(slots->slots.size(), 2U);
  EXPECT_EQ(slots->slots[0].name, "B");
  EXPECT_EQ(slots->slots[0].version, "1.2");
  EXPECT_FALSE(slots->slots[0].good);
  EXPECT_EQ(slots->slots[0].attempts_left, 0);
  EXPECT_TRUE(slots->slots[1].booted);
  EXPECT_EQ(slots->slots[1].attempts_left, 3);
  EXPECT_FALSE(read_slots("", ""));
  EXPECT_FALSE(read_slots("{}", ""));
}

TEST(UpdateSlots, TheKernelsCommandLineSaysWhichRunsAndWhetherOnTrial) {
  EXPECT_EQ(booted_slot("ro rauc.slot=B weather.trial\n").name, "B");
  EXPECT_TRUE(booted_slot("ro rauc.slot=B weather.trial\n").trial);
  EXPECT_FALSE(booted_slot("ro rauc.slot=A panic=10").trial);
  EXPECT_EQ(booted_slot("quiet").name, "");
}

TEST(UpdateRecords, WhatAStartFindsSaysWhatBecameOfIt) {
  const UpdateRecord installing{"installing", "B", "2", "1", "", "2026-01-01T00:00:00Z", "first", true};
  EXPECT_EQ(record_from(to_json(installing)), installing);
  EXPECT_EQ(record_from("{"), std::nullopt);
  const BootedSlot a{"A", false}, b_on_trial{"B", true}, b{"B", false};
  EXPECT_EQ(seen_from(installing, a, "first"), installing);            // under way
  EXPECT_EQ(seen_from(installing, b_on_trial, "second"), installing);  // all of it was there
  EXPECT_EQ(seen_from(installing, a, "second").phase, "failed");       // the power went
  auto installed = installing;
  installed.phase = "installed";
  EXPECT_EQ(seen_from(installed, a, "first").phase, "installed");  // waits for a restart
  EXPECT_EQ(seen_from(installed, b_on_trial, "second").phase, "installed");
  EXPECT_EQ(seen_from(installed, b, "second").phase, "kept");  // the power went before that was written down
  EXPECT_EQ(seen_from(installed, a, "second").phase, "left");
  EXPECT_EQ(seen_from(installed, a, "second").reason, "its slot did not come up");
  installed.reason = "Kafka";
  EXPECT_EQ(seen_from(installed, a, "second").reason, "Kafka");
  installed.phase = "left";
  EXPECT_EQ(seen_from(installed, b, "third").phase, "left");
}

}  // namespace
}  // namespace weather::gateway
