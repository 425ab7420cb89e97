// The charts and the sensors kept beside the log, over stops, kill -9 and power cuts at any write.
#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "gateway/app/history_store.hpp"
#include "gateway/app/sensor_store.hpp"
#include "gateway/ingest/stored_readings.hpp"
#include "tests/unit/gateway/followed_line.hpp"
#include "tests/unit/gateway/lives.hpp"

namespace weather::gateway {
namespace {

constexpr std::int64_t bucket_s = SensorHistory::day_bucket_s, hour_s = 3600, second_ns = 1'000'000'000;

// One reading: a value that no other one has.
struct Said {
  std::string id;
  std::int64_t at_s;
  float value;
  bool lost = false;
};

class BesideTheLog {
 public:
  explicit BesideTheLog(std::uint64_t seed)
      : random_(seed), seed_(seed), cards_(empty_card(64U << 20, seed)) {
    open();
  }
  ~BesideTheLog() { close(); }

  void step() {
    io_->poll();
    switch (random_.below(10)) {
      case 0:
        if (history_store_->write_hour() && random_.one_in(2)) {
          history_store_->finish();
          const auto newest =
              std::find_if(said_.rbegin(), said_.rend(), [](const Said& one) { return !one.lost; });
          ASSERT_NE(newest, said_.rend());
          const auto of_its_hour = std::ranges::find_if(
              said_, [newest](const Said& one) { return one.at_s / hour_s == newest->at_s / hour_s; });
          const std::lock_guard lock(mutex_);
          kept_ = static_cast<std::size_t>(of_its_hour - said_.begin());
        }
        break;
      case 1:
        (void)log_->wait_durable({log_->status().appended, 0}, std::chrono::seconds(5));
        break;
      case 2:
        now_s_ += static_cast<std::int64_t>(random_.below(2 * hour_s));
        break;
      case 3:
        cut_at_a_write_to_come();
        break;
      case 4:
        if (random_.one_in(3)) end(static_cast<Death>(random_.below(3)));
        break;
      default:
        for (auto count = random_.between(1, 12); count > 0; --count) say();
    }
  }
  void end() {
    end(Death::power);
    end(Death::clean);
  }
  std::uint64_t deaths() const { return deaths_; }

 private:
  enum class Death : std::uint8_t { clean, kill, power };
  // As it was before a write.
  struct Moment {
    Disk disk;
    std::size_t kept;
  };

  void open() {
    auto log = log::Log::open({.dir = "/data/log",
                               .segment_bytes = 64U << 10,
                               .max_bytes = 16U << 20,
                               .yields_to = {},
                               .on_damage = {},
                               .random_seed = seed_},
                              *cards_, clock_);
    ASSERT_TRUE(log) << log.error().message();
    log_ = std::move(*log);
    io_ = std::make_unique<boost::asio::io_context>();
    table_ = std::make_unique<SensorTable>();
    history_ = std::make_unique<SensorHistory>();
    sensor_store_ = std::make_unique<SensorStore>(*io_, *table_, stamper_, *log_, *cards_, "/data/sensors");
    history_store_ = std::make_unique<HistoryStore>(*io_, *history_, *log_, *cards_, "/data/charts", now_s_);
    check();
    sensor_store_->start();
    history_store_->start();
  }
  void close() {
    history_store_.reset();
    sensor_store_.reset();
    log_.reset();
  }

  void say() {
    now_s_ += static_cast<std::int64_t>(random_.below(200));
    const Said said{"s" + std::to_string(random_.below(3)), now_s_, static_cast<float>(++values_)};
    std::vector<v1::Reading> readings(1);
    auto& reading = readings.front();
    reading.set_sensor_id(said.id);
    reading.set_received_time_ns(static_cast<std::uint64_t>(said.at_s * second_ns));
    auto& quantity = *reading.add_quantities();
    quantity.set_name("air_temperature");
    quantity.set_number(static_cast<double>(said.value));
    const auto bytes = reading.SerializeAsString();
    const log::Record record{said.at_s * second_ns, log::Type::reading, std::as_bytes(std::span(bytes))};
    const auto last = log_->append(std::span(&record, 1), log::Wait::grouped);
    ASSERT_TRUE(last) << last.error().message();
    history_->stored(readings, *last);
    table_->stored(readings, std::span(&record, 1), *last, "");
    said_.push_back(said);
  }

  void cut_at_a_write_to_come() {
    cards_->watch([this, left = random_.below(30)](const Disk& disk) mutable {
      const std::lock_guard lock(mutex_);
      if (left-- == 0) moment_ = Moment{disk, kept_};
    });
  }

  void end(Death death) {
    ++deaths_;
    if (death == Death::clean) {
      history_store_->stop();
      sensor_store_->stop();
      kept_ = said_.size();
    }
    auto found = Moment{cards_->disk(), kept_};
    {
      const std::lock_guard lock(mutex_);
      if (death != Death::clean && moment_) found = std::move(*moment_);
      moment_.reset();
    }
    close();
    if (death != Death::clean) {
      if (death == Death::power)
        found.disk =
            found.disk.after_power_cut(static_cast<Cut>(random_.below(log::test::cut_kinds)), random_);
      cards_ = std::make_unique<SimFiles>(std::move(found.disk), random_.next());
      kept_ = found.kept;
    }
    open();
  }

  // What the log has, by sensor.
  std::map<std::string, std::vector<float>> in_the_log() {
    std::map<std::string, std::vector<float>> values;
    (void)for_each_stored_reading(*log_, 1, [&](const v1::Reading& reading, const log::Entry&) {
      values[reading.sensor_id()].push_back(static_cast<float>(reading.quantities(0).number()));
    });
    return values;
  }

  void check() {
    const auto logged = in_the_log();
    std::map<std::string, std::uint64_t> counted;
    for (const auto& sensor : table_->snapshot()) counted[sensor.id] = sensor.readings;
    for (const auto& [id, values] : logged)
      EXPECT_EQ(counted[id], values.size()) << id << " as counted, seed " << seed_ << " death " << deaths_;
    std::map<std::pair<std::string, std::int64_t>, std::vector<float>> said, must;
    for (std::size_t i = 0; i < said_.size(); ++i) {
      auto& one = said_[i];
      const auto at = std::pair(one.id, one.at_s / bucket_s);
      said[at].push_back(one.value);
      const auto found = logged.find(one.id);
      one.lost =
          one.lost || (i >= kept_ && (found == logged.end() ||
                                      std::ranges::find(found->second, one.value) == found->second.end()));
      if (!one.lost) must[at].push_back(one.value);
    }
    for (const auto& [at, values] : said) check(at.first, at.second * bucket_s, values, must[at]);
  }
  void check(const std::string& id, std::int64_t at_s, const std::vector<float>& said,
             const std::vector<float>& must) {
    if (at_s < now_s_ - 23 * hour_s) return;
    const auto lines = history_->of(id);
    const auto drawn = lines.empty() ? Bucket() : lines.front().day.at(at_s);
    const auto where = id + " at " + std::to_string(at_s) + ", seed " + std::to_string(seed_) + ", death " +
                       std::to_string(deaths_);
    if (drawn.empty()) {
      EXPECT_TRUE(must.empty()) << where << ": nothing drawn of " << must.size();
      return;
    }
    for (const auto value : {drawn.least, drawn.most, drawn.last})
      EXPECT_NE(std::ranges::find(said, value), said.end()) << where << ": nobody said " << value;
    if (must.empty()) return;
    EXPECT_LE(drawn.least, std::ranges::min(must)) << where;
    EXPECT_GE(drawn.most, std::ranges::max(must)) << where;
  }

  Random random_;
  const std::uint64_t seed_;
  FixedStamper stamper_;
  SimClock clock_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<SimFiles> cards_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<SensorTable> table_;
  std::unique_ptr<SensorHistory> history_;
  std::unique_ptr<SensorStore> sensor_store_;
  std::unique_ptr<HistoryStore> history_store_;
  std::mutex mutex_;
  std::optional<Moment> moment_;
  std::size_t kept_ = 0;  // the first so many are in the charts' files, whatever becomes of the log
  std::int64_t now_s_ = 1'700'000'000 / hour_s * hour_s;
  std::vector<Said> said_;
  std::uint64_t values_ = 0, deaths_ = 0;
};

TEST(BesideTheLogPowerCut, ChartsAndSensorsAreThoseOfTheLogAfterAnyDeath) {
  each_life<BesideTheLog>(log::test::run_size(100, 5000), [](BesideTheLog& world) {
    for (int i = 0; i < 150 && !HasFailure(); ++i) world.step();
    world.end();
    return world.deaths();
  });
}

}  // namespace
}  // namespace weather::gateway
