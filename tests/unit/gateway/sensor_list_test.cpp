#include "gateway/web/sensor_list.hpp"

#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/http/message.hpp"

namespace weather::gateway {
namespace {

constexpr std::int64_t now = 1'700'000'000'000'000'000;

SensorStatus sensor(std::string id, bool rejecting = false) {
  SensorStatus result;
  result.id = std::move(id);
  result.source = "mqtt:garden";
  result.value_json = R"({"temperature":20})";
  result.last_ns = now;
  if (rejecting) result.error = "not JSON";
  return result;
}

SensorAsk asked(const std::string& address) {
  HttpRequest request;
  split_target(address, request);
  return ask_from(request.query);
}

TEST(SensorAsk, is_what_the_address_says) {
  const SensorAsk ask{"rö of&?=#+%", "silent", 12};
  EXPECT_EQ(asked(address_of(ask)), ask);
  EXPECT_EQ(address_of({}), "/");
  for (const auto* nonsense :
       {"/?page=0", "/?page=-1", "/?page=x", "/?page=1x", "/?page=99999999999", "/?state=<b>"})
    EXPECT_EQ(asked(nonsense), SensorAsk{}) << nonsense;
  EXPECT_EQ(asked("/?find=" + std::string(9000, 'x')).find.size(), SensorAsk::most_find_bytes);
}

TEST(SensorList, finds_names_sources_quantities_and_errors) {
  const std::vector all{sensor("Roof"), sensor("cellar", true)};
  for (const auto& [find, found] :
       {std::pair("rOOf", 1), {"garden", 2}, {"temperature", 2}, {"not json", 1}, {"nowhere", 0}, {"", 2}})
    EXPECT_EQ(list_sensors(all, now, {find, "", 1}).found, static_cast<std::size_t>(found)) << find;
  EXPECT_EQ(list_sensors(all, now, {"", "rejecting", 1}).rows.at(0).sensor->id, "cellar");
  EXPECT_EQ(list_sensors(all, now, {"", "rejecting", 1}).states.at("ok"), 1U) << "counted over all";
}

// Whatever is asked: all pages together are what matches, each once, in order, none longer than a page.
TEST(SensorList, pages_are_all_that_matches_once_and_in_order) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<SensorStatus> all;
    const auto count = std::uniform_int_distribution(0, 160)(random);
    for (int i = 0; i < count; ++i) all.push_back(sensor("s" + std::to_string(random()), random() % 3 == 0));
    SensorAsk ask{random() % 2 == 0 ? "" : "1", random() % 3 == 0 ? "ok" : "", 1};
    const auto first = list_sensors(all, now, ask);
    std::vector<std::pair<bool, std::string>> seen;
    for (; ask.page <= first.pages; ++ask.page) {
      const auto page = list_sensors(all, now, ask);
      ASSERT_EQ(page.page, ask.page);
      ASSERT_LE(page.rows.size(), SensorList::page_rows);
      ASSERT_EQ(page.first, page.rows.empty() ? 0 : seen.size() + 1);
      for (const auto& row : page.rows) seen.emplace_back(row.state != "rejecting", row.sensor->id);
    }
    EXPECT_EQ(seen.size(), first.found);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), seen.size());
    ask.page = 1000;
    EXPECT_EQ(list_sensors(all, now, ask).page, first.pages) << "beyond the end is the end";
  }
}

}  // namespace
}  // namespace weather::gateway
