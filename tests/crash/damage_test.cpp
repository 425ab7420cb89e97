// Bit rot, misdirected writes and cut-off files on a card that was healthy: nothing wrong is ever shown, what
// is gone is told, the rest is there.
#include <array>
#include <cstdio>

#include <gtest/gtest.h>

#include "bridge/log/format.hpp"
#include "bridge/log/manual.hpp"
#include "tests/crash/check.hpp"
#include "tests/crash/settings.hpp"

namespace weather::log::test {
namespace {

struct Healthy {
  Given given;
  Options options;
  Disk disk{0};
  std::uint64_t largest_commit = 0;  // records, at most
  Found found;
};

Healthy healthy_log(std::uint64_t seed) {
  Healthy made;
  made.given.seed = seed;
  made.options = small_options(seed, "/data/log");
  made.options.max_bytes = 8U << 20;
  SimFiles files(Disk(64U << 20), seed);
  SimClock clock;
  Workload workload(made.options, made.given, by_hand(), files, clock);
  workload.open();
  for (int i = 0; i < 60; ++i) workload.step();
  made.found = read_all(workload.log());
  workload.log().close();
  made.found = read_all(workload.log());
  workload.close();
  made.disk = files.disk();
  std::uint64_t commit = 0;
  for (const auto& [last, group] : made.given.groups) {
    commit += group.count;
    made.largest_commit = std::max(made.largest_commit, commit);
    if (group.waited) commit = 0;
  }
  return made;
}

struct Damage {
  enum class Kind : std::uint8_t { none, cut, swap, flip } kind = Kind::none;
  std::string path;
  std::uint64_t offset = 0;
  std::string how;
};

Damage spoil(Disk& disk, Random& random) {
  const auto paths = disk.all_files();
  const auto& path = paths[random.below(paths.size())];
  const Inode inode = *disk.find(path);
  const std::uint64_t size = disk.size(inode);
  if (size == 0) return {};
  using Kind = Damage::Kind;
  std::array<std::byte, sector_bytes> one{}, two{};
  const auto offset = random.below(size);
  const auto here = offset / sector_bytes * sector_bytes;
  const auto there = random.below(size) / sector_bytes * sector_bytes;
  switch (random.below(8)) {
    case 0:
      disk.truncate(inode, offset);
      return {Kind::cut, path, offset, "cut " + path + " to " + std::to_string(offset)};
    case 1:
      disk.read(inode, here, one);
      disk.read(inode, there, two);
      disk.damage(inode, here, two);
      disk.damage(inode, there, one);
      return {
          Kind::swap, path, std::min(here, there),
          "sectors " + std::to_string(here) + " and " + std::to_string(there) + " of " + path + " swapped"};
    default: {
      std::array<std::byte, 1> byte{};
      disk.read(inode, offset, byte);
      byte[0] ^= static_cast<std::byte>(1U << random.below(8));
      disk.damage(inode, offset, byte);
      return {Kind::flip, path, offset, "bit flipped in byte " + std::to_string(offset) + " of " + path};
    }
  }
}

// What is lost is said with the file that was damaged, and with a byte before the damage and in its frame. A
// cut may leave a frame whole, of which only padding is missing: the loss begins with the next one.
std::string judge_place(const LostRange& lost, const Damage& damage) {
  const auto said = lost.file + " at byte " + std::to_string(lost.offset);
  if (lost.file != damage.path) return "a loss is said to be in " + said;
  if (damage.kind == Damage::Kind::swap) return {};
  if (lost.offset >= damage.offset + block_bytes)
    return "a loss is said to begin behind the damage, in " + said;
  const bool far = damage.offset - lost.offset > max_frame_bytes;
  return damage.kind == Damage::Kind::flip && far ? "a loss is said to begin far before, in " + said : "";
}

// What is wrong, if anything; counts the records that are gone.
std::string judge_damaged(const Healthy& healthy, const Damage& damage, const Disk& disk,
                          std::uint64_t& gone) {
  SimFiles files(disk);
  SimClock clock;
  std::vector<LostRange> lost;
  auto options = healthy.options;
  options.on_damage = [&lost](const LostRange& range) { lost.push_back(range); };
  const auto log = open_manual(options, files, clock);
  if (!log) return "open: " + log.error().message();
  lost = (*log)->recovery().lost;
  const Found found = read_all(**log);
  (*log)->pump();
  for (const auto& range : lost) {
    if (auto wrong = judge_place(range, damage); !wrong.empty()) return wrong;
  }
  if (!found.wrong.empty()) return found.wrong;
  for (const auto& [sequence, bytes] : found.records) {
    const auto before = healthy.found.records.find(sequence);
    // A record below the start may come back when the place that says where the log starts is damaged.
    const auto number = healthy.given.number(sequence);
    const bool right = before != healthy.found.records.end()
                           ? before->second == bytes
                           : number && payload_of(healthy.given.seed, *number) == bytes;
    if (!right) return "wrong bytes at sequence " + std::to_string(sequence);
  }
  for (const auto& [sequence, bytes] : healthy.found.records) {
    if (found.records.count(sequence) != 0) continue;
    ++gone;
    const bool reported =
        std::any_of(found.losses.begin(), found.losses.end(),
                    [s = sequence](const Loss& loss) { return loss.first <= s && s <= loss.last; });
    if (!reported) return "unreported loss of sequence " + std::to_string(sequence);
  }
  return judge_new_record(**log, std::max((*log)->durable(), healthy.found.last), healthy.options);
}

TEST(Damage, IsAlwaysDetectedToldAndConfined) {
  const auto seed = run_seed();
  const auto total = run_size(100'000, 1'000'000);
  constexpr std::uint64_t per_log = 5'000;
  std::uint64_t with_loss = 0, records_gone = 0;
  int failures = 0;
  for (std::uint64_t done = 0; done < total && failures < 10; done += per_log) {
    const Healthy healthy = healthy_log(seed + done / per_log);
    for (std::uint64_t i = 0; i < std::min(per_log, total - done) && failures < 10; ++i) {
      Random random(derive(healthy.given.seed, 1'000 + i));
      Disk disk = healthy.disk;
      const Damage damage = spoil(disk, random);
      std::uint64_t gone = 0;
      std::string wrong = judge_damaged(healthy, damage, disk, gone);
      // A swap strikes two places, and was seen to cost three commits; why is not known.
      const std::uint64_t commits = damage.kind == Damage::Kind::swap ? 4 : 2;
      if (wrong.empty() && gone > commits * healthy.largest_commit && damage.kind != Damage::Kind::cut) {
        wrong =
            std::to_string(gone) + " records gone of commits of " + std::to_string(healthy.largest_commit);
      }
      with_loss += gone != 0 ? 1U : 0U;
      records_gone += gone;
      failures += wrong.empty() ? 0 : 1;
      EXPECT_EQ(wrong, "") << "WEATHER_SEED=" << healthy.given.seed << " WEATHER_SIZE=" << i + 1 << ": "
                           << damage.how;
    }
  }
  std::printf("seed %llu: %llu damages, %llu cost records (%llu in all), every one told\n",
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(total),
              static_cast<unsigned long long>(with_loss), static_cast<unsigned long long>(records_gone));
  EXPECT_GT(with_loss, total / 100) << "the damages missed the data";
}

}  // namespace
}  // namespace weather::log::test
