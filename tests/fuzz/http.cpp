// Fuzz target: any bytes in any pieces as a connection to an HTTP door ('d') or to the page ('p', 'c' on the
// control socket). It aborts if an answer is not whole HTTP, if the door thanks for more than is durable, and
// if a connection whose other side has gone stays.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/http.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/http/session.hpp"
#include "sensors/budget/memory_budget.hpp"
#include "sensors/http/connection.hpp"
#include "sensors/http/server.hpp"
#include "tests/fuzz/readings.hpp"

namespace {

using namespace weather;
using sensors::demand;
namespace asio = boost::asio;
namespace http = boost::beast::http;

struct Store final : sensors::Sink {
  std::uint64_t stored = 0, durable_to = 0;
  std::function<void(sensors::Ticket)> reported;

  sensors::Result<sensors::Ticket> accept(const sensors::Message& message, const sensors::Decoder& decode,
                                          sensors::Waits) override {
    sensors::demand_sound(decode(message));
    return sensors::Ticket(++stored);
  }
  sensors::Result<sensors::Ticket> store(std::vector<sensors::Reading>, sensors::Waits) override {
    return sensors::Ticket(++stored);
  }
  sensors::Result<void> wait(sensors::Ticket, std::chrono::milliseconds) override { return {}; }
  sensors::Ticket durable() const override { return {durable_to}; }
  void on_durable(std::function<void(sensors::Ticket)> callback) override { reported = std::move(callback); }
  void commit() {
    durable_to = stored;
    if (reported) reported({durable_to});
  }
};

// Reads what came back without waiting, and looks at each whole answer.
class Client {
 public:
  explicit Client(int fd) : fd_(fd) {}
  ~Client() { ::close(fd_); }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void leave() { ::shutdown(fd_, SHUT_WR); }
  void take() {
    char bytes[4096];
    for (;;) {
      const auto count = ::recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
      if (count <= 0) return;
      got_.append(bytes, static_cast<std::size_t>(count));
    }
  }
  const std::string& got() const { return got_; }

 private:
  int fd_;
  std::string got_;
};

bool said_without_case(std::string_view text, std::string_view lower_case) {
  const auto same = [](char any, char lower) {
    return std::tolower(static_cast<unsigned char>(any)) == lower;
  };
  return std::search(text.begin(), text.end(), lower_case.begin(), lower_case.end(), same) != text.end();
}

// How many answers say 2xx; each must be HTTP, the last may go on to the connection's end.
std::size_t count_thanks(std::string_view answers) {
  std::size_t thanks = 0;
  while (!answers.empty()) {
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    boost::system::error_code error;
    const auto used = parser.put(asio::buffer(answers), error);
    if (error == http::error::need_more || (!error && !parser.is_done())) break;
    demand(!error && used > 0);
    const auto status = parser.get().result_int();
    demand(status >= 100 && status < 600);
    thanks += status >= 200 && status < 300 ? 1 : 0;
    answers.remove_prefix(used);
  }
  return thanks;
}

std::pair<int, int> pair_of_sockets() {
  int ends[2];
  demand(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  return {ends[0], ends[1]};
}

// The input in pieces, the server's turn after each, then the client's end.
template <class Between>
void converse(asio::io_context& io, Client& client, std::string_view input, std::size_t piece,
              Between between) {
  const auto turn = [&] {
    for (int i = 0; i < 200; ++i) {
      const auto before = client.got().size();
      client.take();
      if (io.poll() == 0 && client.got().size() == before) break;
      between();
    }
  };
  turn();
  for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
    client.send(input.substr(0, piece));
    turn();
  }
  client.leave();
  turn();
  client.take();
}

void at_the_door(std::string_view input, std::size_t piece, bool tokens) {
  asio::io_context io(1);
  Store store;
  sensors::MemoryBudget budget(1U << 20);
  sensors::HttpOptions options;
  options.port = 0;
  options.limits.requests_per_s = options.limits.burst = 1e9;
  options.limits.body_bytes = 8192;
  options.limits.head_bytes = 4096;
  options.memory = &budget;
  options.say = [&](const std::string& line) {
    demand(!line.empty() && sensors::is_utf8(line) && line.find('\n') == std::string::npos);
  };
  // The digest of "token".
  if (tokens) options.tokens = {{"3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0"}};
  const auto server = std::make_shared<sensors::HttpServer>(io, std::move(options), store);
  server->start();
  const auto [ours, theirs] = pair_of_sockets();
  Client client(theirs);
  std::weak_ptr<sensors::HttpConnection> watched;
  {
    const auto connection = std::make_shared<sensors::HttpConnection>(
        server, sensors::HttpStream(asio::ip::tcp::socket(io, asio::ip::tcp::v4(), ours), nullptr),
        asio::ip::make_address("127.0.0.1"));
    watched = connection;
    connection->start();
  }
  converse(io, client, input, piece, [&] { store.commit(); });
  demand(watched.expired());
  server->stop();
  io.poll();
  // With an Idempotency-Key one stored body is thanked for as often as it comes.
  const auto thanks = count_thanks(client.got());
  demand(thanks <= store.durable_to || said_without_case(input, "idempotency-key"));
  demand(budget.used() == 0);
}

void at_the_page(std::string_view input, std::size_t piece, bool control) {
  asio::io_context io(1);
  sensors::MemoryBudget budget(1U << 20);
  gateway::HttpShared shared;
  shared.limits.memory = &budget;
  shared.limits.body_bytes = 8192;
  shared.handler = [&](const gateway::HttpRequest& request, gateway::Respond respond) {
    demand(!request.method.empty() && request.control == control);
    auto answer = gateway::text_response(200, request.path);
    for (const auto& [name, value] : request.query) answer.body += name + "=" + value + "\n";
    respond(std::move(answer));
  };
  const auto [ours, theirs] = pair_of_sockets();
  Client client(theirs);
  bool over = false;
  asio::generic::stream_protocol::socket socket(
      io, asio::generic::stream_protocol(asio::local::stream_protocol()), ours);
  asio::co_spawn(
      io,
      gateway::serve_http(std::move(socket), shared, control ? "" : "127.0.0.1", std::make_shared<int>(0)),
      [&](std::exception_ptr failed) {
        demand(!failed);
        over = true;
      });
  converse(io, client, input, piece, [] {});
  demand(over);
  if (!said_without_case(input, "head ")) count_thanks(client.got());  // whose answers have no bodies
  demand(shared.connections == 0 && shared.streams == 0 && budget.used() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 16384) return 0;
  const auto what = sensors::chosen(data[0]);
  const std::size_t piece = data[1] == 0 ? size : data[1] * 4U;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (what == 'p' || what == 'c')
    at_the_page(input, piece, what == 'c');
  else
    at_the_door(input, piece, what == 't');
  return 0;
}
