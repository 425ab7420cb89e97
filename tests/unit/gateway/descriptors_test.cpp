#include "gateway/app/descriptors.hpp"

#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

Config with(std::vector<std::uint64_t> listeners, std::size_t https = 1) {
  Config config;
  config.web.enabled = true;
  for (const auto most : listeners) config.listener.emplace_back().max_connections = most;
  config.http.resize(https);
  return config;
}

TEST(Descriptors, WhatThereIsRoomForIsGranted) {
  const auto places = share_descriptors(with({2'000}), 4'096);
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].connections, 2'000U);
  EXPECT_EQ(places[0].connecting, 256U);
}

TEST(Descriptors, SomeAreAlwaysLeftForLogControlSocketAndKafka) {
  const std::vector<std::vector<std::uint64_t>> cases{
      {1}, {2'000}, {60'000}, {2'000, 10}, {60'000, 60'000, 1}};
  for (const auto& listeners : cases) {
    for (std::uint64_t limit = 300; limit <= 200'000; limit += limit < 5'000 ? 7 : 1'777) {
      const auto places = share_descriptors(with(listeners), limit);
      ASSERT_EQ(places.size(), listeners.size());
      std::uint64_t used = 64 + 64;  // the page and [[http]]
      for (std::size_t i = 0; i < places.size(); ++i) {
        ASSERT_GE(places[i].connections, 1U);
        ASSERT_GE(places[i].connecting, 1U);
        ASSERT_LE(places[i].connections, listeners[i]);
        used += places[i].connections + places[i].connecting;
      }
      ASSERT_LE(used + 128, limit) << "limit " << limit;
    }
  }
}

}  // namespace
}  // namespace weather::gateway
