// bench-log [FOLDER [PART]]: compares the log with SQLite, RocksDB and LMDB on one disk in one run, as root.
// FOLDER (default: the current one) is on the disk to measure and needs 12 GiB of apparent, 2 GiB of real
// space.
#include <cstdio>
#include <exception>
#include <string_view>

#include "tests/bench/log/parts.hpp"

int main(int argc, char** argv) {
  using namespace weather::log::bench;
  const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
  struct Part {
    std::string_view name;
    void (*run)(const std::filesystem::path&);
  };
  constexpr Part parts[] = {{"engines", compare_engines}, {"primitives", measure_primitives},
                            {"commits", compare_commits}, {"card", compare_commits_on_a_card},
                            {"waiters", compare_waiters}, {"daily", measure_daily_life},
                            {"opening", measure_opening}, {"reading", measure_reading}};
  try {
    for (const auto& part : parts) {
      if (argc > 2 && part.name != argv[2]) continue;
      part.run(folder);
      std::printf("\n");
      std::fflush(stdout);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-log: %s\n", error.what());
    return 1;
  }
  return 0;
}
