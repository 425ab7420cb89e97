#include "sensors/quality/rain.hpp"

#include <gtest/gtest.h>

#include "sensors/reading/reading.pb.h"

namespace weather::sensors {
namespace {

TEST(Rain, WhatFellIsTheDifference) {
  RainCounter counter;
  EXPECT_FALSE(counter.step(335.1).fallen_mm);
  EXPECT_EQ(counter.step(335.1).fallen_mm, 0);
  EXPECT_EQ(counter.step(335.4).fallen_mm, 0.3);
}

TEST(Rain, AResetToNearlyZeroIsOne) {
  RainCounter counter;
  counter.step(335.1);
  const auto step = counter.step(0.6);
  EXPECT_EQ(step.fallen_mm, 0.6);
  EXPECT_EQ(step.qc, static_cast<unsigned>(v1::QC_COUNTER_RESET));
}

TEST(Rain, AGlitchDownAndUpAgainIsNoRain) {
  RainCounter counter;
  counter.step(115);
  const auto down = counter.step(49);
  EXPECT_FALSE(down.fallen_mm);
  EXPECT_EQ(down.qc, static_cast<unsigned>(v1::QC_STEP));
  EXPECT_EQ(counter.step(115).fallen_mm, 0) << "66 mm of phantom rain";
}

TEST(Rain, AGlitchUpAndDownAgainIsNoRain) {
  RainCounter counter;
  counter.step(10);
  EXPECT_FALSE(counter.step(400).fallen_mm);
  EXPECT_EQ(counter.step(10.3).fallen_mm, 0.3);
}

TEST(Rain, AResetToAnotherValueIsConfirmedByTheNextReading) {
  RainCounter counter;
  counter.step(193.6);
  EXPECT_FALSE(counter.step(52.5).fallen_mm);
  const auto confirmed = counter.step(52.8);
  EXPECT_EQ(confirmed.fallen_mm, 0.3);
  EXPECT_EQ(confirmed.qc, static_cast<unsigned>(v1::QC_COUNTER_RESET));
  EXPECT_EQ(counter.step(53.0).fallen_mm, 0.2);
}

TEST(Rain, NoiseConfirmsNothing) {
  RainCounter counter;
  counter.step(100);
  EXPECT_FALSE(counter.step(60).fallen_mm);
  EXPECT_FALSE(counter.step(20).fallen_mm);
  EXPECT_EQ(counter.step(100.2).fallen_mm, 0.2);
}

TEST(Rain, ACounterThatWrapsAtItsModulusGoesOn) {
  RainCounter counter({.nearly_zero_mm = 0.1, .largest_step_mm = 50, .modulus_mm = 256});
  counter.step(255);
  const auto step = counter.step(3);
  EXPECT_EQ(step.fallen_mm, 4);
  EXPECT_EQ(step.qc, static_cast<unsigned>(v1::QC_COUNTER_RESET));
}

}  // namespace
}  // namespace weather::sensors
