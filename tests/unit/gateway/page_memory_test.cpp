// Whoever asks for the page and its streams, and however they read: what the server holds for them is taken
// from the budget, or bounded by connection. Everything in one thread; allocations are counted by operator
// new itself.
#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/app/kafka_memory.hpp"
#include "gateway/http/router.hpp"
#include "gateway/http/server.hpp"
#include "sensors/budget/memory_budget.hpp"
#include "tests/unit/counted_memory.hpp"

namespace weather::gateway {
namespace {

using testing_memory::allocated;

constexpr std::size_t connections = 48;
// Of each connection: what is read and not parsed, the request, the coroutines.
constexpr std::size_t by_connection = 48U << 10;

class Visitor {
 public:
  explicit Visitor(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    const int small = 4096;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  ~Visitor() { ::close(socket_); }
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;
  void send(const std::string& text) { (void)::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  void read() {
    std::array<char, 4096> some{};
    (void)::recv(socket_, some.data(), some.size(), 0);
  }

 private:
  int socket_;
};

class PageMemory : public testing::TestWithParam<unsigned> {
 protected:
  PageMemory() : random_(GetParam()) {
    router_.get("/live", [this](const HttpRequest&, const Respond& respond) {
      HttpResponse response;
      response.body.assign(below(2) == 0 ? below(60'000) : 100, 'b');
      response.stream = std::make_shared<HttpStream>();
      readers_.emplace_back(response.stream);
      respond(std::move(response));
    });
    router_.get("/metrics", [this](const HttpRequest&, const Respond& respond) {
      respond(text_response(200, std::string(below(200'000), 'm')));
    });
  }

  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  std::string request() {
    constexpr std::array kinds{"GET /live",    "GET /live",    "HEAD /live",
                               "GET /metrics", "GET /nothing", "POST /live"};
    std::string all;
    const auto count = below(4) == 0 ? below(200) : 1;
    for (std::size_t i = 0; i <= count; ++i)
      all += std::string(kinds[below(kinds.size())]) +
             " HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(below(3'000), 'x') + "\r\n\r\n";
    if (below(5) == 0)
      all += "POST /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n" +
             std::string(100'000, 'p');
    return all;
  }

  std::mt19937 random_;
  std::vector<std::weak_ptr<HttpStream>> readers_;
  Router router_{{}};
};

TEST_P(PageMemory, IsTakenFromTheBudgetHoweverTheyRead) {
  sensors::MemoryBudget memory(64U << 20);
  boost::asio::io_context io(1);
  HttpLimits limits;
  limits.connections = limits.connections_per_address = connections;
  limits.memory = &memory;
  limits.streams = 32;
  HttpServer server(
      io, [this](const HttpRequest& asked, const Respond& respond) { router_.handle(asked, respond); },
      limits);
  std::string error;
  const auto port = server.listen("127.0.0.1", 0, error);
  ASSERT_NE(port, 0) << error;
  std::vector<std::unique_ptr<Visitor>> visitors(connections);
  const auto before = allocated;
  std::size_t most_used = 0;
  for (int step = 0; step < 4'000; ++step) {
    auto& visitor = visitors[below(visitors.size())];
    const auto what = below(60);
    if (what == 0 || !visitor) {
      visitor = std::make_unique<Visitor>(port);
    } else if (what < 20) {
      visitor->send(request());
    } else if (what < 30) {
      visitor->read();
    }
    if (step % 4 == 0) {
      const std::string chunk(below(100'000), 'c');
      std::erase_if(readers_, [&](const auto& reader) { return !push_to(reader, chunk); });
    }
    io.poll();
    const auto streams =
        std::count_if(readers_.begin(), readers_.end(), [](const auto& reader) { return !reader.expired(); });
    ASSERT_LE(streams, limits.streams) << "one that was refused is gone at once";
    const auto held = allocated - before, used = memory.used();
    most_used = std::max(most_used, used);
    ASSERT_LE(held, used + connections * by_connection) << "step " << step << ", " << used << " counted";
  }
  EXPECT_GT(most_used, 1U << 20) << "what they made it hold";
  visitors.clear();
}

INSTANTIATE_TEST_SUITE_P(Seeds, PageMemory, testing::Range(1U, 9U));

// What the routes take, they take for good.
TEST(PageMemory, IsLeftByAsManyRoutesAsTheirSmallestWindowsAllow) {
  for (const std::size_t limit_mib : {64U, 96U, 256U}) {
    for (std::size_t routes = 1; routes <= 6; ++routes) {
      sensors::MemoryBudget budget(limit_mib << 20, 40U << 20);
      KafkaMemory kafka(budget);
      bridge::ForwarderOptions options;
      options.routes.resize(routes);
      const auto smaller = kafka.fit(options);
      EXPECT_EQ(smaller.empty(), options.window_records == bridge::ForwarderOptions().window_records);
      const auto left = budget.ceiling(sensors::Holder::page_viewers) - budget.used();
      if (limit_mib >= 96) {
        EXPECT_GT(left, 8U << 20) << routes << " routes of " << limit_mib << " MiB";
      }
      if (options.window_records > 20) {
        EXPECT_TRUE(budget.take(sensors::Holder::page_viewers, 512U << 10)) << routes << " of " << limit_mib;
      }
    }
  }
}

}  // namespace
}  // namespace weather::gateway
