// Power cuts, and kills -9, at every call of seeded workloads, and power cuts again while the log recovers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/crash/workload.hpp"

namespace weather::log::test {

// One moment of a life: the disk before a call that changes it, and the promises made by then.
struct Moment {
  Disk disk;
  Promise promise;
};
struct Life {
  Given given;
  Options options;
  std::vector<Moment> moments;
};
Life live(std::uint64_t seed, const Mistakes& mistakes = {});

struct CutReport {
  std::uint64_t lives = 0, cuts = 0, cuts_in_recovery = 0;
  std::vector<std::string> failures;  // each with what reproduces it
};
// Lives through one seed after the other, from `seed` on, until that many cuts were judged or ten have
// failed.
CutReport cut_power(std::uint64_t seed, std::uint64_t cuts, const Mistakes& mistakes = {});

}  // namespace weather::log::test
