#include "sensors/buses/serial.hpp"

#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/serial_port.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sensors/sources/line_splitter.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;

constexpr std::size_t longest_line = 1024;  // NMEA says 82, instruments send more
constexpr std::chrono::milliseconds refused_pause{200};

std::string advice(const Error& error) {
  if (error == boost::system::errc::permission_denied) return "; add the gateway's user to the group dialout";
  if (error == boost::system::errc::no_such_file_or_directory) return "; it is opened when it is plugged in";
  return "";
}

// Empty: it is decoded, or no sentence at all, which is counted elsewhere.
std::string undecoded_name(std::string_view line) {
  const auto sentence = parse_nmea(line);
  if (!sentence || is_decoded_sentence(sentence->type)) return {};
  return sentence->talker + sentence->type;
}

}  // namespace

class SerialSource::Impl {
 public:
  Impl(SerialOptions options, Sink& sink)
      : options_(std::move(options)), sink_(sink), reconnect_(options_.reconnect), port_(io_), timer_(io_) {
    if (options_.name.empty()) options_.name = "nmea:" + options_.device;
  }

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
    Error error;
    port_.open(options_.device, error);
    const auto set = [&](const auto& option) {
      if (!error) port_.set_option(option, error);
    };
    set(asio::serial_port::baud_rate(options_.baud));
    set(asio::serial_port::character_size(8));
    set(asio::serial_port::parity(asio::serial_port::parity::none));
    set(asio::serial_port::stop_bits(asio::serial_port::stop_bits::one));
    set(asio::serial_port::flow_control(asio::serial_port::flow_control::none));
    if (error) return broken("cannot open " + options_.device + ": " + error.message() + advice(error));
    reconnect_.connected(std::chrono::steady_clock::now());
    splitter_.emplace(longest_line);
    in_step_ = false;
    {
      const std::lock_guard lock(mutex_);
      status_.open = true;
    }
    read();
  }

  void broken(std::string text) {
    Error ignored;
    port_.close(ignored);
    {
      const std::lock_guard lock(mutex_);
      status_.open = false;
      status_.last_error = std::move(text);
    }
    const auto random = std::uniform_real_distribution<double>(0, 1)(random_);
    timer_.expires_after(reconnect_.failed(std::chrono::steady_clock::now(), random));
    timer_.async_wait([this](const Error& error) {
      if (!error) open();
    });
  }

  void read() {
    port_.async_read_some(asio::buffer(buffer_), [this](const Error& error, std::size_t bytes) {
      if (error) return broken("lost " + options_.device + ": " + error.message());
      splitter_->feed({buffer_.data(), bytes}, [this](const LineSplitter::Line& line) { take(line.text); });
      offer();
    });
  }

  // Opened in the middle of a sentence: its rest is nobody's fault and no error.
  void take(std::string_view line) {
    const bool starts = line.front() == '$' || line.front() == '!';
    if (!in_step_ && !starts) return;
    in_step_ = true;
    waiting_.emplace_back(line);
  }

  // Reads on only when everything before is stored: the kernel buffers 4 KiB meanwhile.
  void offer() {
    while (!waiting_.empty()) {
      Message message;
      message.source = options_.name;
      message.topic = options_.device;
      message.payload = waiting_.front();
      std::string not_decoded;
      const auto decode = [&](const Message& m) {
        auto readings = decode_nmea(m, options_.nmea);
        if (readings && readings->empty()) not_decoded = undecoded_name(m.payload);
        return readings;
      };
      const bool stored = sink_.accept(message, decode, Waits::no).has_value();
      {
        const std::lock_guard lock(mutex_);
        ++(stored ? status_.lines : status_.refused);
        if (stored && !not_decoded.empty()) note(not_decoded);
      }
      if (stored) {
        waiting_.pop_front();
        continue;
      }
      timer_.expires_after(refused_pause);
      timer_.async_wait([this](const Error& error) {
        if (!error) offer();
      });
      return;
    }
    read();
  }

  void note(const std::string& name) {
    auto& names = status_.not_decoded;
    const bool room = names.contains(name) || names.size() < SerialStatus::most_names;
    ++names[room ? name : "others"];
  }

  SerialOptions options_;
  Sink& sink_;
  ReconnectSchedule reconnect_;
  asio::io_context io_{1};
  asio::serial_port port_;
  asio::steady_timer timer_;
  std::optional<LineSplitter> splitter_;
  std::array<char, 512> buffer_{};
  std::deque<std::string> waiting_;
  bool in_step_ = false;
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
