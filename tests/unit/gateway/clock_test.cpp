#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "bridge/encode/encoder.hpp"
#include "gateway/clock/clock_judge.hpp"
#include "gateway/clock/clock_keeper.hpp"
#include "gateway/clock/system_stamper.hpp"
#include "gateway/ingest/ingest.hpp"
#include "sensors/reading/time.hpp"
#include "tests/unit/gateway/fake_log.hpp"

namespace weather::gateway {
namespace {

using Said = ClockJudge::Said;
constexpr std::int64_t second = 1'000'000'000, hour = 3600 * second, day = 24 * hour;
constexpr std::int64_t noon = 1'790'000'000 * second;  // the true time when a boot's clock shows 100 s

TEST(ClockJudge, BelievesTheSystemsWord) {
  ClockJudge judge(0);
  EXPECT_EQ(judge.judge(Said::unsynchronised, noon, second), v1::CLOCK_UNSYNCHRONISED);
  EXPECT_EQ(judge.judge(Said::synchronised, noon, second), v1::CLOCK_SYNCHRONISED);
  EXPECT_EQ(ClockJudge(0).judge(Said::unknown, noon, second), v1::CLOCK_UNKNOWN);
}

TEST(ClockJudge, NeverBelievesATimeBeforeTheProgramWasWritten) {
  ClockJudge judge(noon);
  EXPECT_EQ(judge.judge(Said::synchronised, 30 * second, 30 * second), v1::CLOCK_UNSYNCHRONISED);
  EXPECT_EQ(judge.judge(Said::unknown, 31 * second, 31 * second), v1::CLOCK_UNSYNCHRONISED);
}

TEST(ClockJudge, ASynchronisedClockKeepsItsWorthWhenTheNetworkGoesAway) {
  ClockJudge judge(0);
  judge.judge(Said::synchronised, noon, 100 * second);
  EXPECT_EQ(judge.judge(Said::unsynchronised, noon + day, 100 * second + day), v1::CLOCK_SYNCHRONISED);
}

TEST(ClockJudge, UntilSomebodySetsItByHand) {
  ClockJudge judge(0);
  judge.judge(Said::synchronised, noon, 100 * second);
  EXPECT_EQ(judge.judge(Said::unsynchronised, noon + hour, 101 * second), v1::CLOCK_UNSYNCHRONISED);
  EXPECT_DOUBLE_EQ(judge.stepped_s(), 3599.0);
  EXPECT_EQ(judge.steps(), 1U);
}

TEST(ClockJudge, SlewingIsNoStep) {
  ClockJudge judge(0);
  judge.judge(Said::synchronised, noon, 0);
  for (std::int64_t i = 1; i <= 100; ++i)
    judge.judge(Said::unsynchronised, noon + i * second + i * 500'000'000, i * second);
  EXPECT_DOUBLE_EQ(judge.stepped_s(), 0.0);
  EXPECT_EQ(judge.steps(), 0U);
}

TEST(SystemStamper, AFileTellsThatTheClockIsSet) {
  const auto folder = std::filesystem::temp_directory_path() / ("clock-test-" + std::to_string(::getpid()));
  SystemStamper lonely({ClockTrust::automatic, folder / "synchronized"});
  EXPECT_FALSE(lonely.expects_synchronisation());
  std::filesystem::create_directory(folder);
  const StamperOptions options{ClockTrust::automatic, folder / "synchronized"};
  SystemStamper before(options);
  EXPECT_TRUE(before.expects_synchronisation());
  EXPECT_EQ(before.now().quality, v1::CLOCK_UNSYNCHRONISED);
  std::ofstream(options.synchronised_file) << "";
  SystemStamper after(options);
  EXPECT_EQ(after.now().quality, v1::CLOCK_SYNCHRONISED);
  std::filesystem::remove_all(folder);
  EXPECT_EQ(SystemStamper({ClockTrust::always, options.synchronised_file}).now().quality,
            v1::CLOCK_SYNCHRONISED);
}

class SetStamper final : public Stamper {
 public:
  Stamp now() override { return stamp; }
  Stamp stamp;
};

// A machine whose clocks the test sets; what would go to Kafka is encoded with what the keeper knows then.
class Machine : public testing::Test {
 protected:
  // Boot `boot`, `up` after it began; the wall clock shows `wall`.
  void clock(std::uint64_t boot, std::int64_t up, std::int64_t wall, bool synchronised) {
    stamper_.stamp = {wall, up, boot, synchronised ? v1::CLOCK_SYNCHRONISED : v1::CLOCK_UNSYNCHRONISED};
    if (!keeper_ || boot != boot_) start();
    boot_ = boot;
    keeper_->poll();
  }
  void start() {
    ingest_.reset();
    keeper_ = std::make_unique<ClockKeeper>(log_, stamper_, sensors::TimeLimits{});
    ingest_ = std::make_unique<Ingest>(log_, stamper_, IngestOptions{"pi"}, nullptr);
  }
  log::Sequence read(const std::string& sensor, std::int64_t own_time = 0) {
    v1::Reading reading;
    reading.set_sensor_id(sensor);
    if (own_time != 0) {
      reading.set_event_time_ns(static_cast<std::uint64_t>(own_time));
      reading.set_time_source(v1::TIME_SENSOR);
    }
    return ingest_->store({reading}, sensors::Waits::no).value().sequence;
  }
  // ce_time and ce_timequality of a record as it would be sent now, and ce_sourcetime if it has one.
  std::string sent(log::Sequence sequence) {
    bridge::RouteOptions route;
    route.topic = "t";
    bridge::Encoder encoder(route, "pi", log_.id());
    encoder.set_clock(keeper_->table());
    const auto& record = log_.stored.at(sequence - 1);
    const log::Entry entry{record.sequence, 0, record.type, std::as_bytes(std::span(record.payload))};
    const auto encoded = encoder.encode(entry, {});
    std::string time, quality, own;
    for (const auto& header : encoded.record.headers) {
      if (header.name == "ce_time") time = header.value;
      if (header.name == "ce_timequality") quality = header.value;
      if (header.name == "ce_sourcetime") own = " said " + std::string(header.value);
    }
    return time + " " + quality + own;
  }
  static std::string at(std::int64_t ns, const std::string& rest) {
    return sensors::format_time(ns) + " " + rest;
  }
  std::size_t anchors() const {
    return static_cast<std::size_t>(
        std::count_if(log_.stored.begin(), log_.stored.end(),
                      [](const Stored& record) { return record.type == log::Type::anchor; }));
  }

  FakeLog log_;
  SetStamper stamper_;
  std::unique_ptr<ClockKeeper> keeper_;
  std::unique_ptr<Ingest> ingest_;
  std::uint64_t boot_ = 0;
};

TEST_F(Machine, ThatBootsIn1970SendsTheTrueTimesOnceTheClockIsSet) {
  clock(1, 20 * second, 20 * second, false);
  const auto early = read("a");
  clock(1, 60 * second, 60 * second, false);
  const auto later = read("a");
  clock(1, 100 * second, noon, true);
  const auto after = read("a");
  EXPECT_EQ(sent(early), at(noon - 80 * second, "corrected"));
  EXPECT_EQ(sent(later), at(noon - 40 * second, "corrected"));
  EXPECT_EQ(sent(after), at(noon, "synchronised"));
  EXPECT_EQ(anchors(), 2U) << "a guess when the boot began, and the time once it was known";
}

TEST_F(Machine, WhoseClockIsSetThreeDaysForwardCorrectsWhatCameBefore) {
  clock(1, 20 * second, noon - 80 * second - 3 * day, false);
  const auto stale = read("a");
  clock(1, 100 * second, noon, true);
  EXPECT_EQ(sent(stale), at(noon - 80 * second, "corrected"));
}

TEST_F(Machine, WhoseClockIsSetBackCorrectsWhatCameBefore) {
  clock(1, 20 * second, noon - 80 * second + 2 * hour, false);
  const auto ahead = read("a");
  clock(1, 100 * second, noon, true);
  EXPECT_EQ(sent(ahead), at(noon - 80 * second, "corrected"));
}

TEST_F(Machine, WithTwoBootsWithoutTimeKeepsTheirOrderBetweenTheKnownOnes) {
  clock(1, 100 * second, noon, true);
  read("a");
  clock(2, 10 * second, 10 * second, false);
  const auto second_boot = read("a");
  clock(3, 10 * second, 10 * second, false);
  const auto third_boot = read("a");
  clock(4, 500 * second, noon + day, true);
  const auto fourth_boot = read("a");
  // No earlier than the last known time, and each boot behind the one before it.
  EXPECT_EQ(sent(second_boot), at(noon, "estimated"));
  EXPECT_EQ(sent(third_boot), at(noon, "estimated"));
  EXPECT_EQ(sent(fourth_boot), at(noon + day, "synchronised"));
}

TEST_F(Machine, ThatEstimatesKeepsTheSpacingOfTheBootClock) {
  clock(1, 100 * second, noon, true);
  read("a");
  clock(2, 10 * second, 10 * second, false);
  read("a");
  clock(2, 70 * second, 70 * second, false);
  const auto last = read("a");
  clock(3, 5 * second, 5 * second, false);
  const auto next_boot = read("a");
  EXPECT_EQ(sent(last), at(noon + 60 * second, "estimated"));
  EXPECT_EQ(sent(next_boot), at(noon + 60 * second, "estimated"));
}

TEST_F(Machine, FindsTheAnchorAgainAfterARestart) {
  clock(1, 20 * second, 20 * second, false);
  const auto early = read("a");
  clock(1, 100 * second, noon, true);
  start();
  EXPECT_EQ(sent(early), at(noon - 80 * second, "corrected"));
  keeper_->poll();
  EXPECT_EQ(anchors(), 2U) << "known already";
}

TEST_F(Machine, RestartedBeforeItsClockIsSetStillCorrectsWhatTheFirstRunStored) {
  clock(1, 20 * second, 20 * second, false);
  const auto early = read("a");
  start();
  clock(1, 100 * second, noon, true);
  EXPECT_EQ(sent(early), at(noon - 80 * second, "corrected"));
}

TEST_F(Machine, WithAGoodClockWritesNoAnchor) {
  clock(1, 20 * second, noon, true);
  read("a");
  clock(1, 60 * second, noon + 40 * second, true);
  EXPECT_EQ(anchors(), 0U);
}

TEST_F(Machine, WritesTheTableAgainBeforeARestartWouldMissIt) {
  clock(1, 20 * second, 20 * second, false);
  const auto early = read("a");
  clock(1, 100 * second, noon, true);
  for (log::Sequence i = 0; i <= ClockKeeper::written_again_after; ++i) read("a");
  keeper_->poll();
  EXPECT_EQ(anchors(), 3U);
  for (log::Sequence i = 0; i < ClockKeeper::looked_at - 10; ++i) read("a");
  start();
  EXPECT_EQ(sent(early), at(noon - 80 * second, "corrected"));
}

TEST_F(Machine, TriesAgainWhenTheLogTakesNoAnchor) {
  clock(1, 20 * second, 20 * second, false);
  const auto early = read("a");
  log_.refuse = log::make_error_code(log::Errc::full);
  clock(1, 100 * second, noon, true);
  EXPECT_EQ(sent(early), at(noon - 80 * second, "corrected")) << "sending does not wait for the log";
  EXPECT_EQ(anchors(), 1U) << "only the guess";
  log_.refuse = {};
  keeper_->poll();
  EXPECT_EQ(anchors(), 2U);
}

TEST_F(Machine, ReplacesAStationsClockThatIsAheadAndKeepsWhatItSaid) {
  clock(1, 100 * second, noon, true);
  const auto ahead = read("a", noon + hour), reset = read("a", 946'684'800 * second),
             fine = read("a", noon - day);
  EXPECT_EQ(sent(ahead), at(noon, "synchronised said " + sensors::format_time(noon + hour)));
  EXPECT_EQ(sent(reset), at(noon, "synchronised said 2000-01-01T00:00:00Z"));
  EXPECT_EQ(sent(fine), at(noon - day, "synchronised"));
  const auto counters = ingest_->counters();
  EXPECT_THAT(counters.begin()->second.replaced_times,
              testing::ElementsAre(testing::Pair("future", 1U), testing::Pair("past", 1U)));
}

TEST_F(Machine, DoesNotBlameAStationWhileItsOwnClockIsWrong) {
  clock(1, 20 * second, 20 * second, false);
  const auto right = read("a", noon - 81 * second);
  clock(1, 100 * second, noon, true);
  EXPECT_EQ(sent(right), at(noon - 81 * second, "corrected"));
}

TEST_F(Machine, KnowsThatItsClockIsWrongWhenTheLogHasSeenLaterTimes) {
  clock(1, 100 * second, noon, true);
  read("a");
  clock(2, 10 * second, noon - day, false);
  EXPECT_TRUE(keeper_->behind_the_log());
  clock(2, 20 * second, noon + day, false);
  EXPECT_FALSE(keeper_->behind_the_log());
}

}  // namespace
}  // namespace weather::gateway
