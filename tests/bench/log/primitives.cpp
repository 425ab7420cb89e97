// What one commit costs by each way the kernel offers, without any log: a block that was written before is
// written again and made durable.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "tests/bench/log/parts.hpp"
#include "tests/bench/log/private_disk.hpp"

namespace weather::log::bench {

namespace {

constexpr std::size_t block = 4096, file_bytes = 16U << 20;
constexpr int turns = 10, times = 100;

class Written {
 public:
  Written(const std::filesystem::path& path, int flags)
      : file_(open(path.c_str(), O_RDWR | O_CREAT | flags, 0600)) {
    if (file_ < 0) throw std::runtime_error("cannot open " + path.string());
  }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  ~Written() { close(file_); }
  void write(const char* from, std::size_t bytes, std::size_t at) const {
    if (pwrite(file_, from, bytes, static_cast<off_t>(at)) != static_cast<ssize_t>(bytes)) {
      throw std::runtime_error("write failed");
    }
  }
  void sync() const {
    if (fdatasync(file_) != 0) throw std::runtime_error("fdatasync failed");
  }

 private:
  int file_;
};

struct Way {
  const char* name;
  std::function<void(std::size_t at)> commit;
  std::vector<double> us{};
};

}  // namespace

void measure_primitives(const std::filesystem::path& folder) {
  const PrivateDisk disk(folder, 128U << 20);
  const auto path = disk.path() / "file";
  const std::unique_ptr<char, void (*)(void*)> bytes(
      static_cast<char*>(std::aligned_alloc(block, file_bytes)), free);
  std::fill_n(bytes.get(), file_bytes, 'x');
  const Written cached(path, 0);
  cached.write(bytes.get(), file_bytes, 0);
  cached.sync();
  const Written cached_dsync(path, O_DSYNC), direct(path, O_DIRECT), direct_dsync(path, O_DIRECT | O_DSYNC);
  const char* from = bytes.get();
  std::vector<Way> ways;
  ways.push_back(
      {"pwrite, fdatasync", [&](std::size_t at) { cached.write(from, block, at), cached.sync(); }});
  ways.push_back({"O_DSYNC", [&](std::size_t at) { cached_dsync.write(from, block, at); }});
  ways.push_back(
      {"O_DIRECT, fdatasync", [&](std::size_t at) { direct.write(from, block, at), direct.sync(); }});
  ways.push_back({"O_DIRECT and O_DSYNC", [&](std::size_t at) { direct_dsync.write(from, block, at); }});
  ways.push_back({"two blocks (a page with a header before it), fdatasync",
                  [&](std::size_t at) { cached.write(from, block + 24, at), cached.sync(); }});
  ways.push_back({"only the write (O_DIRECT)", [&](std::size_t at) { direct.write(from, block, at); }});
  ways.push_back({"only the flush (fdatasync of nothing)", [&](std::size_t) { cached.sync(); }});
  std::size_t at = 0;
  for (int turn = 0; turn < turns; ++turn) {
    for (auto& way : ways) {
      for (int i = 0; i < times; ++i, at = (at + block) % (file_bytes - 2 * block)) {
        const auto begin = std::chrono::steady_clock::now();
        way.commit(at);
        way.us.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
      }
    }
  }
  std::printf("| 4 KiB into a written block, made durable | p50 us | p90 us |\n|---|---:|---:|\n");
  for (auto& way : ways) {
    std::ranges::sort(way.us);
    std::printf("| %s | %.0f | %.0f |\n", way.name, way.us[way.us.size() / 2],
                way.us[way.us.size() * 9 / 10]);
  }
}

}  // namespace weather::log::bench
