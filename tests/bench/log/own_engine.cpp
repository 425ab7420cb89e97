#include <stdexcept>

#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "tests/bench/log/engine.hpp"

namespace weather::log::bench {

namespace {

// With a sink that keeps up, so that segments are recycled as in daily life.
class Own : public Engine {
 public:
  explicit Own(const std::filesystem::path& folder) {
    Options options;
    options.dir = folder / "log";
    options.max_bytes = 256U << 20;
    auto opened = Log::open(options, posix_files(), system_clock());
    if (!opened) throw std::runtime_error("log: " + opened.error().message());
    log_ = std::move(*opened);
    cursor_ = log_->open_cursor("kafka").value();
  }
  std::string name() const override { return "weather log"; }
  void commit(std::uint64_t count) override {
    std::vector<std::vector<std::byte>> payloads;
    std::vector<Record> records;
    for (std::uint64_t i = 0; i < count; ++i) payloads.push_back(payload(++number_));
    for (const auto& bytes : payloads) records.push_back({0, Type::reading, bytes});
    const auto last = log_->append(records, Wait::now);
    if (!last || !log_->wait_durable(*last, std::chrono::seconds(30))) {
      throw std::runtime_error("log: append failed");
    }
    cursor_.delivered += *last + 1 - cursor_.next;
    cursor_.next = *last + 1;
    log_->advance("kafka", cursor_);
  }

 private:
  std::unique_ptr<Log> log_;
  Cursor cursor_;
  std::uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<Engine> own_engine(const std::filesystem::path& folder) {
  return std::make_unique<Own>(folder);
}

}  // namespace weather::log::bench
