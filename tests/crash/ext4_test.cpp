// Power cuts under a real ext4: its writes and flushes are recorded below it, disks as a power cut could
// leave them are rebuilt, mounted (journal replay included) and judged.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "bridge/log/files.hpp"
#include "tests/crash/block_device.hpp"
#include "tests/crash/check.hpp"
#include "tests/crash/settings.hpp"

namespace weather::log::test {
namespace {

constexpr std::uint64_t disk_bytes = 16U << 20;
constexpr int ext4_steps = 120;
constexpr const char* sentinel = "sentinel";

struct Recording {
  std::vector<std::byte> base;
  std::vector<RecordingDisk::Event> events;
  std::vector<Promise> promises;  // by the value of a mark
  Given given;
  Options options;
  std::filesystem::path folder;
};

void write_sentinel(const std::filesystem::path& folder) {
  const int file = open((folder / sentinel).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const bool written = pwrite(file, sentinel, 8, 0) == 8 && fsync(file) == 0;
  close(file);
  if (!written) throw std::runtime_error("cannot write the sentinel");
}

bool has_sentinel(const std::filesystem::path& folder) {
  std::ifstream file(folder / sentinel);
  std::string text;
  return std::getline(file, text) && text == sentinel;
}

Recording record(std::uint64_t seed, const std::filesystem::path& folder, Files& files) {
  Recording made;
  made.folder = folder;
  made.given.seed = seed;
  made.options = small_options(seed, folder / "log");
  made.options.max_bytes = 3U << 20;
  made.base = fresh_ext4(disk_bytes);
  RecordingDisk disk(made.base);
  const int file = open(disk.file().c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) throw std::system_error(errno, std::system_category(), disk.file());
  {
    const LoopDevice loop(file);
    const Mount mount(loop.path(), folder);
    write_sentinel(folder);
    std::mutex mutex;
    const auto promised = [&](const Promise& promise) {
      const std::lock_guard guard(mutex);
      disk.mark(made.promises.size());
      made.promises.push_back(promise);
    };
    promised({});
    SimClock clock;
    Workload workload(made.options, made.given, with_thread(), files, clock, promised);
    workload.open();
    for (int i = 0; i < ext4_steps; ++i) workload.step();
    workload.close();
  }
  close(file);
  made.events = disk.events();
  return made;
}

std::uint32_t little_endian(const std::vector<std::byte>& image, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8U | std::to_integer<std::uint32_t>(image.at(at + i));
  return value;
}

// The blocks ext4 reads before it replays its journal, each the only copy on a disk this small: superblock,
// group descriptors, the inodes 1 to 16 (8 is the journal's) and the journal's own superblock, which begins
// with a magic number and type 4, big-endian (Documentation/filesystems/ext4).
std::vector<std::size_t> before_replay(const std::vector<std::byte>& image) {
  constexpr std::array<unsigned char, 8> journal{0xC0, 0x3B, 0x39, 0x98, 0, 0, 0, 4};
  constexpr std::size_t descriptors = page_bytes, inode_table_in_descriptor = 8;
  const auto inodes = little_endian(image, descriptors + inode_table_in_descriptor);
  std::vector<std::size_t> blocks{0, descriptors, inodes * page_bytes};
  for (std::size_t at = 0; at + page_bytes <= image.size(); at += page_bytes) {
    if (std::memcmp(image.data() + at, journal.data(), journal.size()) != 0) continue;
    blocks.push_back(at);
    return blocks;
  }
  throw std::runtime_error("the ext4 has no journal");
}

// A torn or garbled block of those would leave no file system to have a log on: e2fsck throws the journal
// away then, and with it names that were durable. They are found old or new.
void apply(const RecordingDisk::Write& write, std::vector<std::byte>& image,
           const std::vector<std::size_t>& vital, Cut cut, Random& random) {
  const bool only_copy = std::ranges::any_of(vital, [&write](std::size_t block) {
    return write.offset < block + page_bytes && block < write.offset + write.bytes.size();
  });
  if (only_copy && cut > Cut::omit_all) cut = Cut::whole_pages;
  if (cut == Cut::omit_all || (cut == Cut::whole_pages && random.one_in(2))) return;
  for (std::size_t at = 0; at < write.bytes.size(); at += sector_bytes) {
    const std::size_t n = std::min(sector_bytes, write.bytes.size() - at);
    const auto to = image.begin() + static_cast<std::ptrdiff_t>(write.offset + at);
    const Cut how = cut == Cut::mixed ? static_cast<Cut>(random.between(2, 4)) : cut;
    const auto luck = random.below(3);
    if ((how == Cut::torn_sectors || how == Cut::garbage) && luck == 0) continue;
    if (how == Cut::garbage && luck == 1) {
      std::generate_n(to, n, [&] { return static_cast<std::byte>(random.next()); });
    } else {
      std::copy_n(write.bytes.begin() + static_cast<std::ptrdiff_t>(at), n, to);
    }
  }
}

struct Image {
  std::vector<std::byte> bytes;
  Promise promise;
};

// The disk when the power fails before event number `cut_at`.
Image rebuild(const Recording& recording, std::size_t cut_at, Random& random) {
  Image image{recording.base, {}};
  std::size_t last_flush = 0;
  for (std::size_t i = 0; i < cut_at; ++i) {
    if (std::holds_alternative<RecordingDisk::Flush>(recording.events[i])) last_flush = i;
  }
  const auto cut = static_cast<Cut>(random.below(cut_kinds));
  const auto vital = before_replay(recording.base);
  for (std::size_t i = 0; i < cut_at; ++i) {
    if (const auto* write = std::get_if<RecordingDisk::Write>(&recording.events[i])) {
      apply(*write, image.bytes, vital, i < last_flush ? Cut::keep_all : cut, random);
    } else if (const auto* mark = std::get_if<RecordingDisk::Mark>(&recording.events[i])) {
      image.promise = recording.promises[mark->value];
    }
  }
  return image;
}

struct Tally {
  std::uint64_t points = 0, repaired = 0;
};

std::string judge_mounted(const Recording& recording, const Promise& promise) {
  if (!has_sentinel(recording.folder)) return "no sentinel: not the file system that was recorded";
  const auto log = Log::open(recording.options, posix_files(), system_clock());
  if (!log) return "open: " + log.error().message();
  if (auto wrong = judge(**log, promise, recording.given, recording.options); !wrong.empty()) return wrong;
  return judge_new_record(**log, std::max(promise.acknowledged, (*log)->durable()), recording.options);
}

std::string judge_image(const Recording& recording, const Image& image, Tally& tally) {
  const int file = memory_file(image.bytes);
  std::string wrong;
  {
    const LoopDevice loop(file);
    try {
      const Mount mount(loop.path(), recording.folder);
      wrong = judge_mounted(recording, image.promise);
    } catch (const std::system_error&) {
      // Garbage in the sector that says where the journal is: the file system check at boot is for that.
      ++tally.repaired;
      const std::string check = "e2fsck -fy " + loop.path() + " > /dev/null 2>&1";
      if (std::system(check.c_str()) == -1) return "no e2fsck";
      try {
        const Mount mount(loop.path(), recording.folder);
        wrong = judge_mounted(recording, image.promise);
      } catch (const std::system_error& error) {
        wrong = error.what();
      }
    }
  }
  close(file);
  return wrong;
}

// The event after which the sentinel is durable and the log may be judged.
std::size_t first_mark(const Recording& recording) {
  for (std::size_t i = 0; i < recording.events.size(); ++i) {
    if (std::holds_alternative<RecordingDisk::Mark>(recording.events[i])) return i + 1;
  }
  return 0;
}

// Stops when `enough` points have failed; each of them is judged `repeats` times more.
std::vector<std::string> cut_power_under_ext4(std::uint64_t seed, std::uint64_t points, Files& files,
                                              Tally& tally, std::size_t enough, int repeats) {
  constexpr std::uint64_t points_per_recording = 250;
  std::vector<std::string> failures;
  const auto folder = fresh_folder("weather-ext4");
  for (std::uint64_t part = 0; tally.points < points && failures.size() < enough; ++part) {
    const Recording recording = record(seed + part, folder, files);
    const auto first = first_mark(recording);
    for (std::uint64_t i = 0; i < points_per_recording && tally.points < points && failures.size() < enough;
         ++i) {
      Random random(derive(seed + part, i));
      const auto cut_at = random.between(first, recording.events.size());
      const Image image = rebuild(recording, cut_at, random);
      ++tally.points;
      const std::string wrong = judge_image(recording, image, tally);
      if (wrong.empty()) continue;
      // Is it the log or the machinery around it? The same image again.
      int again = 0;
      for (int n = 0; n < repeats; ++n) again += judge_image(recording, image, tally).empty() ? 0 : 1;
      failures.push_back("WEATHER_SEED=" + std::to_string(seed + part) + " point " + std::to_string(i) +
                         " before event " + std::to_string(cut_at) + " of " +
                         std::to_string(recording.events.size()) + ": " + wrong + " (again in " +
                         std::to_string(again) + " of " + std::to_string(repeats) + ")");
    }
  }
  std::filesystem::remove(folder);
  return failures;
}

TEST(Ext4, PowerCutsLoseNothingAcknowledged) {
  if (const auto why = no_block_devices(); !why.empty()) GTEST_SKIP() << why;
  const auto seed = run_seed();
  Tally tally;
  const auto failures = cut_power_under_ext4(seed, run_size(200, 5'000), posix_files(), tally, 10, 20);
  std::printf("seed %llu: %llu images of ext4, %llu needed e2fsck first: %zu failures\n",
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(tally.points),
              static_cast<unsigned long long>(tally.repaired), failures.size());
  for (const auto& failure : failures) ADD_FAILURE() << failure;
}

// A file that forgets to sync, and folders that do.
class CarelessFile : public File {
 public:
  explicit CarelessFile(std::unique_ptr<File> real) : real_(std::move(real)) {}
  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> to) override {
    return real_->read(offset, to);
  }
  Result<std::size_t> write(std::uint64_t offset, std::span<const std::byte> from) override {
    return real_->write(offset, from);
  }
  Result<void> sync_data() override { return {}; }
  Result<std::uint64_t> size() override { return real_->size(); }

 private:
  std::unique_ptr<File> real_;
};

class CarelessFiles : public Files {
 public:
  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Mode mode) override {
    auto real = posix_files().open(path, mode);
    if (!real) return real;
    return std::make_unique<CarelessFile>(std::move(*real));
  }
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return posix_files().rename(from, to);
  }
  Result<void> remove(const std::filesystem::path& path) override { return posix_files().remove(path); }
  Result<void> make_dir(const std::filesystem::path& path) override { return posix_files().make_dir(path); }
  Result<void> sync_dir(const std::filesystem::path&) override { return {}; }
  Result<std::vector<std::string>> list(const std::filesystem::path& path) override {
    return posix_files().list(path);
  }
  Result<Space> space(const std::filesystem::path& path) override { return posix_files().space(path); }
  Result<std::unique_ptr<File>> lock(const std::filesystem::path& path) override {
    return posix_files().lock(path);
  }
};

TEST(Ext4, NoticesALogThatDoesNotSync) {
  if (const auto why = no_block_devices(); !why.empty()) GTEST_SKIP() << why;
  CarelessFiles files;
  Tally tally;
  EXPECT_FALSE(cut_power_under_ext4(run_seed(), 20, files, tally, 1, 0).empty());
}

}  // namespace
}  // namespace weather::log::test
