#include "sensors/sources/udp.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <optional>
#include <span>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>

#include "sensors/access/party.hpp"
#include "sensors/sources/line_splitter.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;
using asio::ip::udp;

constexpr std::size_t largest_datagram = 65'535;
constexpr int most_at_once = 64;  // others of the loop have their turn
constexpr std::chrono::milliseconds refused_pause{200};

asio::ip::address plain(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address;
}

struct Received {
  std::size_t bytes = 0;
  udp::endpoint sender;
  std::uint32_t overflown = 0;  // of this socket so far; 0: it does not say
};

// recvmsg(2), for the count that the kernel gives beside each datagram (socket(7)). None: nothing is there.
std::optional<Received> receive(int socket, std::span<char> buffer) {
  Received received;
  iovec into{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::array<char, 64> control{};
  msghdr message{};
  message.msg_name = received.sender.data();
  message.msg_namelen = static_cast<socklen_t>(received.sender.capacity());
  message.msg_iov = &into;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto bytes = ::recvmsg(socket, &message, MSG_DONTWAIT);
  if (bytes < 0) return std::nullopt;
  received.bytes = static_cast<std::size_t>(bytes);
  received.sender.resize(message.msg_namelen);
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part))
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_RXQ_OVFL)
      std::memcpy(&received.overflown, CMSG_DATA(part), sizeof received.overflown);
  return received;
}

}  // namespace

tl::expected<AddressList, std::string> AddressList::parse(const std::vector<std::string>& written) {
  AddressList list;
  for (const auto& text : written) {
    Error error;
    const bool has_length = text.find('/') != std::string::npos;
    if (const auto v4 = asio::ip::make_network_v4(has_length ? text : text + "/32", error); !error) {
      list.v4_.push_back(v4.canonical());
      continue;
    }
    const auto v6 = asio::ip::make_network_v6(has_length ? text : text + "/128", error);
    if (error) return tl::unexpected("\"" + text + "\" is no address and no network such as 192.168.1.0/24");
    list.v6_.push_back(v6.canonical());
  }
  return list;
}

AddressList AddressList::of(const asio::ip::address& address) {
  AddressList list;
  const auto is = plain(address);
  if (is.is_v4())
    list.v4_.emplace_back(is.to_v4(), 32);
  else
    list.v6_.emplace_back(asio::ip::address_v6(is.to_v6().to_bytes()), 128);
  return list;
}

bool AddressList::has(const asio::ip::address& address) const {
  if (v4_.empty() && v6_.empty()) return true;
  const auto is = plain(address);
  if (is.is_v4())
    return std::any_of(v4_.begin(), v4_.end(), [&](const asio::ip::network_v4& network) {
      return asio::ip::network_v4(is.to_v4(), network.prefix_length()).network() == network.network();
    });
  auto bare = is.to_v6();
  bare.scope_id(0);
  return std::any_of(v6_.begin(), v6_.end(), [&](const asio::ip::network_v6& network) {
    return asio::ip::network_v6(bare, network.prefix_length()).network() == network.network();
  });
}

class UdpSource::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, UdpOptions options, Decoder decode, Sink& sink)
      : options_(std::move(options)), decode_(std::move(decode)), sink_(sink), socket_(io), timer_(io) {
    const udp::endpoint place(asio::ip::make_address(options_.address), options_.port);
    socket_.open(place.protocol());
    socket_.set_option(asio::socket_base::receive_buffer_size(static_cast<int>(options_.buffer_bytes)));
    const int yes = 1;
    (void)::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);
    if (options_.shared) socket_.set_option(asio::socket_base::reuse_address(true));
    socket_.bind(place);
    socket_.non_blocking(true);
    if (options_.name.empty()) options_.name = "udp:" + std::to_string(socket_.local_endpoint().port());
  }

  void start() { wait(); }
  void stop() {
    Error ignored;
    socket_.close(ignored);
    timer_.cancel();
  }
  std::uint16_t port() const { return socket_.local_endpoint().port(); }
  UdpStatus status() const { return status_; }

 private:
  void wait() {
    socket_.async_wait(udp::socket::wait_read, [self = shared_from_this()](const Error& error) {
      if (!error) self->read();
    });
  }

  void read() {
    for (int i = 0; i < most_at_once && socket_.is_open(); ++i) {
      const auto received = receive(socket_.native_handle(), buffer_);
      if (!received) break;
      if (received->overflown != 0) status_.overflown = received->overflown;
      const auto sender = plain(received->sender.address());
      if (!options_.from.has(sender)) {
        ++status_.foreign;
        continue;
      }
      ++status_.datagrams;
      sender_ = sender.to_string();
      party_ = share_of({}, sender_);
      take({buffer_.data(), received->bytes});
      if (!offer()) return;
    }
    if (socket_.is_open()) wait();
  }

  void take(std::string_view datagram) {
    if (!options_.lines) {
      waiting_.emplace_back(datagram);
      return;
    }
    LineSplitter splitter(largest_datagram);
    const auto keep = [this](const LineSplitter::Line& line) { waiting_.emplace_back(line.text); };
    splitter.feed(datagram, keep);
    splitter.finish(keep);
  }

  // False: the sink refuses, and is asked again before anything more is read.
  bool offer() {
    for (; !waiting_.empty(); waiting_.pop_front()) {
      Message message;
      message.source = options_.name;
      message.topic = sender_;
      message.party = party_;
      message.payload = waiting_.front();
      message.again = again_;
      again_ = !sink_.accept(message, decode_, Waits::no).has_value();
      if (!again_) continue;
      ++status_.waited;
      timer_.expires_after(refused_pause);
      timer_.async_wait([self = shared_from_this()](const Error& error) {
        if (!error && self->offer()) self->read();
      });
      return false;
    }
    return true;
  }

  UdpOptions options_;
  const Decoder decode_;
  Sink& sink_;
  udp::socket socket_;
  asio::steady_timer timer_;
  std::array<char, largest_datagram> buffer_;
  std::deque<std::string> waiting_;  // of one datagram
  std::string sender_, party_;       // ... of it
  bool again_ = false;
  UdpStatus status_;
};

UdpSource::UdpSource(asio::io_context& io, UdpOptions options, Decoder decode, Sink& sink)
    : impl_(std::make_shared<Impl>(io, std::move(options), std::move(decode), sink)) {}
UdpSource::~UdpSource() {
  impl_->stop();
}
void UdpSource::start() {
  impl_->start();
}
void UdpSource::stop() {
  impl_->stop();
}
std::uint16_t UdpSource::port() const {
  return impl_->port();
}
UdpStatus UdpSource::status() const {
  return impl_->status();
}

}  // namespace weather::sensors
