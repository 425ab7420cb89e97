// Places shared out: nobody is refused while another share has more, and a share bites only under pressure.
#include "sensors/listener/places.hpp"

#include <deque>
#include <random>

#include <gtest/gtest.h>

#include "sensors/listener/largest.hpp"

namespace weather::sensors::listener {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct Guest {
  Places<Guest>::Place place;
  std::string share;
};

TEST(Places, AShareBitesOnlyUnderPressureAndTheLargestGivesWay) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&random](int below) {
      return static_cast<int>(random() % static_cast<unsigned>(below));
    };
    constexpr std::size_t most = 40;
    Places<Guest> places({.most = most, .margin = 1, .gives_way_upto = 1, .gives_way_upto_within = 0});
    std::deque<Guest> guests(400);
    std::map<std::string, std::size_t> sizes;
    auto now = Clock::time_point{};
    for (int step = 0; step < 3'000; ++step) {
      now += milliseconds(1);
      Guest& guest = guests[static_cast<std::size_t>(pick(400))];
      if (guest.place.share != nullptr) {
        if (pick(3) == 0) {
          places.leave(guest.place);
          --sizes[guest.share];
        } else {
          places.heard(guest.place, static_cast<std::uint8_t>(pick(3)), now);
        }
        continue;
      }
      // A crowd of one share, and a few of others.
      const auto share = pick(4) == 0 ? std::to_string(pick(5)) : std::string("crowd");
      guest.place.owner = &guest;
      guest.share = share;
      if (places.full()) {
        Guest* const victim = places.gives_way(share, now);
        std::size_t largest = 0;
        for (const auto& [name, size] : sizes) largest = std::max(largest, size);
        if (victim == nullptr) {
          // Nobody that may give way has more: those that have are of the highest value.
          for (const auto& other : guests)
            if (other.place.share != nullptr && sizes[other.share] > sizes[share] + 1) {
              ASSERT_EQ(other.place.value, 2) << seed;
            }
          continue;
        }
        ASSERT_TRUE(victim->share == share || sizes[victim->share] > sizes[share] + 1) << seed;
        ASSERT_LE(victim->place.value, victim->share == share ? 0 : 1);
        // Of its share none is worth less, and none of the same value was silent for longer.
        for (const auto& other : guests)
          if (other.place.share != nullptr && other.share == victim->share) {
            ASSERT_TRUE(
                other.place.value > victim->place.value ||
                (other.place.value == victim->place.value && other.place.heard >= victim->place.heard));
          }
        places.leave(victim->place);
        --sizes[victim->share];
      }
      places.enter(guest.place, share, static_cast<std::uint8_t>(pick(3)), now);
      ++sizes[share];
      ASSERT_LE(places.size(), most);
      for (const auto& [name, size] : sizes) ASSERT_EQ(places.size(name), size);
    }
    for (auto& guest : guests) places.leave(guest.place);
    EXPECT_EQ(places.size(), 0U);
  }
}

TEST(Places, TenThousandOfOneShareDoNotKeepOneOfAnotherOut) {
  Places<Guest> places({.most = 100, .margin = 1, .gives_way_upto = 1, .patience = std::chrono::seconds(1)});
  std::deque<Guest> crowd(10'000);
  const auto now = Clock::now();
  for (auto& guest : crowd) {
    guest.place.owner = &guest;
    if (places.full()) continue;
    places.enter(guest.place, "crowd", 1, now);
  }
  EXPECT_EQ(places.gives_way("crowd", now + std::chrono::hours(1)), nullptr);  // they published
  Guest* const victim = places.gives_way("honest", now);
  ASSERT_NE(victim, nullptr);
  EXPECT_EQ(victim, &crowd[0]);
}

TEST(Places, AnAbandonedPlaceIsTheFirstToGo) {
  Places<Guest> places({.most = 3, .patience = std::chrono::seconds(1)});
  std::deque<Guest> guests(3);
  const auto now = Clock::now();
  for (auto& guest : guests) {
    guest.place.owner = &guest;
    places.enter(guest.place, "one", 0, now);
  }
  EXPECT_EQ(places.gives_way("one", now), nullptr);
  places.abandon(guests[1].place);
  EXPECT_EQ(places.gives_way("one", now), &guests[1]);
}

TEST(Largest, TheLargestGivesWayAndOfTheSameSizeTheOldOne) {
  struct Holder {
    Largest<Holder>::Entry entry;
  } small, large, old;
  Largest<Holder> all;
  const auto now = Clock::now();
  all.set(&old, old.entry, 200, now - std::chrono::seconds(5));
  all.set(&small, small.entry, 10, now);
  all.set(&large, large.entry, 200, now);
  EXPECT_EQ(all.gives_way(100, &small, now), &old);
  EXPECT_EQ(all.gives_way(200, &small, now), &old);
  EXPECT_EQ(all.gives_way(201, &small, now), nullptr);
  all.set(&old, old.entry, 0, now);
  EXPECT_EQ(all.gives_way(200, &small, now), nullptr);  // large is as large, and new
  EXPECT_EQ(all.gives_way(100, &large, now), nullptr);  // nobody but itself
  all.set(&large, large.entry, 0, now);
  all.set(&small, small.entry, 0, now);
  EXPECT_EQ(all.size(), 0U);
}

}  // namespace
}  // namespace weather::sensors::listener
