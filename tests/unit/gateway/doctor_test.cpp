#include <stdexcept>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/encode/clock_table.hpp"
#include "gateway/commands/scrub.hpp"
#include "gateway/doctor/judge.hpp"
#include "gateway/doctor/relay.hpp"

namespace weather::gateway {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::int64_t second = 1'000'000'000, day = 86'400 * second, noon = 1'790'000'000 * second;
constexpr std::uint64_t gib = 1U << 30U;

DiskFacts good_disk() {
  DiskFacts facts;
  facts.folder = "/var/lib/weather-gateway";
  facts.file_system = "ext4";
  facts.free_bytes = 12 * gib;
  facts.total_bytes = 29 * gib;
  facts.sync_p50_s = 0.004;
  facts.sync_max_s = 0.040;
  return facts;
}

const Finding& named(const std::vector<Finding>& findings, std::string_view check) {
  for (const auto& finding : findings)
    if (finding.check == check) return finding;
  throw std::runtime_error("no finding of " + std::string(check));
}

TEST(JudgeDisk, AGoodCardIsSaidToBeGoodInOneLineEach) {
  const auto findings = judge_disk(good_disk());
  EXPECT_FALSE(any_fault(findings));
  EXPECT_THAT(to_text(findings),
              HasSubstr("ok       fsync       writing 4 KiB for good takes 4.0 ms, at most 40 ms\n"));
  for (const auto& finding : findings) EXPECT_THAT(finding.todo, IsEmpty());
}

TEST(JudgeDisk, StorageThatARebootEmptiesIsAWarningWithTheWayOut) {
  auto facts = good_disk();
  facts.file_system = "tmpfs";
  facts.is_volatile = true;
  const auto disk = named(judge_disk(facts), "disk");
  EXPECT_EQ(disk.grade, Grade::warning);
  EXPECT_THAT(disk.text, HasSubstr("tmpfs: a reboot empties it"));
  EXPECT_THAT(disk.todo, HasSubstr("partition of its own"));
}

TEST(JudgeDisk, AFolderThatCannotBeWrittenIsAFault) {
  auto facts = good_disk();
  facts.error = "cannot be written: Permission denied";
  EXPECT_TRUE(any_fault(judge_disk(facts)));
}

TEST(JudgeDisk, SaysForHowManyDaysThereIsRoomAtTheRateSoFar) {
  auto facts = good_disk();
  facts.wanted_bytes = gib;
  facts.bytes_per_day = static_cast<double>(gib) / 12;
  EXPECT_THAT(named(judge_disk(facts), "space").text, HasSubstr("room for 12 days"));
}

TEST(JudgeDisk, AFullFileSystemIsAFaultAndOneTooSmallForTheLogAWarning) {
  auto facts = good_disk();
  facts.wanted_bytes = 20 * gib;
  EXPECT_EQ(named(judge_disk(facts), "space").grade, Grade::warning);
  facts.free_bytes = 1 << 20;
  EXPECT_EQ(named(judge_disk(facts), "space").grade, Grade::fault);
}

TEST(JudgeDisk, WhatTheLogHasAlreadyIsNotMissing) {
  auto facts = good_disk();
  facts.wanted_bytes = 14 * gib;
  facts.own_bytes = 3 * gib;
  EXPECT_EQ(named(judge_disk(facts), "space").grade, Grade::ok);
}

TEST(JudgeDisk, SaysWhenTheDeadLettersDoNotFitBesideTheLog) {
  auto facts = good_disk();
  facts.wanted_bytes = 10 * gib;
  facts.keep_free_bytes = gib;
  facts.letters_bytes = gib;
  EXPECT_EQ(named(judge_disk(facts), "space").grade, Grade::ok);
  facts.letters_bytes = gib + 1;
  const auto space = named(judge_disk(facts), "space");
  EXPECT_EQ(space.grade, Grade::note);
  EXPECT_THAT(space.text, HasSubstr("dead letters have less than their"));
  EXPECT_THAT(space.todo, HasSubstr("dead_letters.max_bytes"));
}

TEST(JudgeDisk, ASlowCardIsAWarning) {
  auto facts = good_disk();
  facts.sync_p50_s = 0.4;
  EXPECT_EQ(named(judge_disk(facts), "fsync").grade, Grade::warning);
}

TEST(JudgeClock, EachStateHasItsWayOut) {
  const auto grade = [](ClockFacts facts) { return judge_clock(facts).front(); };
  EXPECT_EQ(grade({v1::CLOCK_SYNCHRONISED, noon, 0, true, ""}).grade, Grade::ok);
  EXPECT_THAT(grade({v1::CLOCK_UNSYNCHRONISED, noon, 0, true, ""}).todo, HasSubstr("timedatectl"));
  EXPECT_THAT(grade({v1::CLOCK_UNSYNCHRONISED, noon, 0, false, ""}).todo, HasSubstr("chrony"));
  EXPECT_EQ(grade({v1::CLOCK_UNKNOWN, noon, 0, false, ""}).grade, Grade::note);
  EXPECT_THAT(grade({v1::CLOCK_SYNCHRONISED, 40 * second, 0, true, ""}).text, HasSubstr("certainly wrong"));
  EXPECT_THAT(grade({v1::CLOCK_UNSYNCHRONISED, noon, noon + day, true, ""}).text,
              HasSubstr("certainly wrong"));
}

TEST(JudgeClock, NamesTheTimeZone) {
  EXPECT_THAT(judge_clock({v1::CLOCK_SYNCHRONISED, noon, 0, true, "Africa/Nairobi"}).back().text,
              HasSubstr("Africa/Nairobi"));
}

TEST(JudgeCertificate, CountsTheDaysThatAreLeft) {
  EXPECT_EQ(judge_certificate({"kafka", "a.pem", "", noon + 90 * day}, noon).grade, Grade::ok);
  const auto soon = judge_certificate({"kafka", "a.pem", "", noon + 12 * day}, noon);
  EXPECT_EQ(soon.grade, Grade::warning);
  EXPECT_THAT(soon.text, HasSubstr("12 days"));
  EXPECT_EQ(judge_certificate({"kafka", "a.pem", "", noon - second}, noon).grade, Grade::fault);
  EXPECT_EQ(judge_certificate({"kafka", "a.pem", "no certificate in it", {}}, noon).grade, Grade::fault);
}

TEST(Certificates, TheFirstToEndIsFoundAndItsDaysAreWhole) {
  const std::vector<CertificateFacts> some{{"unreadable", "u.pem", "no certificate in it", {}},
                                           {"later", "l.pem", "", noon + 90 * day},
                                           {"first", "f.pem", "", noon + 2 * day - second}};
  const auto* first = first_to_end(some);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->what, "first");
  EXPECT_EQ(days_left(*first, noon), 1);
  EXPECT_EQ(days_left(*first, noon + 2 * day), -1);
  EXPECT_EQ(first_to_end({some[0]}), nullptr);
}

bridge::Inspection reached() {
  bridge::Inspection found;
  found.kafka.reached = true;
  found.kafka.brokers = 3;
  found.topic.exists = true;
  found.topic.partitions = 6;
  found.topic.may_write = true;
  return found;
}

TEST(JudgeKafka, AReachableTopicThatMayBeWrittenIsGood) {
  const auto findings = judge_kafka(reached(), "broker:9092", "weather");
  EXPECT_EQ(findings.size(), 3U);
  for (const auto& finding : findings) EXPECT_EQ(finding.grade, Grade::ok) << finding.text;
}

TEST(JudgeKafka, AnAbsentBrokerIsNoFaultBecauseTheGatewayWaitsForIt) {
  bridge::Inspection found;
  found.kafka.error = "Connect to ipv4#127.0.0.1:1 failed: Connection refused";
  const auto findings = judge_kafka(found, "broker:9092", "weather");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].grade, Grade::warning);
  EXPECT_THAT(findings[0].todo, HasSubstr("readings are kept"));
}

TEST(JudgeKafka, AProxyThatRefusesIsAFaultAndNotTheBrokers) {
  bridge::Inspection found;
  found.kafka.refused = true;
  found.kafka.error = "the proxy proxy:3128 refuses this gateway: it wants a user and a password (407)";
  const auto findings = judge_kafka(found, "broker:9092", "weather");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].grade, Grade::fault);
  EXPECT_THAT(findings[0].text, HasSubstr("broker:9092 is not reached: the proxy"));
  EXPECT_THAT(findings[0].todo, HasSubstr("[kafka.proxy]"));
}

TEST(JudgeKafka, ARefusalAMissingTopicAndMissingRightsAreFaults) {
  bridge::Inspection refused;
  refused.kafka.refused = true;
  EXPECT_TRUE(any_fault(judge_kafka(refused, "b", "weather")));
  auto found = reached();
  found.topic.may_write = false;
  EXPECT_THAT(to_text(judge_kafka(found, "b", "weather")), HasSubstr("kafka-acls --add"));
  found.topic.exists = false;
  EXPECT_THAT(to_text(judge_kafka(found, "b", "weather")),
              HasSubstr("kafka-topics --create --topic weather"));
  found.topic.denied = true;
  EXPECT_TRUE(any_fault(judge_kafka(found, "b", "weather")));
}

TEST(JudgeKafka, ATokenIsJudgedBesideTheBroker) {
  using State = oauth::Schedule::State;
  bridge::Inspection found;
  found.kafka.reached = true;
  const auto token = [&](State state, const std::string& reason = "", const std::string& note = "") {
    found.token =
        oauth::TokenStatus{"https://id", state, std::chrono::seconds(11'520), reason, "audience kafka", note};
    return named(judge_kafka(found, "b:9092", "t"), "token");
  };
  EXPECT_EQ(token(State::fresh).grade, Grade::ok);
  EXPECT_EQ(token(State::fresh).text, "the token of https://id (audience kafka) lives for another 3 h");
  EXPECT_EQ(token(State::fresh, "", "this machine's clock is 2 h behind").grade, Grade::warning);
  EXPECT_EQ(token(State::ageing, "it cannot be reached").grade, Grade::warning);
  EXPECT_THAT(token(State::ageing, "it cannot be reached").text,
              HasSubstr("and there is no next one: it cannot be reached"));
  EXPECT_EQ(token(State::missing).grade, Grade::warning);
  EXPECT_EQ(token(State::blocked, "it gives none").grade, Grade::fault);
  EXPECT_EQ(token(State::blocked, "it gives none").text, "it gives none");
  found.kafka.refused = true;
  EXPECT_EQ(token(State::fresh).grade, Grade::ok);
  EXPECT_THAT(named(judge_kafka(found, "b:9092", "t"), "kafka").todo, HasSubstr("sasl.oauthbearer"));
}

TEST(JudgeKafka, SaysSoWhenNobodyCanTellWhetherTheUserMayWrite) {
  auto found = reached();
  found.topic.may_write.reset();
  EXPECT_EQ(named(judge_kafka(found, "b", "weather"), "permission").grade, Grade::note);
}

TEST(JudgeMqtt, EachAnswerHasItsMeaning) {
  EXPECT_EQ(judge_mqtt({"mqtt://a", true, "", 0}).grade, Grade::ok);
  EXPECT_EQ(judge_mqtt({"mqtt://a", false, "Connection refused", 0}).grade, Grade::warning);
  EXPECT_EQ(judge_mqtt({"mqtt://a", true, "", 5}).grade, Grade::fault);
}

TEST(JudgeRelay, SaysWhichHopFailedAndWhatToDo) {
  using bridge::relay::LineAnswer;
  const auto judged = [](unsigned status, const std::string& body, int code = 0,
                         const std::string& text = {}) {
    LineAnswer answer;
    answer.status = status;
    answer.body = body;
    answer.code = code;
    answer.text = text;
    return judge_relay(answer, "https://site:8443");
  };
  EXPECT_EQ(judged(200, R"({"version":1,"gateway":"site","taken":0,"last":0,"again":0})").grade, Grade::ok);
  EXPECT_EQ(judged(503, "").grade, Grade::warning);
  EXPECT_EQ(judged(401, "").grade, Grade::fault);
  EXPECT_NE(judged(404, "").text.find("relay = true"), std::string::npos);
  EXPECT_NE(judged(400, R"({"error":"unknown_version"})").text.find("same version"), std::string::npos);
  EXPECT_NE(judged(200, "<html>").text.find("no gateway"), std::string::npos);
  EXPECT_NE(judged(0, "", -193, "the name site cannot be looked up").todo.find("resolver"),
            std::string::npos);
  EXPECT_NE(judged(0, "", -181, "certificate verify failed").todo.find("ca_file"), std::string::npos);
  EXPECT_NE(judged(0, "", -195, "no connection").todo.find("port"), std::string::npos);
}

TEST(JudgeWatchdog, OneThatNobodyFeedsIsWorthANote) {
  EXPECT_EQ(judge_watchdog({true, true, true}).grade, Grade::ok);
  EXPECT_EQ(judge_watchdog({true, false, true}).grade, Grade::note);
  EXPECT_EQ(judge_watchdog({false, false, true}).grade, Grade::note);
}

TEST(Findings, AreJsonWithAVersion) {
  const auto document = boost::json::parse(to_json({{Grade::fault, "disk", "a \"b\"", "do"}}));
  EXPECT_EQ(document.at("schema_version").as_int64(), 1);
  EXPECT_FALSE(document.at("good").as_bool());
  EXPECT_EQ(document.at("checks").at(0).at("grade").as_string(), "fault");
}

TEST(Scrub, TakesOutEverySecretTheLongerBeforeTheShorter) {
  EXPECT_EQ(scrub("a=hunter2 b=hunter2000 c=hunter2", {"hunter2", "hunter2000"}),
            "a=<redacted> b=<redacted> c=<redacted>");
  EXPECT_EQ(scrub("a b", {"", "a"}), "a b");
}

TEST(Scrub, KnowsThePasswordInsideAJaasLine) {
  Secrets secrets;
  add_jaas_secrets(R"(x.PlainLoginModule required username="u" password="p4ss" other="o";)", secrets);
  EXPECT_THAT(secrets, testing::ElementsAre("p4ss"));
}

}  // namespace
}  // namespace weather::gateway
