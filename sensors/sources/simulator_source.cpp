#include "sensors/sources/simulator_source.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace weather::sensors {

class SimulatorSource::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, SimulatorSourceOptions options, Sink& sink,
       std::function<std::int64_t()> now)
      : options_(std::move(options)),
        sink_(sink),
        now_(std::move(now)),
        simulator_(options_.simulator),
        timer_(io) {}

  void start() {
    due_ = std::chrono::steady_clock::now();
    schedule();
  }
  void stop() {
    stopped_ = true;
    timer_.cancel();
  }
  const SimulatorStatus& status() const { return status_; }

 private:
  void schedule() {
    due_ += options_.interval;
    timer_.expires_at(due_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error || self->stopped_) return;
      self->emit();
      self->schedule();
    });
  }

  void emit() {
    const std::int64_t now = now_();
    for (const auto& simulated : simulator_.step(now)) {
      Message message;
      message.source = options_.name;
      message.topic = simulated.topic;
      message.payload = simulated.payload;
      const auto ticket = sink_.accept(message, decode_simulated, Waits::no);
      if (ticket) {
        ++status_.messages;
      } else {
        ++status_.refused;
        status_.last_error = ticket.error().message();
      }
    }
  }

  const SimulatorSourceOptions options_;
  Sink& sink_;
  const std::function<std::int64_t()> now_;
  Simulator simulator_;
  SimulatorStatus status_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point due_;
  bool stopped_ = false;
};

SimulatorSource::SimulatorSource(boost::asio::io_context& io, SimulatorSourceOptions options, Sink& sink,
                                 std::function<std::int64_t()> now)
    : impl_(std::make_shared<Impl>(io, std::move(options), sink, std::move(now))) {}
SimulatorSource::~SimulatorSource() {
  stop();
}
void SimulatorSource::start() {
  impl_->start();
}
void SimulatorSource::stop() {
  impl_->stop();
}
const SimulatorStatus& SimulatorSource::status() const {
  return impl_->status();
}

}  // namespace weather::sensors
