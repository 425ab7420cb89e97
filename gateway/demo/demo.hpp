// The whole line in one process: simulated stations, the real log in a temporary folder, a Kafka cluster
// inside this process, a real consumer of its topic. Lives on the io thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "bridge/kafka/mock_cluster.hpp"
#include "gateway/app/app.hpp"
#include "gateway/demo/consumer.hpp"
#include "gateway/demo/script.hpp"
#include "gateway/demo/tally.hpp"
#include "gateway/demo/view.hpp"

namespace weather::gateway {

struct DemoSettings {
  std::chrono::milliseconds duration{};  // zero: until end() is called
  std::vector<ScriptStep> script;
  std::uint64_t rate = 100;
  std::chrono::milliseconds drain_limit{30'000};
};

class Demo {
 public:
  // `show` is called with every fresh view, five times a second; `done` once, when nothing waits any more or
  // the drain took too long. Throws StartError or std::runtime_error.
  Demo(boost::asio::io_context& io, const DemoSettings& settings, std::function<void(const DemoView&)> show,
       std::function<void()> done);
  ~Demo();  // removes the folder
  Demo(const Demo&) = delete;
  Demo& operator=(const Demo&) = delete;

  void toggle_link();
  void end();  // stops the stations and drains
  Score score() const;
  std::string kcat_hint() const;

 private:
  void set_link(bool up);
  void report(const std::string& text);
  void consumed(ConsumedEvent event);
  void begin();
  void tick();
  void step(std::chrono::steady_clock::time_point now);
  void refresh(std::chrono::steady_clock::time_point now);
  void finish();

  boost::asio::io_context& io_;
  const DemoSettings settings_;
  const std::function<void(const DemoView&)> show_;
  const std::function<void()> done_;
  const std::filesystem::path folder_;
  bridge::MockCluster cluster_;
  std::unique_ptr<App> app_;
  const std::chrono::steady_clock::time_point created_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point begin_ = created_, drain_begin_ = created_;
  std::atomic<bool> consumer_joined_{false};
  bool begun_ = false;
  DemoView view_;
  std::size_t next_step_ = 0;
  bool finished_ = false;
  boost::asio::steady_timer timer_;
  mutable std::mutex mutex_;  // what the consumer's thread writes
  std::optional<Tally> tally_;
  std::deque<std::string> seen_;
  std::unique_ptr<DemoConsumer> consumer_;  // last: its thread uses the above
};

}  // namespace weather::gateway
