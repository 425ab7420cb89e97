// How long the disk takes for what one small commit needs: a block overwritten in a file written before, and
// fdatasync. 2,000 times, one after the other at the pace given (default 500 a second).
//
//   bare-fdatasync FOLDER [A_SECOND]
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  if (argc < 2) return std::fprintf(stderr, "usage: bare-fdatasync FOLDER [A_SECOND]\n"), 64;
  const auto pause = std::chrono::nanoseconds(1'000'000'000 / (argc > 2 ? std::atoi(argv[2]) : 500));
  const std::string path = std::string(argv[1]) + "/bare-fdatasync";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  std::array<char, 4096> block{};
  constexpr int blocks = 256;
  for (int i = 0; i < blocks; ++i)
    if (::pwrite(file, block.data(), block.size(), i * 4096) != 4096) return std::perror(path.c_str()), 1;
  if (::fsync(file) != 0) return std::perror("fsync"), 1;
  std::vector<long> times_us;
  auto due = Clock::now();
  for (int i = 0; i < 2000; ++i) {
    std::this_thread::sleep_until(due += pause);
    block.fill(static_cast<char>(i));
    const auto begin = Clock::now();
    if (::pwrite(file, block.data(), block.size(), i % blocks * 4096) != 4096 || ::fdatasync(file) != 0)
      return std::perror("fdatasync"), 1;
    times_us.push_back(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count());
  }
  ::close(file);
  ::unlink(path.c_str());
  std::sort(times_us.begin(), times_us.end());
  std::printf("{\"p50_us\":%ld,\"p99_us\":%ld,\"max_us\":%ld}\n", times_us[1000], times_us[1980],
              times_us[1999]);
  return 0;
}
