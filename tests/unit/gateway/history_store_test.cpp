#include "gateway/app/history_store.hpp"

#include <cmath>
#include <fstream>
#include <span>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::gateway {
namespace {

constexpr std::int64_t start_s = 1'700'000'000 / 3600 * 3600, hour_s = 3600, second_ns = 1'000'000'000;

struct Kept : testing::Test {
  Kept() {
    log::Options options;
    options.dir = folder.path() / "data";
    log_ = std::move(*log::Log::open(options, log::posix_files(), log::system_clock()));
  }
  void report(std::int64_t at_s, double value) {
    v1::Reading reading;
    reading.set_sensor_id("roof");
    reading.set_received_time_ns(static_cast<std::uint64_t>(at_s * second_ns));
    auto& quantity = *reading.add_quantities();
    quantity.set_name("air_temperature");
    quantity.set_number(value);
    now_s = at_s;
    const auto bytes = reading.SerializeAsString();
    const log::Record record{at_s * second_ns, log::Type::reading, std::as_bytes(std::span(bytes))};
    const auto last = log_->append(std::span(&record, 1), log::Wait::grouped);
    ASSERT_TRUE(last) << last.error().message();
    history->stored({reading}, *last);
  }
  void restart() {
    store.reset();
    history = std::make_unique<SensorHistory>();
    store = std::make_unique<HistoryStore>(io, *history, *log_, log::posix_files(), where, now_s);
    store->start();
  }
  std::size_t files() const {
    std::error_code none;
    std::size_t count = 0;
    for (auto at = std::filesystem::directory_iterator(where, none);
         at != std::filesystem::directory_iterator(); ++at)
      ++count;
    return count;
  }
  float last_at(std::int64_t at_s) const {
    const auto of = history->of("roof");
    return of.empty() ? Bucket::none : of[0].day.at(at_s).last;
  }

  TemporaryFolder folder;
  std::filesystem::path where = folder.path() / "charts";
  boost::asio::io_context io;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<SensorHistory> history;
  std::unique_ptr<HistoryStore> store;
  std::int64_t now_s = start_s;
};

TEST_F(Kept, an_hour_is_written_once_when_it_is_over_and_the_last_one_at_the_stop) {
  restart();
  EXPECT_FALSE(store->write_hour());
  report(start_s, 1);
  EXPECT_EQ(files(), 0U);
  report(start_s + hour_s, 2);
  EXPECT_TRUE(store->write_hour());
  EXPECT_FALSE(store->write_hour());
  store->stop();
  EXPECT_EQ(files(), 2U);
  restart();
  EXPECT_EQ(last_at(start_s), 1);
  EXPECT_EQ(last_at(start_s + hour_s), 2);
  report(start_s + hour_s + 600, 3);
  store->stop();
  restart();
  EXPECT_EQ(last_at(start_s + hour_s), 2) << "the hour that runs is continued";
  EXPECT_EQ(last_at(start_s + hour_s + 600), 3);
}

TEST_F(Kept, a_damaged_file_is_a_gap_and_files_that_are_too_old_go) {
  restart();
  for (int hour = 0; hour < 3; ++hour) report(start_s + hour * hour_s, hour);
  store->stop();
  { std::ofstream(where / ("hour-" + std::to_string(start_s / hour_s + 1)), std::ios::trunc) << "nonsense"; }
  { std::ofstream(where / "hour-99999999999") << "of a wrong clock"; }
  restart();
  EXPECT_EQ(last_at(start_s), 0);
  EXPECT_TRUE(std::isnan(last_at(start_s + hour_s)));
  EXPECT_EQ(last_at(start_s + 2 * hour_s), 2);
  for (int day = 1; day < 12; ++day)
    for (int hour = 0; hour < 24; ++hour) {
      report(start_s + (day * 24 + hour) * hour_s, hour);
      for (int i = 0; i < 5000 && !store->write_hour(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  store->stop();
  EXPECT_LE(files(), 170U);
  EXPECT_GE(files(), 150U);
}

// What the log told again is on the card before it leaves the log.
TEST_F(Kept, hours_that_were_only_in_the_log_are_written_at_the_next_chance) {
  restart();
  report(start_s, 1);
  report(start_s + 2 * hour_s, 2);
  store.reset();  // killed
  store = std::make_unique<HistoryStore>(io, *history, *log_, log::posix_files(), where, now_s);
  store->start();
  store->stop();
  restart();
  EXPECT_EQ(last_at(start_s), 1);
  EXPECT_EQ(last_at(start_s + 2 * hour_s), 2);
}

TEST_F(Kept, where_nothing_can_be_written_it_is_tried_again) {
  restart();
  { std::ofstream(where) << "a file in its place"; }
  report(start_s, 1);
  report(start_s + hour_s, 2);
  EXPECT_TRUE(store->write_hour());
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  std::filesystem::remove(where);
  store->stop();
  EXPECT_EQ(files(), 2U);
}

}  // namespace
}  // namespace weather::gateway
