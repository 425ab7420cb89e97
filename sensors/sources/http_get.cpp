#include "sensors/sources/http_get.hpp"

#include <array>
#include <utility>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "sensors/sources/network.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

}  // namespace

class HttpGet::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, HttpPlace place, HttpGetLimits limits)
      : lookup_(io),
        place_(std::move(place)),
        limits_(limits),
        socket_(io),
        timer_(io),
        reader_(limits.most_body_bytes) {}

  void get(const std::string& target, Done done) {
    done_ = std::move(done);
    const auto number = ++number_;
    reader_ = HttpAnswerReader(limits_.most_body_bytes);
    request_ = "GET " + target + " HTTP/1.1\r\nHost: " + place_.authority() +
               "\r\nUser-Agent: weather-gateway\r\nAccept: application/json\r\nConnection: close\r\n\r\n";
    timer_.expires_after(limits_.longest);
    timer_.async_wait([self = shared_from_this(), number](const boost::system::error_code& cancelled) {
      if (!cancelled && self->is(number)) self->fail("it does not answer in time");
    });
    lookup_.start(place_.host, [weak = weak_from_this(), number](const Resolved& found) {
      if (const auto self = weak.lock(); self && self->is(number)) self->connect(number, found);
    });
  }

  void cancel() {
    const auto dropped = std::exchange(done_, {});  // may hold who asked, to the end of this function
    close();
  }

  void leave() {
    cancel();
    lookup_.leave();
  }

 private:
  // Whether this request still waits: what an earlier one started may end later.
  bool is(std::uint64_t number) const { return done_ != nullptr && number == number_; }

  void connect(std::uint64_t number, const Resolved& found) {
    if (!found) return fail(found.error());
    std::vector<tcp::endpoint> endpoints;
    for (const auto& address : *found) endpoints.emplace_back(address, place_.port);
    asio::async_connect(socket_, endpoints,
                        [self = shared_from_this(), number](const boost::system::error_code& error,
                                                            const tcp::endpoint& reached) {
                          if (!self->is(number)) return;
                          if (error) return self->fail("it cannot be reached (" + error.message() + ")");
                          self->from_ = reached.address();
                          self->ask(number);
                        });
  }

  void ask(std::uint64_t number) {
    asio::async_write(
        socket_, asio::buffer(request_),
        [self = shared_from_this(), number](const boost::system::error_code& error, std::size_t) {
          if (!self->is(number)) return;
          if (error) return self->fail("the connection broke (" + error.message() + ")");
          self->read(number);
        });
  }

  void read(std::uint64_t number) {
    socket_.async_read_some(
        asio::buffer(buffer_),
        [self = shared_from_this(), number](const boost::system::error_code& error, std::size_t bytes) {
          if (!self->is(number)) return;
          if (error && error != asio::error::eof)
            return self->fail("the connection broke (" + error.message() + ")");
          auto whole = error ? self->reader_.end() : self->reader_.feed({self->buffer_.data(), bytes});
          if (!whole) return self->fail(std::move(whole.error()));
          if (*whole) return self->finish(Got{self->reader_.take(), self->from_});
          self->read(number);
        });
  }

  void fail(std::string text) { finish(tl::unexpected(std::move(text))); }

  void finish(tl::expected<Got, std::string> got) {
    close();
    const auto done = std::exchange(done_, {});
    done(std::move(got));
  }

  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
  }

  HostLookup lookup_;
  const HttpPlace place_;
  const HttpGetLimits limits_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  std::array<char, 4096> buffer_{};
  HttpAnswerReader reader_;
  std::string request_;
  asio::ip::address from_;
  Done done_;
  std::uint64_t number_ = 0;
};

HttpGet::HttpGet(asio::io_context& io, HttpPlace place, HttpGetLimits limits)
    : impl_(std::make_shared<Impl>(io, std::move(place), limits)) {}
HttpGet::~HttpGet() {
  impl_->leave();
}
void HttpGet::get(const std::string& target, Done done) {
  impl_->get(target, std::move(done));
}
void HttpGet::cancel() {
  impl_->cancel();
}

}  // namespace weather::sensors
