#include "sensors/sources/weatherlink_live.hpp"

#include <deque>
#include <optional>
#include <random>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sensors/reading/json_text.hpp"
#include "sensors/sources/udp.hpp"
#include "sensors/sources/weatherlink_answer.hpp"
#include "sensors/sources/weatherlink_wind.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Kind = WeatherlinkAnswer::Kind;
using Ask = WeatherlinkPoll::Ask;

constexpr std::chrono::seconds offer_again{1};

std::string target_of(Ask ask) {
  if (ask == Ask::conditions) return "/v1/current_conditions";
  return "/v1/real_time?duration=" + std::to_string(WeatherlinkPoll::broadcast_time.count());
}

// Why this is not what was asked for; empty: it is.
std::string fault_of(const HttpAnswer& http, const WeatherlinkAnswer& said, Kind wanted) {
  if (http.status >= 300 && http.status < 400)
    return "it sends us elsewhere (" + to_utf8(http.location, 120) +
           "): name the address of the device itself";
  if (said.kind == Kind::error) return said.text;
  if (http.status != 200) return "it answers with status " + std::to_string(http.status);
  if (said.kind == Kind::other) return said.text;
  return said.kind == wanted ? "" : "it answers something else than it was asked for";
}

}  // namespace

class WeatherlinkLive::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, WeatherlinkOptions options, Sink& sink)
      : io_(io),
        options_(std::move(options)),
        sink_(sink),
        http_(io, options_.place, options_.http),
        poll_timer_(io),
        offer_timer_(io),
        poll_(options_.poll, Clock::now()),
        wind_(options_.decode) {}

  void start() { wait(); }

  void stop() {
    if (std::exchange(stopped_, true)) return;
    http_.cancel();
    poll_timer_.cancel();
    udp_.reset();
    offer();
    offer_timer_.cancel();
  }

  WeatherlinkStatus status() const {
    auto now = status_;
    now.repeated += wind_.repeated();
    now.foreign += wind_.foreign();
    if (udp_) now.datagrams += udp_->status().datagrams;
    if (udp_) now.foreign += udp_->status().foreign;
    return now;
  }

 private:
  using Got = tl::expected<HttpGet::Got, std::string>;
  struct Waiting {
    std::string payload, topic;
  };

  double random() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  void wait() {
    const auto next = poll_.next();
    if (stopped_ || next == WeatherlinkPoll::Time::max()) return;
    poll_timer_.expires_at(next);
    poll_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled && !self->stopped_) self->ask();
    });
  }

  void ask() {
    const auto ask = poll_.take(Clock::now());
    if (!ask) return wait();
    ++status_.asked;
    http_.get(target_of(*ask), [self = shared_from_this(), ask = *ask](const Got& got) {
      if (!got) ++self->status_.unanswered;
      if (ask == Ask::conditions)
        self->take_conditions(got);
      else
        self->take_broadcast(got);
      self->wait();
    });
  }

  void take_conditions(const Got& got) {
    if (!got) return conditions_failed(got.error());
    const auto& http = got->answer;
    const auto said = look_at_weatherlink(http.body);
    if (auto fault = fault_of(http, said, Kind::conditions); !fault.empty()) {
      ++status_.refused;
      // Kept once as a dead letter, to be looked at; not each time that it is asked.
      if (http.status == 200 && said.kind == Kind::other && !std::exchange(unread_, true))
        store(http.body, got->from.to_string());
      return conditions_failed(std::move(fault));
    }
    unread_ = false;
    poll_.conditions_came(Clock::now());
    wind_.polled(said.did, said.time_ns);
    if (http.body == newest_) {
      ++status_.repeated;
    } else {
      newest_ = http.body;
      store(http.body, got->from.to_string());
    }
    if (!std::exchange(status_.up, true)) options_.say(true, "it answers");
    status_.reason.clear();
  }

  void conditions_failed(std::string why) {
    poll_.conditions_failed(Clock::now(), random());
    if (status_.up || status_.reason.empty()) options_.say(false, why + "; it is asked again and again");
    status_.up = false;
    status_.reason = std::move(why);
  }

  void take_broadcast(const Got& got) {
    if (!got) return broadcast_failed(got.error());
    const auto said = look_at_weatherlink(got->answer.body);
    if (auto fault = fault_of(got->answer, said, Kind::broadcast); !fault.empty()) {
      ++status_.refused;
      return broadcast_failed(fault);
    }
    if (auto fault = listen(said.port, got->from); !fault.empty()) return broadcast_failed(fault);
    poll_.broadcast_granted(Clock::now(), said.duration);
    if (poll_.wind_missing())
      complain_of_wind("nothing of what it broadcasts is heard on UDP port " + std::to_string(said.port) +
                       ": is there a firewall, or another network in between?");
  }

  void broadcast_failed(const std::string& why) {
    poll_.broadcast_failed(Clock::now(), random());
    complain_of_wind(why);
  }

  void complain_of_wind(const std::string& why) {
    if (!std::exchange(wind_reported_, true)) options_.say(false, "no wind between the conditions: " + why);
  }

  // What is wrong, or nothing: its broadcast is taken, from its own address only.
  std::string listen(std::uint16_t port, const asio::ip::address& from) {
    if (udp_ && udp_from_ == from && udp_->port() == port) return {};
    if (udp_) {
      status_.datagrams += udp_->status().datagrams;
      status_.foreign += udp_->status().foreign;
      udp_.reset();
    }
    UdpOptions broadcast;
    broadcast.name = options_.name;
    broadcast.address = from.is_v6() ? "::" : "0.0.0.0";
    broadcast.port = port;
    broadcast.shared = true;
    broadcast.from = AddressList::of(from);
    try {
      udp_.emplace(
          io_, std::move(broadcast),
          [weak = weak_from_this()](const Message& message) -> Decoded {
            const auto self = weak.lock();
            return self ? self->take_wind(message) : Decoded(std::vector<Reading>{});
          },
          sink_);
    } catch (const boost::system::system_error& error) {
      return "UDP port " + std::to_string(port) + " cannot be listened on: " + error.code().message();
    }
    udp_from_ = from;
    udp_->start();
    return {};
  }

  Decoded take_wind(const Message& message) {
    const auto foreign = wind_.foreign();
    auto readings = wind_.decode(message);
    if (!readings || wind_.foreign() != foreign) return readings;
    poll_.wind_heard(Clock::now());
    if (std::exchange(wind_reported_, false)) options_.say(true, "its wind is heard");
    return readings;
  }

  void store(std::string payload, std::string topic) {
    waiting_bytes_ += payload.size();
    waiting_.push_back({std::move(payload), std::move(topic)});
    while (waiting_bytes_ > options_.most_waiting_bytes && waiting_.size() > 1) {
      ++status_.dropped;
      forget_first();
    }
    offer();
  }

  void forget_first() {
    waiting_bytes_ -= waiting_.front().payload.size();
    waiting_.pop_front();
    again_ = false;
  }

  void offer() {
    while (!waiting_.empty()) {
      Message message;
      message.source = options_.name;
      message.topic = waiting_.front().topic;
      message.payload = waiting_.front().payload;
      message.again = std::exchange(again_, true);
      if (!sink_.accept(message, options_.decode, Waits::no)) {
        offer_timer_.expires_after(offer_again);
        offer_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
          if (!cancelled && !self->stopped_) self->offer();
        });
        return;
      }
      forget_first();
    }
  }

  asio::io_context& io_;
  const WeatherlinkOptions options_;
  Sink& sink_;
  HttpGet http_;
  asio::steady_timer poll_timer_, offer_timer_;
  WeatherlinkPoll poll_;
  WeatherlinkWind wind_;
  std::optional<UdpSource> udp_;
  asio::ip::address udp_from_;
  std::string newest_;           // the conditions that came last
  std::deque<Waiting> waiting_;  // for the sink
  std::size_t waiting_bytes_ = 0;
  bool again_ = false, stopped_ = false, unread_ = false, wind_reported_ = false;
  std::minstd_rand random_{std::random_device{}()};
  WeatherlinkStatus status_;
};

WeatherlinkLive::WeatherlinkLive(asio::io_context& io, WeatherlinkOptions options, Sink& sink)
    : impl_(std::make_shared<Impl>(io, std::move(options), sink)) {}
WeatherlinkLive::~WeatherlinkLive() {
  impl_->stop();
}
void WeatherlinkLive::start() {
  impl_->start();
}
void WeatherlinkLive::stop() {
  impl_->stop();
}
WeatherlinkStatus WeatherlinkLive::status() const {
  return impl_->status();
}

}  // namespace weather::sensors
