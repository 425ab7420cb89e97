// Worlds that live on a simulated disk: one for each seed.
#pragma once

#include <cstdint>
#include <memory>

#include <gtest/gtest.h>

#include "tests/crash/settings.hpp"
#include "tests/crash/sim_files.hpp"

namespace weather::gateway {

using log::test::Cut;
using log::test::Disk;
using log::test::Random;
using log::test::SimClock;
using log::test::SimFiles;

// With the folder /data.
inline std::unique_ptr<SimFiles> empty_card(std::uint64_t bytes, std::uint64_t seed) {
  auto card = std::make_unique<SimFiles>(Disk(bytes), seed);
  (void)card->make_dir("/data");
  (void)card->sync_dir("/data");
  (void)card->sync_dir("/");
  return card;
}

// live(world) says how often what the test is about happened: more than once a life in the end.
template <class World, class Live>
void each_life(std::uint64_t lives, const Live& live) {
  std::uint64_t happened = 0;
  for (std::uint64_t life = 0; life < lives; ++life) {
    World world(log::test::derive(log::test::run_seed(), life));
    happened += live(world);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(happened, lives);
}

}  // namespace weather::gateway
