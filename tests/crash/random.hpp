// A small seeded generator (splitmix64): the same numbers on every machine and standard library.
#pragma once

#include <cstdint>

namespace weather::log::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : next() % n; }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

// A seed of its own for part n of the run with this seed.
inline std::uint64_t derive(std::uint64_t seed, std::uint64_t n) {
  return Random(seed ^ (n * 0xd1342543de82ef95U)).next();
}

}  // namespace weather::log::test
