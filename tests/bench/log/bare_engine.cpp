#include <mutex>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

#include "tests/bench/log/engine.hpp"

namespace weather::log::bench {

namespace {

class Bare : public Engine {
 public:
  explicit Bare(const std::filesystem::path& folder) {
    file_ = open((folder / "bare").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const std::vector<char> zeros(size);
    if (write(file_, zeros.data(), zeros.size()) != static_cast<ssize_t>(size) || fsync(file_) != 0) {
      throw std::runtime_error("bare: no space");
    }
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  ~Bare() override { close(file_); }
  std::string name() const override { return "bare pwrite + fdatasync"; }
  void commit(std::uint64_t count) override {
    const std::lock_guard lock(mutex_);
    block_.assign((count * (record_bytes + 8) + 64 + 4095) / 4096 * 4096, 'x');
    if (at_ + block_.size() > size) at_ = 0;
    if (pwrite(file_, block_.data(), block_.size(), static_cast<off_t>(at_)) < 0 || fdatasync(file_) != 0) {
      throw std::runtime_error("bare: write failed");
    }
    at_ += block_.size();
  }

 private:
  static constexpr std::size_t size = 8U << 20;
  int file_ = -1;
  std::mutex mutex_;
  std::vector<char> block_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Engine> bare_engine(const std::filesystem::path& folder) {
  return std::make_unique<Bare>(folder);
}

}  // namespace weather::log::bench
