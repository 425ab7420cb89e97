#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "bridge/log/manual.hpp"
#include "tests/bench/log/engine.hpp"
#include "tests/bench/log/parts.hpp"
#include "tests/crash/block_device.hpp"

namespace weather::log::bench {

namespace {

// Real files whose middle is left out: the first block of a segment is written, and everything once
// `whole` is set; other writes only make the file as long as it would be. 10 GiB of backlog in seconds.
class SparseFile : public File {
 public:
  SparseFile(std::unique_ptr<File> real, const bool& whole) : real_(std::move(real)), whole_(whole) {}
  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> to) override {
    return real_->read(offset, to);
  }
  Result<std::size_t> write(std::uint64_t offset, std::span<const std::byte> from) override {
    if (whole_ || offset < 8192) return real_->write(offset, from);
    const auto last = real_->write(offset + from.size() - 1, from.last(1));
    if (!last) return last;
    return from.size();
  }
  Result<void> sync_data() override { return {}; }
  Result<std::uint64_t> size() override { return real_->size(); }

 private:
  std::unique_ptr<File> real_;
  const bool& whole_;
};

class SparseFiles : public Files {
 public:
  void write_all_from_now_on() { whole_ = true; }
  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Mode mode) override {
    auto real = posix_files().open(path, mode);
    if (!real || path.extension() == ".cur" || path.filename() == "STATE" || path.filename() == "LOG")
      return real;
    return std::make_unique<SparseFile>(std::move(*real), whole_);
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
  Result<Space> space(const std::filesystem::path& path) override {
    auto space = posix_files().space(path);
    if (space) space->total_bytes = space->free_bytes = std::uint64_t{1} << 40U;
    return space;
  }
  Result<std::unique_ptr<File>> lock(const std::filesystem::path& path) override {
    return posix_files().lock(path);
  }

 private:
  bool whole_ = false;
};

Options options_in(const std::filesystem::path& folder) {
  Options options;
  options.dir = folder;
  options.max_bytes = std::uint64_t{64} << 30U;
  return options;
}

// In a process of its own that ends without closing the log.
void make_backlog(const std::filesystem::path& folder, std::uint64_t bytes, Files& files,
                  const std::function<void()>& near_the_end) {
  const pid_t child = fork();
  if (child == 0) {
    auto opened = open_manual(options_in(folder), files, system_clock());
    if (!opened) _exit(1);
    std::vector<std::vector<std::byte>> payloads;
    std::vector<Record> records;
    for (std::uint64_t i = 0; i < 1'000; ++i) payloads.push_back(payload(i));
    for (const auto& one : payloads) records.push_back({0, Type::reading, one});
    constexpr std::uint64_t tail = 20U << 20;
    bool near = false;
    for (std::uint64_t done = 0; done < bytes; done += records.size() * record_bytes) {
      if (!near && done + tail > bytes) {
        near_the_end();
        near = true;
      }
      const auto last = (*opened)->append(records, Wait::now);
      if (!last || !(*opened)->wait_durable(*last, std::chrono::seconds(30))) _exit(2);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("cannot make a backlog");
}

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

struct Opened {
  double milliseconds = 0;
  std::uint64_t resident = 0, scanned_bytes = 0;
};

Opened open_in_a_child(const std::filesystem::path& folder) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t child = fork();
  if (child == 0) {
    const auto start = std::chrono::steady_clock::now();
    const auto log = Log::open(options_in(folder), posix_files(), system_clock());
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    const Opened result{took.count(), resident_bytes(), log ? (*log)->recovery().scanned_bytes : 0};
    if (!log || write(ends[1], &result, sizeof result) != sizeof result) _exit(1);
    _exit(0);  // as after a crash again
  }
  close(ends[1]);
  Opened result;
  const bool reported = read(ends[0], &result, sizeof result) == sizeof result;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  if (!reported) throw std::runtime_error("cannot open the backlog");
  return result;
}

}  // namespace

void measure_opening(const std::filesystem::path& folder) {
  struct Size {
    const char* name;
    std::uint64_t bytes;
  };
  std::printf("| open after a crash, backlog | ms | resident above an empty log, MiB | scanned MiB |\n");
  std::printf("|---|---:|---:|---:|\n");
  std::uint64_t empty = 0;
  for (const Size size : {Size{"empty", 0}, Size{"10 MiB", 10U << 20}, Size{"1 GiB", 1U << 30},
                          Size{"10 GiB", std::uint64_t{10} << 30U}}) {
    const auto dir = folder / "bench-opening";
    SparseFiles files;
    make_backlog(dir, size.bytes, files, [&] { files.write_all_from_now_on(); });
    const auto opened = open_in_a_child(dir);
    if (size.bytes == 0) empty = opened.resident;
    std::printf("| %s | %.1f | %.1f | %.1f |\n", size.name, opened.milliseconds,
                static_cast<double>(static_cast<std::int64_t>(opened.resident - empty)) / (1U << 20),
                static_cast<double>(opened.scanned_bytes) / (1U << 20));
    std::fflush(stdout);
    std::filesystem::remove_all(dir);
  }
}

void measure_reading(const std::filesystem::path& folder) {
  const auto dir = folder / "bench-reading";
  constexpr std::uint64_t bytes = 256U << 20;
  make_backlog(dir, bytes, posix_files(), [] {});
  const auto log = Log::open(options_in(dir), posix_files(), system_clock());
  if (!log) throw std::runtime_error("log: " + log.error().message());
  double best = 0;
  for (int round = 0; round < 3; ++round) {
    const auto reader = (*log)->reader(1);
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t records = 0;
    while (true) {
      const auto entries = reader->read(1'000, 256U << 10);
      if (!entries) throw std::runtime_error("read: " + entries.error().message());
      if (entries->empty()) break;
      records += entries->size();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(records) / took.count());
  }
  std::printf("| sequential read, warm, best of 3 | |\n|---|---:|\n| million records/s | %.2f |\n",
              best / 1e6);
  (*log)->close();
  std::filesystem::remove_all(dir);
}

}  // namespace weather::log::bench
