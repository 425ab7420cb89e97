#include "sensors/sources/mqtt_relay.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include "sensors/budget/memory_budget.hpp"
#include "sensors/sources/mqtt_filter.hpp"
#include "sensors/sources/network.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t piece = 16U << 10;
constexpr std::chrono::seconds connect_time{8};  // below Paho's own patience, so that the reason is known
constexpr std::size_t most_shortened = 256;      // on their way through Paho; they are 256 KiB each
// One message in the relay, in Paho's buffer and in the copy that Paho hands over.
constexpr std::size_t connection_bytes(std::size_t max_payload) {
  return 3 * (max_payload + (96U << 10)) + 4 * piece;
}

}  // namespace

struct MqttRelay::Impl {
  explicit Impl(MqttRelayOptions given)
      : options(std::move(given)), acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

  asio::awaitable<void> accept();
  asio::awaitable<void> serve(tcp::socket local);
  asio::awaitable<bool> connect(tcp::socket& broker);
  bool dial(tcp::socket& broker);
  template <class Stream>
  asio::awaitable<void> pump(tcp::socket& local, Stream& broker, tcp::socket& lowest);
  template <class Stream>
  asio::awaitable<void> inbound(tcp::socket& local, Stream& broker);
  template <class Stream>
  asio::awaitable<void> outbound(tcp::socket& local, Stream& broker, tcp::socket& lowest);
  std::unique_ptr<ssl::context> tls_context();

  void fail(std::string text) {
    const std::lock_guard lock(mutex);
    error = std::move(text);
  }
  // Before Paho hears of the end: it is asked for then.
  void say_trouble() {
    if (auto text = options.dialer.trouble ? options.dialer.trouble() : std::string(); !text.empty())
      fail(std::move(text));
  }
  void keep(std::vector<ShortenedPublish> shortened) {
    const std::lock_guard lock(mutex);
    for (auto& one : shortened) sizes.push_back(std::move(one));
    while (sizes.size() > most_shortened) sizes.pop_front();
  }
  std::string where() const { return options.host + ":" + std::to_string(options.port); }

  const MqttRelayOptions options;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  std::thread thread;

  mutable std::mutex mutex;  // guards the rest
  std::vector<asio::ip::address> addresses;
  std::string error;
  int broker_fd = -1;
  bool cut = false;
  std::deque<ShortenedPublish> sizes;
};

asio::awaitable<void> MqttRelay::Impl::accept() {
  for (;;) {
    auto [failed, local] = co_await acceptor.async_accept(quiet);
    if (failed == asio::error::operation_aborted) co_return;
    if (failed) {
      asio::steady_timer pause(io, std::chrono::milliseconds(200));  // out of descriptors, most likely
      co_await pause.async_wait(quiet);
      continue;
    }
    boost::system::error_code gone;
    const auto peer = local.remote_endpoint(gone);
    if (gone || !is_connected_from_here(peer.port(), acceptor.local_endpoint().port())) continue;
    asio::co_spawn(io, serve(std::move(local)), asio::detached);
  }
}

asio::awaitable<bool> MqttRelay::Impl::connect(tcp::socket& broker) {
  std::vector<asio::ip::address> targets;
  {
    const std::lock_guard lock(mutex);
    targets = addresses;
    error.clear();
  }
  if (options.dialer.open) co_return dial(broker);
  boost::system::error_code last = asio::error::host_not_found;
  for (const auto& target : targets) {
    boost::system::error_code closed;
    broker.close(closed);
    asio::steady_timer limit(io, connect_time / static_cast<int>(targets.size()));
    const auto done = co_await (broker.async_connect(tcp::endpoint(target, options.port), quiet) ||
                                limit.async_wait(quiet));
    last = done.index() == 0 ? std::get<0>(std::get<0>(done)) : asio::error::timed_out;
    if (!last) co_return true;
  }
  fail(last.message());
  co_return false;
}

// It need not lead anywhere yet.
bool MqttRelay::Impl::dial(tcp::socket& broker) {
  const int fd = options.dialer.open(options.host, options.port);
  if (fd < 0) {
    fail("there is no descriptor or thread for a connection");
    return false;
  }
  broker.assign(tcp::v4(), fd);  // of any family: it is read and written
  return true;
}

std::unique_ptr<ssl::context> MqttRelay::Impl::tls_context() {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  boost::system::error_code failed;
  const auto check = [&](const std::string& what) {
    if (failed) fail(what + ": " + failed.message());
    return !failed;
  };
  if (options.ca_file.empty())
    context->set_default_verify_paths(failed);
  else
    context->load_verify_file(options.ca_file, failed);
  if (!check("ca_file " + options.ca_file)) return nullptr;
  if (!options.cert_file.empty()) {
    context->use_certificate_chain_file(options.cert_file, failed);
    if (!check("cert_file " + options.cert_file)) return nullptr;
    context->use_private_key_file(options.key_file, ssl::context::pem, failed);
    if (!check("key_file " + options.key_file)) return nullptr;
  }
  context->set_verify_mode(ssl::verify_peer);
  context->set_verify_callback(ssl::host_name_verification(options.host));
  return context;
}

asio::awaitable<void> MqttRelay::Impl::serve(tcp::socket local) {
  Reservation memory(options.memory, Holder::broker_messages);
  if (!memory.resize(connection_bytes(options.max_payload))) {
    fail("there is no memory for a connection (limits.memory)");
    co_return;
  }
  tcp::socket broker(io);
  if (!co_await connect(broker)) co_return;
  boost::system::error_code ignored;
  broker.set_option(tcp::no_delay(true), ignored);
  local.set_option(tcp::no_delay(true), ignored);
  {
    const std::lock_guard lock(mutex);
    broker_fd = broker.native_handle();
    cut = false;
    sizes.clear();
  }
  if (!options.tls) {
    co_await pump(local, broker, broker);
  } else if (const auto context = tls_context()) {
    ssl::stream<tcp::socket&> stream(broker, *context);
    boost::system::error_code is_name;
    asio::ip::make_address(options.host, is_name);
    if (is_name) SSL_set_tlsext_host_name(stream.native_handle(), options.host.c_str());
    asio::steady_timer limit(io, connect_time);
    const auto done =
        co_await (stream.async_handshake(ssl::stream_base::client, quiet) || limit.async_wait(quiet));
    const auto failed = done.index() == 0 ? std::get<0>(std::get<0>(done))
                                          : boost::system::error_code(asio::error::timed_out);
    if (failed) {
      fail("TLS handshake: " + failed.message());
      say_trouble();
    } else {
      co_await pump(local, stream, broker);
    }
  }
  const std::lock_guard lock(mutex);
  if (broker_fd == broker.native_handle()) broker_fd = -1;
}

template <class Stream>
asio::awaitable<void> MqttRelay::Impl::pump(tcp::socket& local, Stream& broker, tcp::socket& lowest) {
  co_await (inbound(local, broker) && outbound(local, broker, lowest));
}

// Ends what Paho reads; what Paho has still to say goes on in the other direction.
template <class Stream>
asio::awaitable<void> MqttRelay::Impl::inbound(tcp::socket& local, Stream& broker) {
  MqttFilter filter(options.mqtt5, options.max_payload);
  std::array<char, piece> buffer;
  std::string out;
  for (;;) {
    const auto [ended, size] = co_await broker.async_read_some(asio::buffer(buffer), quiet);
    if (ended) break;
    out.clear();
    if (const auto fed = filter.feed({buffer.data(), size}, out); !fed) {
      fail(fed.error());
      break;
    }
    if (auto shortened = filter.take_shortened(); !shortened.empty()) keep(std::move(shortened));
    const auto [failed, written] = co_await asio::async_write(local, asio::buffer(out), quiet);
    if (failed) co_return;
  }
  say_trouble();
  boost::system::error_code ignored;
  local.shutdown(tcp::socket::shutdown_both, ignored);
}

template <class Stream>
asio::awaitable<void> MqttRelay::Impl::outbound(tcp::socket& local, Stream& broker, tcp::socket& lowest) {
  std::array<char, piece> buffer;
  for (;;) {
    const auto [ended, size] = co_await local.async_read_some(asio::buffer(buffer), quiet);
    if (ended) break;
    {
      const std::lock_guard lock(mutex);
      if (cut) break;
    }
    const auto [failed, written] = co_await asio::async_write(broker, asio::buffer(buffer, size), quiet);
    if (failed) break;
  }
  boost::system::error_code ignored;
  lowest.shutdown(tcp::socket::shutdown_both, ignored);
  local.shutdown(tcp::socket::shutdown_both, ignored);
}

MqttRelay::MqttRelay(MqttRelayOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {
  asio::co_spawn(impl_->io, impl_->accept(), asio::detached);
  impl_->thread = std::thread([impl = impl_.get()] { impl->io.run(); });
}

MqttRelay::~MqttRelay() {
  impl_->io.stop();
  impl_->thread.join();
}

std::uint16_t MqttRelay::port() const {
  return impl_->acceptor.local_endpoint().port();
}

void MqttRelay::set_addresses(std::vector<asio::ip::address> addresses) {
  const std::lock_guard lock(impl_->mutex);
  impl_->addresses = std::move(addresses);
}

void MqttRelay::cut() {
  const std::lock_guard lock(impl_->mutex);
  impl_->cut = true;
  if (impl_->broker_fd >= 0) ::shutdown(impl_->broker_fd, SHUT_RDWR);
}

std::string MqttRelay::last_error() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->error;
}

std::optional<std::uint64_t> MqttRelay::original_bytes(std::string_view topic, std::uint16_t packet_id) {
  const std::lock_guard lock(impl_->mutex);
  auto& sizes = impl_->sizes;
  const auto found = std::find_if(sizes.begin(), sizes.end(), [&](const ShortenedPublish& one) {
    return one.packet_id == packet_id && one.topic == topic;
  });
  if (found == sizes.end()) return std::nullopt;
  const auto bytes = found->payload_bytes;
  sizes.erase(found);
  return bytes;
}

}  // namespace weather::sensors
