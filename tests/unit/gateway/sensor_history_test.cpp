#include "gateway/ingest/sensor_history.hpp"

#include <chrono>
#include <random>

#include <gtest/gtest.h>

#include "bridge/log/bytes.hpp"

namespace weather::gateway {
namespace {

constexpr std::int64_t start_s = 1'700'000'000 / 3600 * 3600, second_ns = 1'000'000'000, hour_s = 3600;

v1::Reading reading(const std::string& id, std::int64_t at_s, double value,
                    const std::string& name = "air_temperature", const std::string& unit = "") {
  v1::Reading result;
  result.set_sensor_id(id);
  result.set_received_time_ns(static_cast<std::uint64_t>(at_s * second_ns));
  auto& quantity = *result.add_quantities();
  quantity.set_name(name);
  quantity.set_unit(unit);
  quantity.set_number(value);
  return result;
}

// All that a chart could show.
std::string dump(const SensorHistory& history, const std::vector<std::string>& ids, std::int64_t now_s) {
  std::string text;
  for (const auto& id : ids)
    for (const auto& quantity : history.of(id)) {
      text += id + " " + quantity.name + " " + quantity.unit + ":";
      for (const auto* ring : {&quantity.day, &quantity.week})
        for (auto at = now_s - 8 * 86400; at <= now_s; at += ring->bucket_s())
          if (const auto bucket = ring->at(at); !bucket.empty())
            text += " " + std::to_string(at / ring->bucket_s()) + "=" + std::to_string(bucket.least) + "/" +
                    std::to_string(bucket.most) + "/" + std::to_string(bucket.last);
      text += "\n";
    }
  return text;
}

TEST(BucketRing, keeps_least_most_and_last_and_leaves_gaps) {
  BucketRing ring(600, 144);
  ring.add(start_s, 20);
  ring.add(start_s + 300, 25);
  ring.add(start_s + 599, 22);
  ring.add(start_s + 1800, 5);
  const auto first = ring.at(start_s + 100);
  EXPECT_EQ(std::tuple(first.least, first.most, first.last), std::tuple(20, 25, 22));
  EXPECT_TRUE(ring.at(start_s + 600).empty());
  EXPECT_EQ(ring.at(start_s + 1800).last, 5);
  EXPECT_TRUE(ring.at(start_s + 2400).empty());
  ring.add(start_s + 600, 7);
  EXPECT_EQ(ring.at(start_s + 600).last, 7) << "late, but kept";
  ring.add(start_s + 144 * 600, 1);
  EXPECT_TRUE(ring.at(start_s).empty()) << "its place is taken";
  EXPECT_EQ(ring.at(start_s + 1800).last, 5);
}

TEST(BucketRing, begins_anew_with_a_clock_that_was_wrong) {
  BucketRing ring(600, 144);
  ring.add(start_s + 1'000'000'000, 1);
  ring.add(start_s, 2);
  EXPECT_EQ(ring.at(start_s).last, 2);
  EXPECT_TRUE(ring.at(start_s + 1'000'000'000).empty());
  ring.add(-5, 3);
  EXPECT_EQ(ring.at(0).last, 3);
}

// Against the plainest model there is: all values of the stretch, looked at one by one.
TEST(BucketRing, is_what_a_list_of_all_values_says) {
  std::mt19937 random(11);
  for (int trial = 0; trial < 200; ++trial) {
    BucketRing ring(10, 12);
    std::vector<std::pair<std::int64_t, float>> all;
    std::int64_t now = 1000;
    for (int i = 0; i < 60; ++i) {
      now += std::uniform_int_distribution(0, trial % 2 == 0 ? 15 : 90)(random);
      all.emplace_back(now, static_cast<float>(random() % 100));
      ring.add(all.back().first, all.back().second);
      if (random() % 8 == 0) {  // told again from anywhere
        const auto from = all.size() - 1 - random() % std::min<std::size_t>(all.size(), 5);
        if (now / 10 - all[from].first / 10 < 12)
          for (auto j = from; j < all.size(); ++j) ring.add(all[j].first, all[j].second);
      }
    }
    for (auto at = now / 10 - 11; at <= now / 10; ++at) {
      Bucket expected;
      for (const auto& [time, value] : all)
        if (time / 10 == at) expected.merge({value, value, value});
      const auto found = ring.at(at * 10);
      ASSERT_EQ(found.empty(), expected.empty());
      if (expected.empty()) continue;
      EXPECT_EQ(std::tuple(found.least, found.most, found.last),
                std::tuple(expected.least, expected.most, expected.last));
    }
  }
}

TEST(SensorHistory, draws_only_what_is_measured_now_and_good) {
  SensorHistory history;
  auto retained = reading("a", start_s, 1), erroneous = reading("a", start_s, 2),
       text = reading("a", start_s, 3);
  retained.set_flags(v1::FLAG_RETAINED);
  erroneous.mutable_quantities(0)->set_quality(v1::QUALITY_ERRONEOUS);
  text.mutable_quantities(0)->set_text("cold");
  auto nobody = reading("", start_s, 4);
  history.stored({retained, erroneous, text, nobody, reading("a", start_s, 1e300)}, 5);
  EXPECT_EQ(history.series(), 0U);
  EXPECT_TRUE(history.of("a").empty());
  history.stored({reading("a", start_s, 20.5)}, 6);
  const auto of = history.of("a");
  ASSERT_EQ(of.size(), 1U);
  EXPECT_EQ(of[0].name, "temperature");
  EXPECT_EQ(of[0].unit, "°C");
  EXPECT_EQ(of[0].day.at(start_s).last, 20.5F);
}

TEST(SensorHistory, begins_anew_where_the_unit_is_another) {
  SensorHistory history;
  history.stored({reading("a", start_s, 20), reading("a", start_s + 600, 70, "air_temperature", "[degF]")},
                 2);
  const auto of = history.of("a");
  ASSERT_EQ(of.size(), 1U);
  EXPECT_EQ(of[0].unit, "°F");
  EXPECT_TRUE(of[0].day.at(start_s).empty());
}

TEST(SensorHistory, follows_a_new_name_and_forgets) {
  SensorHistory history;
  history.stored({reading("old", start_s, 1), reading("new", start_s, 2)}, 2);
  history.rename("old", "new");
  EXPECT_TRUE(history.of("old").empty());
  EXPECT_EQ(history.of("new").at(0).day.at(start_s).last, 1);
  EXPECT_EQ(history.series(), 1U);
  history.rename("new", "new");
  history.forget("new");
  history.forget("new");
  EXPECT_EQ(history.series(), 0U);
}

// A flood of made-up ids and of quantities: never more than the bounds, and who has been heard for hours
// stays.
TEST(SensorHistory, is_bounded_and_keeps_who_was_heard_for_long) {
  sensors::MemoryBudget memory(64U << 20);
  SensorHistory history(&memory);
  std::int64_t now = start_s;
  for (int hour = 0; hour < 5; ++hour, now += hour_s) history.stored({reading("roof", now, hour)}, 1);
  for (int i = 0; i < 5000; ++i) {
    std::vector<v1::Reading> flood;
    for (int j = 0; j < 12; ++j)
      flood.push_back(reading("made-up-" + std::to_string(i), now, j, "q" + std::to_string(j)));
    history.stored(flood, 1);
    ASSERT_LE(history.series(), SensorHistory::most_series);
    ASSERT_LE(memory.use(sensors::Holder::sensor_table).used, SensorHistory::most_bytes + (1U << 20));
  }
  EXPECT_EQ(history.of("made-up-4999").size(), SensorHistory::most_quantities);
  EXPECT_EQ(history.of("roof").size(), 1U);
}

TEST(SensorHistory, takes_no_more_than_the_budget_has) {
  sensors::MemoryBudget memory(100'000);
  SensorHistory history(&memory);
  for (int i = 0; i < 100; ++i) history.stored({reading("s" + std::to_string(i), start_s, i)}, 1);
  EXPECT_GT(history.series(), 5U);
  EXPECT_LT(history.series(), 25U);
  EXPECT_LE(memory.used(), 100'000U);
}

// Stopped or killed anywhere: what the hour's files hold and the log tells again is what there was.
TEST(SensorHistory, a_restart_is_as_if_there_had_been_none) {
  std::mt19937 random(5);
  const std::vector<std::string> ids{"a", "b", "c"};
  for (int trial = 0; trial < 60; ++trial) {
    SensorHistory without, with;
    std::vector<v1::Reading> log;
    std::map<std::int64_t, HistoryChunk> files;
    auto* running = &with;
    std::unique_ptr<SensorHistory> again;
    std::int64_t now = start_s, next_hour = 0;
    for (int i = 0; i < 600; ++i) {
      now += std::uniform_int_distribution(0, trial % 3 == 0 ? 4000 : 300)(random);
      log.push_back(reading(ids[random() % 3], now, static_cast<double>(random() % 1000) / 10,
                            random() % 2 == 0 ? "air_temperature" : "relative_humidity"));
      without.stored({log.back()}, log.size());
      running->stored({log.back()}, log.size());
      const auto progress = running->progress();
      if (progress.hour > next_hour && random() % 4 == 0) {
        for (auto hour = std::max(next_hour, progress.hour - 23); hour < progress.hour; ++hour) {
          auto chunk = running->chunk(hour);
          if (chunk.sensors.empty()) continue;
          chunk.last = progress.before_hour;
          const auto bytes = encode(chunk);
          files[hour] = *decode_chunk(log::bytes_of(bytes));
        }
        next_hour = progress.hour;
      }
      if (random() % 100 != 0) continue;
      again = std::make_unique<SensorHistory>();
      std::uint64_t last = 0;
      for (const auto& [hour, chunk] : files) {
        again->merge(chunk);
        last = std::max(last, chunk.last);
      }
      last -= std::min<std::uint64_t>(last, random() % 3);  // a few are told twice
      for (auto at = last; at < log.size(); ++at) again->stored({log[at]}, at + 1);
      running = again.get();
    }
    const auto sorted = [&](const SensorHistory& history) {
      std::vector<std::string> lines;
      std::istringstream text(dump(history, ids, now));
      for (std::string line; std::getline(text, line);) lines.push_back(line);
      std::ranges::sort(lines);
      return lines;
    };
    ASSERT_EQ(sorted(*running), sorted(without)) << trial;
  }
}

TEST(SensorHistory, an_hour_longer_ago_than_a_day_comes_back_for_the_week) {
  SensorHistory history, again;
  history.stored(
      {reading("a", start_s + 60, 1), reading("a", start_s + 120, 3), reading("a", start_s + 50 * hour_s, 2)},
      3);
  for (std::int64_t hour = 0; hour <= 50; ++hour) again.merge(history.chunk(start_s / hour_s + hour));
  const auto week = again.of("a").at(0).week;
  EXPECT_EQ(week.at(start_s).least, 1);
  EXPECT_EQ(week.at(start_s).most, 3);
  EXPECT_EQ(dump(again, {"a"}, start_s + 51 * hour_s), dump(history, {"a"}, start_s + 51 * hour_s));
}

TEST(HistoryChunk, comes_back_and_damage_is_seen) {
  SensorHistory history;
  history.stored({reading("a", start_s, 1), reading("a", start_s + 3599, -2.5)}, 2);
  auto chunk = history.chunk(start_s / hour_s);
  chunk.log = "log";
  chunk.last = 77;
  const auto bytes = encode(chunk);
  const auto back = decode_chunk(log::bytes_of(bytes));
  ASSERT_TRUE(back);
  EXPECT_EQ(std::tuple(back->log, back->last, back->hour), std::tuple("log", 77U, start_s / hour_s));
  EXPECT_EQ(back->sensors.at(0).series.at(0).values[5].last, -2.5F);
  EXPECT_TRUE(back->sensors.at(0).series.at(0).values[1].empty());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    EXPECT_FALSE(decode_chunk(log::bytes_of(damaged))) << i;
    EXPECT_FALSE(decode_chunk(log::bytes_of(std::string_view(bytes).substr(0, i)))) << i;
  }
}

// What docs/sensors.md says of the card's wear and of the way of a reading.
TEST(HistoryChunk, an_hour_is_small_even_at_the_most) {
  SensorHistory few, most;
  for (int i = 0; i < 10; ++i)
    for (std::int64_t at = start_s; at < start_s + hour_s; at += 600)
      for (const auto* name : {"air_temperature", "relative_humidity", "air_pressure", "wind_speed"})
        few.stored({reading("rtl_433:Fineoffset-WHx080:" + std::to_string(i), at, i, name)}, 1);
  for (int i = 0; i < 128; ++i)
    for (std::int64_t at = start_s; at < start_s + hour_s; at += 600)
      for (int j = 0; j < 8; ++j)
        most.stored({reading("rtl_433:Fineoffset-WHx080:" + std::to_string(i), at, i + 0.1,
                             "quantity_" + std::to_string(j))},
                    1);
  const auto bytes_few = encode(few.chunk(start_s / hour_s)).size(),
             bytes_most = encode(most.chunk(start_s / hour_s)).size();
  RecordProperty("bytes_an_hour_40_quantities", static_cast<int>(bytes_few));
  RecordProperty("bytes_an_hour_1024_quantities", static_cast<int>(bytes_most));
  printf("an hour: %zu bytes of 40 quantities, %zu of 1,024\n", bytes_few, bytes_most);
  EXPECT_LE(bytes_few, 6'000U);
  EXPECT_LE(bytes_most, 140'000U);
}

TEST(SensorHistory, costs_next_to_nothing_on_the_way_of_a_reading) {
  SensorHistory history;
  std::vector<v1::Reading> readings;
  for (int i = 0; i < 100; ++i) {
    readings.push_back(reading("rtl_433:Fineoffset-WHx080:" + std::to_string(i), start_s, i));
    for (const auto* name : {"relative_humidity", "air_pressure", "wind_speed"}) {
      auto& quantity = *readings.back().add_quantities();
      quantity.set_name(name);
      quantity.set_number(i);
    }
  }
  const auto begin = std::chrono::steady_clock::now();
  for (int round = 0; round < 500; ++round) history.stored(readings, 100);
  const auto took =
      std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
  printf("%.2f us a reading of four quantities\n", took / 50'000);
  EXPECT_LT(took / 50'000, 20) << "some 20 times as much as on an idle machine";
}

}  // namespace
}  // namespace weather::gateway
