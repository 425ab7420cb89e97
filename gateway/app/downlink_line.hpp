// The downlink of a running gateway: reads the topic, gives the receiver what it needs of the world, and
// tells the fleet's topic what became of each message. On the io thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "bridge/kafka/background.hpp"
#include "bridge/kafka/status_publisher.hpp"
#include "bridge/kafka/topic_reader.hpp"
#include "gateway/clock/stamp.hpp"
#include "gateway/downlink/receiver.hpp"
#include "gateway/status/status.hpp"

namespace weather::gateway {

class App;

// The configuration that was read is no longer the one in force: a trial ended with this start.
struct TakenBack {};

class DownlinkLine {
 public:
  // Reads data_dir/downlink.json, which only who holds the log's lock may write. Throws TakenBack. The app
  // must outlive it; nothing else of it is used before start().
  DownlinkLine(App& app, Stamper& stamper);
  ~DownlinkLine();

  void start();
  void stop();
  // The routes have been made anew: so are the clients here. Why the new settings were of no use; empty: they
  // are.
  void routes_are_new(const std::string& why_not);
  // Why no drop-in is in force, whatever the state says; empty: they are.
  void note_left_out(const std::string& why);
  DownlinkStatus status() const;

 private:
  struct Drain {
    std::chrono::steady_clock::time_point until;
    std::function<void(const std::string&)> ended;
  };

  struct Bundle {
    std::string key, value;
    std::function<void(const std::string&)> ended;
  };

  downlink::Ports ports();
  downlink::Footing footing() const;
  void act(const downlink::Message& message, std::function<void(const std::string&)> ended);
  void replay_records(const downlink::Message& message, const std::function<void(const std::string&)>& ended);
  void bundle(const downlink::Message& message, std::function<void(const std::string&)> ended);
  void published(bool confirmed);
  void look();
  void look_at_drains();
  void read_on();
  void send_note();
  void report_refusals();
  void publish(std::string key, std::string value);
  bridge::StatusPublisher& publisher();

  App& app_;
  Stamper& stamper_;
  boost::asio::steady_timer timer_, log_level_timer_;
  bridge::Background background_;
  std::string unreadable_;                        // why the state is not known: nothing is taken then
  std::unique_ptr<downlink::Receiver> receiver_;  // none: unreadable
  std::unique_ptr<bridge::TopicReader> reader_;   // none while the receiver is busy
  std::unique_ptr<bridge::StatusPublisher> publisher_;
  std::vector<Drain> drains_;
  std::deque<Bundle> bundles_;
  std::optional<downlink::Note> reporting_;
  bool bundling_ = false;  // the first of bundles_ is on its way
  bool in_flight_ = false;
  std::string reader_fault_, left_out_;
  struct Reported {
    std::uint64_t count = 0;
    std::chrono::steady_clock::time_point at{};
  };
  std::array<Reported, downlink::refusal_count> reported_refusals_{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what is posted
};

}  // namespace weather::gateway
