#include "sensors/listener/server.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sensors/listener/connection.hpp"
#include "sensors/listener/hub.hpp"
#include "sensors/listener/transports.hpp"

namespace weather::sensors::listener {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Keep-alive, linger and expiry have whole seconds; a sink that refused is asked again with every tick.
constexpr std::chrono::milliseconds tick{250};
// What a connection takes by itself: its objects and session, the first of its buffers, the socket's state.
// Measured: 4.8 KiB, and 72 KiB with TLS, nearly all of it the buffers of the library and of Asio.
constexpr std::size_t plain_bytes = 8U << 10, tls_bytes = 80U << 10;
// So many of connections_ may be closed ones before they are looked for.
constexpr std::size_t most_closed = 64;

// A network that one machine has whole counts as one address.
std::string share_address(const tcp::socket& socket) {
  boost::system::error_code error;
  const auto address = socket.remote_endpoint(error).address();
  if (error) return {};
  if (!address.is_v6() || address.to_v6().is_v4_mapped()) return address.to_string();
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::make_address_v6(bytes).to_string() + "/64";
}

// Between the log and keeper threads and the io thread: many commits, one posted notification.
class Notifier : public std::enable_shared_from_this<Notifier> {
 public:
  Notifier(asio::io_context& io, Hub& hub) : io_(&io), hub_(&hub) {}

  void notify(Ticket ticket) {  // log thread
    const std::lock_guard lock(mutex_);
    ticket_ = std::max(ticket_, ticket);
    post();
  }
  void notify_kept(ExchangeKeeper::Step step) {  // the keeper's thread
    const std::lock_guard lock(mutex_);
    step_ = std::max(step_, step);
    post();
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    hub_ = nullptr;
  }

 private:
  void post() {
    if (posted_ || hub_ == nullptr) return;
    posted_ = true;
    asio::post(*io_, [self = shared_from_this()] { self->deliver(); });
  }
  void deliver() {  // io thread, the one that calls stop()
    std::unique_lock lock(mutex_);
    posted_ = false;
    const Ticket ticket = ticket_;
    const auto step = step_;
    Hub* hub = hub_;
    lock.unlock();
    if (hub == nullptr) return;
    hub->on_durable(ticket, step);
  }

  std::mutex mutex_;
  asio::io_context* io_;
  Hub* hub_;
  Ticket ticket_ = 0;
  ExchangeKeeper::Step step_ = 0;
  bool posted_ = false;
};

tl::expected<Users, std::string> read_users(const std::filesystem::path& file) {
  if (file.empty()) return Users();
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return tl::make_unexpected("cannot read users_file " + file.string());
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  auto users = Users::parse(text);
  if (!users) return tl::make_unexpected(file.string() + ": " + users.error());
  if (users->empty())
    return tl::make_unexpected(file.string() + ": there is no user in it; no client could connect");
  return users;
}

class TcpServer final : public Server {
 public:
  TcpServer(asio::io_context& io, ListenerOptions options, Users users, std::shared_ptr<Tls> tls,
            tcp::acceptor acceptor, Sink& sink, Decoder decode, std::uint64_t (*hash)(std::string_view),
            ExchangeKeeper* keeper)
      : tls_(std::move(tls)),
        acceptor_(std::move(acceptor)),
        timer_(io),
        hub_(io.get_executor(), std::move(options), std::move(users), sink, std::move(decode), hash, keeper),
        notifier_(std::make_shared<Notifier>(io, hub_)) {
    sink.on_durable([notifier = notifier_](Ticket ticket) { notifier->notify(ticket); });
    if (keeper != nullptr)
      keeper->on_durable([notifier = notifier_](ExchangeKeeper::Step step) { notifier->notify_kept(step); });
    hub_.restore();
  }

  ~TcpServer() override {
    notifier_->stop();
    for (const auto& connection : connections_) connection->close();
  }

  std::uint64_t restore_from(std::uint64_t last_record) const override {
    return hub_.restore_from(last_record);
  }
  void restore(const v1::Arrival& arrival, std::uint64_t record) override { hub_.restore(arrival, record); }

  void start() override {
    accept();
    wait();
  }

  void stop() override {
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
    for (const auto& connection : connections_) {
      connection->end(Reason::server_shutting_down, "the gateway is shutting down");
      connection->close();
    }
    connections_.clear();
    hub_.stop_keeping();
  }

  tl::expected<void, std::string> reload() override;
  ListenerStatus status() const override;

 private:
  void accept();
  void on_accepted(const boost::system::error_code& error, tcp::socket socket);
  void wait();
  void on_tick();
  void forget_closed();

  std::shared_ptr<Tls> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  Hub hub_;
  std::shared_ptr<Notifier> notifier_;
  std::vector<std::shared_ptr<MqttConnection>> connections_;
  std::size_t forgotten_at_ = most_closed;  // as many connections as make a look worth while
  bool accepting_ = false, stopping_ = false;
};

void TcpServer::accept() {
  if (accepting_ || stopping_) return;
  accepting_ = true;
  acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    accepting_ = false;
    on_accepted(error, std::move(socket));
  });
}

void TcpServer::forget_closed() {
  std::erase_if(connections_, [](const auto& connection) { return connection->closed(); });
  forgotten_at_ = connections_.size() + most_closed;
}

void TcpServer::on_accepted(const boost::system::error_code& error, tcp::socket socket) {
  if (error) return;  // out of descriptors or the like: the next tick tries again
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(tcp::socket::keep_alive(true), ignored);
  ++hub_.status().accepted_connections;
  const auto address = share_address(socket);
  auto transport = tls_ ? tls_->transport(std::move(socket)) : plain_transport(std::move(socket));
  auto connection = std::make_shared<MqttConnection>(hub_, std::move(transport), address);
  if (connection->admit(tls_ ? tls_bytes : plain_bytes)) {
    connections_.push_back(connection);
    connection->start();
  }
  if (connections_.size() >= forgotten_at_) forget_closed();
  accept();
}

void TcpServer::wait() {
  timer_.expires_after(tick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    on_tick();
    wait();
  });
}

void TcpServer::on_tick() {
  const auto now = std::chrono::steady_clock::now();
  forget_closed();
  // By index: one that ends may end others, none is added or taken away.
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i]->on_time(now);
  hub_.clients().on_time(now);
  hub_.keep_held();
  hub_.retry();
  accept();
}

tl::expected<void, std::string> TcpServer::reload() {
  auto users = read_users(hub_.options().users_file);
  if (!users) return tl::make_unexpected(users.error());
  if (hub_.options().tls()) {
    auto tls = Tls::make(hub_.options());
    if (!tls) return tl::make_unexpected(tls.error());
    tls_ = *std::move(tls);
  }
  hub_.replace_users(*std::move(users));
  return {};
}

ListenerStatus TcpServer::status() const {
  ListenerStatus status = hub_.status();
  status.listening = acceptor_.is_open();
  boost::system::error_code ignored;
  const auto local = acceptor_.local_endpoint(ignored);
  status.name = hub_.options().name;
  status.address = hub_.options().address;
  status.port = local.port();
  status.connecting = hub_.connecting();
  for (const auto& connection : connections_) {
    if (connection->closed()) continue;
    ++status.connections;
    status.waiting_acknowledgements += connection->unacknowledged();
  }
  status.sessions = hub_.clients().size();
  status.stalled = hub_.stalled();
  status.identifiers_held = hub_.clients().held();
  return status;
}

}  // namespace

std::optional<std::string> refuse_options(const ListenerOptions& options) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return "listen: '" + options.address + "' is not an IP address";
  if (options.cert_file.empty() != options.key_file.empty()) return "cert_file and key_file go together";
  if (!options.client_ca_file.empty() && !options.tls()) return "client_ca_file needs cert_file and key_file";
  if (options.ids_of_user && options.users_file.empty() && options.client_ca_file.empty())
    return "ids = \"user\" needs users: set users_file or client_ca_file";
  if (address.is_loopback()) return {};
  if (!options.tls()) return "listening on " + options.address + " needs TLS: set cert_file and key_file";
  if (options.users_file.empty() && options.client_ca_file.empty()) {
    return "listening on " + options.address + " needs credentials: set users_file or client_ca_file";
  }
  return {};
}

tl::expected<std::unique_ptr<Server>, std::string> Server::make(asio::io_context& io, ListenerOptions options,
                                                                Sink& sink, Decoder decode,
                                                                std::uint64_t (*hash)(std::string_view),
                                                                ExchangeKeeper* keeper) {
  if (const auto reason = refuse_options(options)) return tl::make_unexpected(*reason);
  auto users = read_users(options.users_file);
  if (!users) return tl::make_unexpected(users.error());
  std::shared_ptr<Tls> tls;
  if (options.tls()) {
    auto made = Tls::make(options);
    if (!made) return tl::make_unexpected(made.error());
    tls = *std::move(made);
  }
  if (options.name.empty()) options.name = "listener:" + options.address + ":" + std::to_string(options.port);
  const tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
  tcp::acceptor acceptor(io);
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return tl::make_unexpected("cannot listen on " + options.address + ":" + std::to_string(options.port) +
                               ": " + error.message());
  }
  return std::make_unique<TcpServer>(io, std::move(options), *std::move(users), std::move(tls),
                                     std::move(acceptor), sink, std::move(decode), hash, keeper);
}

}  // namespace weather::sensors::listener
