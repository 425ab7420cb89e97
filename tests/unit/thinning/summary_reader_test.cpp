#include "bridge/thinning/summary_reader.hpp"

#include <array>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/log/loss.hpp"
#include "tests/unit/bridge/fake_log.hpp"
#include "tests/unit/thinning/said.hpp"

namespace weather::bridge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t start_s = 1'700'000'400;  // where a period of ten minutes begins

class HandClock : public log::Clock {
 public:
  std::int64_t wall_ns() override { return now_s * ns; }
  std::chrono::steady_clock::time_point steady() override { return {}; }
  std::int64_t now_s = start_s;
};

RouteOptions ten_minutes() {
  RouteOptions options;
  options.thinning.period = std::chrono::minutes(10);
  options.thinning.statistics = {Statistic::mean, Statistic::min, Statistic::max, Statistic::count};
  return options;
}

struct Summarised : testing::Test {
  void say(const v1::Reading& reading, std::int64_t accepted_s) {
    log.add(reading.SerializeAsString(), accepted_s * ns);
    clock.now_s = std::max(clock.now_s, accepted_s);
  }
  void say(const std::string& sensor, std::int64_t after_s, double degrees) {
    say(said(sensor, start_s + after_s, {{"air_temperature", degrees}}), start_s + after_s);
  }
  void restart(log::Sequence from) { reader = std::make_unique<SummaryReader>(route, log, clock, from); }
  // "3: roof 600 mean 20" of what is not passed over.
  std::vector<std::string> read(std::size_t at_once = 100) {
    std::vector<std::string> lines;
    for (;;) {
      const auto entries = reader->read(at_once, 1U << 20);
      EXPECT_TRUE(entries);
      if (entries->empty()) return lines;
      for (const auto& entry : *entries) {
        EXPECT_EQ(entry.sequence, next++);
        if (entry.type != log::Type::anchor) lines.push_back(line(entry));
      }
    }
  }
  std::string line(const log::Entry& entry) {
    const auto at = std::to_string(entry.sequence) + ": ";
    if (entry.type == log::Type::loss) return at + "loss";
    v1::Reading reading;
    if (!reading.ParseFromArray(entry.payload.data(), static_cast<int>(entry.payload.size())))
      return at + "?";
    if (reading.summary_s() == 0) return at + reading.sensor_id() + " as it is";
    std::string text = at + reading.sensor_id() + " " +
                       std::to_string(static_cast<std::int64_t>(reading.event_time_ns()) / ns - start_s);
    for (const auto& one : reading.quantities())
      text += " " + std::to_string(one.has_integer() ? one.integer() : std::lround(one.number()));
    return text;
  }

  FakeLog log;
  HandClock clock;
  RouteOptions route = ten_minutes();
  std::unique_ptr<SummaryReader> reader;
  log::Sequence next = 1;
};

TEST_F(Summarised, OneRecordForEachSensorWhenThePeriodIsOver) {
  restart(1);
  say("roof", 0, 20);
  say("shed", 5, 10);
  say("roof", 599, 22);
  EXPECT_THAT(read(), IsEmpty()) << "the period is not over";
  EXPECT_EQ(reader->due_ns(), (start_s + 602) * ns);
  say("roof", 600, 30);
  EXPECT_THAT(read(), ElementsAre("2: shed 600 10 10 10 1", "3: roof 600 21 20 22 2"));
  EXPECT_TRUE(reader->can_begin_at(4));
  EXPECT_FALSE(reader->can_begin_at(3));
}

TEST_F(Summarised, TheClockEndsAPeriodToo) {
  restart(1);
  say("roof", 10, 20);
  clock.now_s = start_s + 601;
  EXPECT_THAT(read(), IsEmpty());
  clock.now_s = start_s + 602;
  EXPECT_THAT(read(), ElementsAre("1: roof 600 20 20 20 1"));
  EXPECT_FALSE(reader->due_ns());
}

TEST_F(Summarised, ALateReadingIsOfAFurtherSummaryOfItsPeriod) {
  restart(1);
  say("roof", 10, 20);
  say("roof", 610, 30);
  say(said("roof", start_s + 20, {{"air_temperature", 26}}), start_s + 620);
  say("roof", 1200, 40);
  EXPECT_THAT(read(),
              ElementsAre("1: roof 600 20 20 20 1", "2: roof 1200 30 30 30 1", "3: roof 600 26 26 26 1"));
}

TEST_F(Summarised, WhatIsNoReadingGoesAsItIsInItsPlace) {
  restart(1);
  say("roof", 10, 20);
  log.add("\xFF\xFF", (start_s + 11) * ns);
  auto partial = said("roof", start_s, {});
  partial.set_flags(v1::FLAG_PARSE_PARTIAL);
  partial.set_error("half of it");
  say(partial, start_s + 12);
  std::array<std::byte, log::loss_body_bytes> loss{};
  log::encode_loss({.first = 4, .last = 4, .records = 1}, loss);
  log.add(std::string(reinterpret_cast<const char*>(loss.data()), loss.size()), (start_s + 13) * ns,
          log::Type::loss);
  say("roof", 20, 22);
  auto wrong =
      said("cellar", start_s + 21, {{"air_temperature", -9999, v1::STAT_INSTANT, v1::QUALITY_ERRONEOUS}});
  say(wrong, start_s + 21);
  clock.now_s = start_s + 700;
  EXPECT_THAT(read(), ElementsAre("1: roof 600 20 20 20 1", "2: ?", "3: roof as it is", "4: loss",
                                  "5: roof 600 22 22 22 1", "6: cellar as it is"));
}

TEST_F(Summarised, WhatTheRouteDoesNotTakeIsInNoSummary) {
  route.match = {{"sensor", "!shed"}};
  restart(1);
  say("roof", 10, 20);
  say("shed", 11, 10);
  clock.now_s = start_s + 700;
  EXPECT_THAT(read(), ElementsAre("1: roof 600 20 20 20 1"));
  EXPECT_EQ(reader->position(), 3U);
}

TEST_F(Summarised, AStretchIsNoLargerThanItsMemory) {
  restart(1);
  for (int i = 0; i < 6000; ++i) say("s" + std::to_string(i), 1, i);
  const auto lines = read();
  EXPECT_GT(lines.size(), 3000U) << "4 MiB are full before the period is over";
  EXPECT_LT(lines.size(), 6000U);
  EXPECT_TRUE(reader->can_begin_at(lines.size() + 1));
}

// What one life of a route gets, and the next one, that begins where a cursor was kept.
class Crashes : public Summarised, public testing::WithParamInterface<unsigned> {
 protected:
  struct Statistics {
    std::uint64_t count = 0;
    double least = 0, most = 0;
    friend bool operator==(const Statistics&, const Statistics&) = default;
  };
  using Key = std::pair<std::string, std::int64_t>;
  using Table = std::map<Key, Statistics>;

  static void add(Statistics& to, std::uint64_t count, double least, double most) {
    to.least = to.count == 0 ? least : std::min(to.least, least);
    to.most = to.count == 0 ? most : std::max(to.most, most);
    to.count += count;
  }

  void live(unsigned seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    restart(1);
    log::Sequence kept = 1, at = 1;
    std::int64_t now_s = start_s;
    for (int step = 0; step < 300; ++step) {
      switch (below(8)) {
        case 0:  // killed: what is behind the kept cursor comes again
          restart(at = kept);
          break;
        case 1:  // the client is made anew
          at = kept + below(at - kept + 1);
          reader->seek(at);
          break;
        case 2:
          now_s += static_cast<std::int64_t>(below(900));
          break;
        default:
          for (auto count = below(30); count > 0; --count)
            speak(random, now_s += static_cast<std::int64_t>(below(60)));
      }
      clock.now_s = now_s;
      take(at, kept, below(40));
    }
    clock.now_s = now_s + 1000;
    while (at <= log.durable()) take(at, kept, 50);
    EXPECT_EQ(kept, log.durable() + 1) << "nothing is left open";
    Table got;
    for (const auto& [sequence, payload] : sent) {
      v1::Reading summary;
      ASSERT_TRUE(summary.ParseFromString(payload));
      const auto index = static_cast<std::int64_t>(summary.event_time_ns()) / ns / 600 - 1;
      ASSERT_EQ(summary.quantities_size(), 4);
      add(got[{summary.sensor_id(), index}], static_cast<std::uint64_t>(summary.quantities(3).integer()),
          summary.quantities(1).number(), summary.quantities(2).number());
    }
    EXPECT_EQ(got, expected);
  }

  void speak(std::mt19937& random, std::int64_t now_s) {
    const auto sensor = "s" + std::to_string(random() % 4);
    const auto late_s = random() % 5 == 0 ? static_cast<std::int64_t>(random() % 2000) : 0;
    const auto value = static_cast<double>(random() % 100);
    say(said(sensor, now_s - late_s, {{"air_temperature", value}}), now_s);
    add(expected[{sensor, (now_s - late_s) / 600}], 1, value, value);
  }

  // So many are delivered, and the cursor is kept where it may be.
  void take(log::Sequence& at, log::Sequence& kept, std::size_t count) {
    while (count > 0) {
      const auto entries = reader->read(1 + count / 2, 1U << 20);
      ASSERT_TRUE(entries);
      if (entries->empty()) return;
      for (const auto& entry : *entries) {
        ASSERT_EQ(entry.sequence, at++);
        if (entry.type == log::Type::reading) {
          const std::string payload(reinterpret_cast<const char*>(entry.payload.data()),
                                    entry.payload.size());
          const auto [before, first] = sent.try_emplace(entry.sequence, payload);
          ASSERT_EQ(before->second, payload)
              << "another summary than before the crash, at " << entry.sequence;
        }
        if (reader->can_begin_at(at)) kept = at;
      }
      count -= std::min(count, entries->size());
    }
  }

  Table expected;
  std::map<log::Sequence, std::string> sent;
};

TEST_P(Crashes, GiveTheSameSummariesAndEachReadingIsInOne) {
  live(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Seeds, Crashes, testing::Range(1U, 41U));

}  // namespace
}  // namespace weather::bridge
