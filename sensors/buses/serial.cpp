#include "sensors/buses/serial.hpp"

#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sensors/sources/line_splitter.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_line = 1024;  // NMEA says 82, instruments send more
constexpr std::chrono::milliseconds refused_pause{200};

LinePlace place_of(const std::string& device) {
  auto place = LinePlace::parse(device);
  if (!place) throw std::invalid_argument(place.error());
  return std::move(*place);
}

}  // namespace

class SerialSource::Impl {
 public:
  Impl(SerialOptions options, Sink& sink)
      : options_(std::move(options)),
        sink_(sink),
        reconnect_(options_.reconnect),
        timer_(io_),
        poll_timer_(io_),
        port_(io_, place_of(options_.device), options_.line) {}

  void start() {
    if (thread_.joinable()) return;
    thread_ = std::thread([this] {
      open();
      io_.run();
    });
  }

  void stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  SerialStatus status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  void open() {
    port_.open([this](const std::string& fault) {
      if (!fault.empty()) return broken(fault);
      reconnect_.connected(Clock::now());
      splitter_.emplace(longest_line);
      in_step_ = false;
      set([](SerialStatus& status) {
        status.open = true;
        status.silent_rounds = 0;
      });
      read();
      if (!options_.poll.empty()) ask_first();
    });
  }

  void broken(std::string text) {
    port_.close();
    poll_timer_.cancel();
    awaits_ = false;
    set([&](SerialStatus& status) {
      status.open = false;
      status.last_error = std::move(text);
    });
    const auto random = std::uniform_real_distribution<double>(0, 1)(random_);
    timer_.expires_after(reconnect_.failed(Clock::now(), random));
    timer_.async_wait([this](const Error& cancelled) {
      if (!cancelled) open();
    });
  }

  // A round: all commands, one after the other.
  void ask_first() {
    round_began_ = Clock::now();
    answered_ = false;
    next_ = 0;
    ask();
  }

  void ask() {
    if (next_ == options_.poll.size()) {
      set([this](SerialStatus& status) { status.silent_rounds = answered_ ? 0 : status.silent_rounds + 1; });
      return after(round_began_ + options_.interval, [this] { ask_first(); });
    }
    awaits_ = true;
    set([](SerialStatus& status) { ++status.asked; });
    port_.write(options_.poll[next_++], [this](const Error& error, std::size_t) {
      if (error && error != asio::error::operation_aborted)
        broken("lost " + options_.device + ": " + error.message());
    });
    after(Clock::now() + options_.answer_within, [this] {
      awaits_ = false;
      set([](SerialStatus& status) { ++status.unanswered; });
      ask();
    });
  }

  void after(Clock::time_point when, std::function<void()> act) {
    poll_timer_.expires_at(when);
    poll_timer_.async_wait([act = std::move(act)](const Error& cancelled) {
      if (!cancelled) act();
    });
  }

  void read() {
    port_.read_some(asio::buffer(buffer_), [this](const Error& error, std::size_t bytes) {
      if (error == asio::error::operation_aborted) return;
      if (error) return broken("lost " + options_.device + ": " + error.message());
      splitter_->feed({buffer_.data(), bytes}, [this](const LineSplitter::Line& line) { take(line.text); });
      offer();
    });
  }

  // Opened in the middle of a line: its rest is no error.
  void take(std::string_view line) {
    const bool is_answer = std::exchange(awaits_, false);
    const bool was_in_step = std::exchange(in_step_, true);
    if (!was_in_step && !is_answer) {
      in_step_ = !options_.starts || options_.starts(line);
      if (!options_.starts || !in_step_) return;
    }
    waiting_.emplace_back(line);
    if (!is_answer) return;
    answered_ = true;
    asio::post(io_, [this] { ask(); });
  }

  // Reads on only when everything before is stored: the kernel buffers 4 KiB meanwhile.
  void offer() {
    for (; !waiting_.empty(); waiting_.pop_front()) {
      if (store(waiting_.front())) continue;
      timer_.expires_after(refused_pause);
      timer_.async_wait([this](const Error& cancelled) {
        if (!cancelled) offer();
      });
      return;
    }
    read();
  }

  bool store(const std::string& line) {
    Message message;
    message.source = options_.name;
    message.topic = options_.device;
    message.payload = line;
    std::string not_decoded;
    const auto decode = [&](const Message& complete) {
      auto readings = options_.decode(complete);
      if (readings && readings->empty() && options_.undecoded_name)
        not_decoded = options_.undecoded_name(complete.payload);
      return readings;
    };
    const bool stored = sink_.accept(message, decode, Waits::no).has_value();
    set([&](SerialStatus& status) {
      ++(stored ? status.lines : status.refused);
      if (!stored || not_decoded.empty()) return;
      auto& names = status.not_decoded;
      const bool room = names.contains(not_decoded) || names.size() < SerialStatus::most_names;
      ++names[room ? not_decoded : "others"];
    });
    return stored;
  }

  template <class Change>
  void set(const Change& change) {
    const std::lock_guard lock(mutex_);
    change(status_);
  }

  const SerialOptions options_;
  Sink& sink_;
  ReconnectSchedule reconnect_;
  asio::io_context io_{1};
  asio::steady_timer timer_, poll_timer_;
  LinePort port_;
  std::optional<LineSplitter> splitter_;
  std::array<char, 512> buffer_{};
  std::deque<std::string> waiting_;
  bool in_step_ = false;   // the beginning of the next line was seen
  bool awaits_ = false;    // a command has no answer yet
  bool answered_ = false;  // one of this round has
  std::size_t next_ = 0;   // command
  Clock::time_point round_began_;
  std::minstd_rand random_{std::random_device{}()};
  std::thread thread_;
  mutable std::mutex mutex_;
  SerialStatus status_;
};

SerialSource::SerialSource(SerialOptions options, Sink& sink)
    : impl_(std::make_unique<Impl>(std::move(options), sink)) {}
SerialSource::~SerialSource() {
  stop();
}
void SerialSource::start() {
  impl_->start();
}
void SerialSource::stop() {
  impl_->stop();
}
SerialStatus SerialSource::status() const {
  return impl_->status();
}

}  // namespace weather::sensors
