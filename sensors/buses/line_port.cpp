#include "sensors/buses/line_port.hpp"

#include <charconv>
#include <utility>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/serial_port.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "sensors/sources/network.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

constexpr std::string_view scheme = "tcp://";
constexpr std::chrono::seconds longest_connect{10};

std::string advice(const Error& error) {
  if (error == boost::system::errc::permission_denied) return "; add the gateway's user to the group dialout";
  if (error == boost::system::errc::no_such_file_or_directory) return "; it is opened when it is plugged in";
  return "";
}

asio::serial_port::parity::type parity_of(char letter) {
  return letter == 'E'   ? asio::serial_port::parity::even
         : letter == 'O' ? asio::serial_port::parity::odd
                         : asio::serial_port::parity::none;
}

}  // namespace

tl::expected<LinePlace, std::string> LinePlace::parse(const std::string& written) {
  LinePlace place;
  if (!written.starts_with(scheme)) {
    if (written.empty() || written.find("://") != std::string::npos)
      return tl::unexpected("\"" + written + "\" is no device such as /dev/ttyUSB0 and no tcp://host:port");
    place.device = written;
    return place;
  }
  const auto rest = std::string_view(written).substr(scheme.size());
  const auto colon = rest.rfind(':');
  const auto digits = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  auto host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), place.port);
  if (host.empty() || failed != std::errc() || end != digits.data() + digits.size() || place.port == 0)
    return tl::unexpected("\"" + written + "\" must be tcp://host:port");
  place.host = host;
  return place;
}

class LinePort::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, LinePlace place, LineSettings settings)
      : lookup_(io),
        place_(std::move(place)),
        settings_(std::move(settings)),
        serial_(io),
        tcp_(io),
        timer_(io) {}

  void open(std::function<void(std::string)> done) {
    if (!place_.device.empty()) {
      const auto error = open_serial();
      return done(error ? "cannot open " + place_.device + ": " + error.message() + advice(error) : "");
    }
    const auto there = place_.host + ":" + std::to_string(place_.port);
    const auto once = std::make_shared<std::function<void(std::string)>>(std::move(done));
    const auto finish = [this, once](const std::string& text) {
      timer_.cancel();
      if (auto report = std::exchange(*once, {})) report(text);
    };
    timer_.expires_after(longest_connect);
    timer_.async_wait([self = shared_from_this(), finish, there](const Error& cancelled) {
      if (cancelled) return;
      self->close();
      self->on_resolved_ = {};
      finish("cannot reach " + there + ": no answer within 10 s");
    });
    lookup_.start(place_.host, [weak = weak_from_this()](Resolved found) {
      const auto self = weak.lock();
      if (const auto act = self ? std::exchange(self->on_resolved_, {}) : nullptr) act(std::move(found));
    });
    on_resolved_ = [this, finish, there](const Resolved& found) {
      if (!found) return finish("cannot reach " + there + ": " + found.error());
      std::vector<tcp::endpoint> endpoints;
      for (const auto& address : *found) endpoints.emplace_back(address, place_.port);
      asio::async_connect(
          tcp_, endpoints,
          [self = shared_from_this(), finish, there](const Error& error, const tcp::endpoint&) {
            Error ignored;
            if (!error) self->tcp_.set_option(asio::socket_base::keep_alive(true), ignored);
            finish(error ? "cannot reach " + there + ": " + error.message() : "");
          });
    };
  }
  void leave() {
    close();
    on_resolved_ = {};
    lookup_.leave();
  }

  void read_some(asio::mutable_buffer into, Handler handler) {
    if (place_.device.empty())
      tcp_.async_read_some(into, std::move(handler));
    else
      serial_.async_read_some(into, std::move(handler));
  }
  void write(std::string_view bytes, Handler handler) {
    if (place_.device.empty())
      asio::async_write(tcp_, asio::buffer(bytes), std::move(handler));
    else
      asio::async_write(serial_, asio::buffer(bytes), std::move(handler));
  }
  void close() {
    Error ignored;
    serial_.close(ignored);
    tcp_.close(ignored);
    timer_.cancel();
  }

 private:
  Error open_serial() {
    Error error;
    serial_.open(place_.device, error);
    const auto set = [&](const auto& option) {
      if (!error) serial_.set_option(option, error);
    };
    const auto& framing = settings_.framing;
    set(asio::serial_port::baud_rate(settings_.baud));
    set(asio::serial_port::character_size(static_cast<unsigned>(framing[0] - '0')));
    set(asio::serial_port::parity(parity_of(framing[1])));
    set(asio::serial_port::stop_bits(framing[2] == '2' ? asio::serial_port::stop_bits::two
                                                       : asio::serial_port::stop_bits::one));
    set(asio::serial_port::flow_control(asio::serial_port::flow_control::none));
    return error;
  }

  HostLookup lookup_;
  const LinePlace place_;
  const LineSettings settings_;
  asio::serial_port serial_;
  tcp::socket tcp_;
  asio::steady_timer timer_;
  std::function<void(Resolved)> on_resolved_;
};

LinePort::LinePort(asio::io_context& io, LinePlace place, LineSettings settings)
    : impl_(std::make_shared<Impl>(io, std::move(place), std::move(settings))) {}
LinePort::~LinePort() {
  impl_->leave();
}
void LinePort::open(std::function<void(std::string)> done) {
  impl_->open(std::move(done));
}
void LinePort::read_some(asio::mutable_buffer into, Handler handler) {
  impl_->read_some(into, std::move(handler));
}
void LinePort::write(std::string_view bytes, Handler handler) {
  impl_->write(bytes, std::move(handler));
}
void LinePort::close() {
  impl_->close();
}

}  // namespace weather::sensors
