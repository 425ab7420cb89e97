// A listener on loopback over a sink whose commits the test decides, and a blocking client.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "sensors/listener/server.hpp"
#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {

class FakeSink final : public Sink {
 public:
  Result<Ticket> accept(const Message& message, const Decoder& decode, Waits) override {
    const std::lock_guard lock(mutex_);
    if (const auto decoded = decode(message);
        decoded && message.ids != nullptr && !message.ids->allows(*decoded))
      return tl::make_unexpected(make_error_code(AccessErrc::foreign_id));
    if (full_) return tl::make_unexpected(std::make_error_code(std::errc::no_space_on_device));
    messages_.push_back(std::string(message.topic) + " " + std::string(message.payload));
    ++last_;
    if (at_once_) callback_(durable_ = last_);
    return last_;
  }
  Result<Ticket> store(std::vector<Reading> readings, Waits) override {
    const std::lock_guard lock(mutex_);
    for (const Reading& reading : readings)
      messages_.push_back(reading.sensor_id() + " " + reading.extra_json());
    return ++last_;
  }
  void hurry() override { ++hurries; }
  Result<void> wait(Ticket, std::chrono::milliseconds) override { return {}; }
  Ticket durable() const override { return durable_.load(); }
  void on_durable(std::function<void(Ticket)> callback) override { callback_ = std::move(callback); }

  // What the log thread does after a flush.
  void commit() {
    {
      const std::lock_guard lock(mutex_);
      durable_ = last_;
    }
    callback_(durable_.load());
  }
  std::atomic<int> hurries = 0;  // how often somebody waited
  void commit_at_once() {
    const std::lock_guard lock(mutex_);
    at_once_ = true;
  }
  void set_full(bool full) {
    const std::lock_guard lock(mutex_);
    full_ = full;
  }
  std::vector<std::string> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  // Until so many messages have come, at most five seconds.
  bool reaches(std::size_t count) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (messages().size() < count) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> messages_;
  bool full_ = false, at_once_ = false;
  std::uint64_t last_ = 0;
  std::atomic<std::uint64_t> durable_ = 0;
  std::function<void(Ticket)> callback_;
};

class ServerBed {
 public:
  // A reading of each sensor that the payload names: "a b".
  static Decoded decode(const Message& message) {
    std::vector<Reading> readings;
    std::istringstream words{std::string(message.payload)};
    for (std::string word; words >> word;) readings.emplace_back().set_sensor_id(word);
    return readings;
  }
  explicit ServerBed(ListenerOptions options = {}) {
    options.port = 0;
    auto made = Server::make(
        io_, std::move(options), sink, decode,
        [](std::string_view text) -> std::uint64_t { return std::hash<std::string_view>{}(text); });
    if (!made) throw std::runtime_error(made.error());
    server_ = *std::move(made);
    server_->start();
    port = server_->status().port;
    thread_ = std::thread([this] { io_.run(); });
  }
  ~ServerBed() {
    on_io([this] { server_->stop(); });
    io_.stop();
    thread_.join();
    server_.reset();
  }

  // Runs on the io thread and waits for it.
  void on_io(const std::function<void()>& what) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }
  ListenerStatus status() {
    ListenerStatus status;
    on_io([&] { status = server_->status(); });
    return status;
  }
  void stop() {
    on_io([this] { server_->stop(); });
  }

  FakeSink sink;
  std::uint16_t port = 0;

 private:
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stay_{io_.get_executor()};
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

class TestClient {
 public:
  // `receive_buffer_bytes`: what its system takes while it does not read; 0: as much as it likes, megabytes.
  explicit TestClient(std::uint16_t port, int receive_buffer_bytes = 0) : socket_(io_) {
    socket_.open(boost::asio::ip::tcp::v4());
    if (receive_buffer_bytes > 0)
      socket_.set_option(boost::asio::socket_base::receive_buffer_size(receive_buffer_bytes));
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    const timeval five_seconds{5, 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &five_seconds, sizeof five_seconds);
  }
  void send(const std::string& data) { boost::asio::write(socket_, boost::asio::buffer(data)); }
  std::string receive(std::size_t count) {
    std::string data(count, '\0');
    boost::system::error_code error;
    data.resize(boost::asio::read(socket_, boost::asio::buffer(data), error));
    return data;
  }
  // True if the server closes and has nothing more to say.
  bool closed_by_server() { return receive(1).empty(); }
  bool silent() {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    return socket_.available() == 0;
  }
  void close() { socket_.close(); }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
};

}  // namespace weather::sensors::listener
