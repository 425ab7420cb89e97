#include "bridge/proxy/tunnels.hpp"

#include <algorithm>
#include <functional>
#include <future>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/proxy/wait.hpp"

namespace weather::proxy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

const Target to_kafka{"kafka.example", 9092};
const std::string established = "HTTP/1.1 200 OK\r\n\r\n";

std::string receive_until(int fd, const std::string& end) {
  std::string text;
  char byte = 0;
  while (!text.ends_with(end) && ::recv(fd, &byte, 1, 0) == 1) text += byte;
  return text;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string receive_all(int fd) {
  std::string text;
  std::array<char, 65536> piece;
  for (;;) {
    const auto got = ::recv(fd, piece.data(), piece.size(), 0);
    if (got > 0) {
      text.append(piece.data(), static_cast<std::size_t>(got));
      continue;
    }
    if (got == 0 || errno != EAGAIN) return text;
    pollfd waiting{fd, POLLIN, 0};
    ::poll(&waiting, 1, -1);
  }
}

// A proxy on loopback that takes one connection and does as its script says.
class FakeProxy {
 public:
  using Script = std::function<void(int fd)>;
  explicit FakeProxy(Script script) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&name), size);
    ::listen(socket_.get(), 4);
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ::ntohs(name.sin_port);
    thread_ = std::thread([this, script = std::move(script)] {
      const Descriptor taken(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (taken) script(taken.get());
    });
  }
  ~FakeProxy() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  Settings settings(const std::string& scheme = "http") const {
    Settings result;
    result.proxy = parse_url(scheme + "://127.0.0.1:" + std::to_string(port_)).value();
    return result;
  }

 private:
  Descriptor socket_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

bool writable(int fd, std::chrono::milliseconds wait) {
  pollfd waiting{fd, POLLOUT, 0};
  return ::poll(&waiting, 1, static_cast<int>(wait.count())) == 1 && (waiting.revents & POLLOUT) != 0;
}

TEST(Tunnels, CarriesBothWaysAndHandsOnWhatWasSaidBeforeTheEnd) {
  std::string much(5U << 20, '\0');
  for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 2654435761U >> 13U);
  std::string head, arrived;
  {
    FakeProxy proxy([&](int fd) {
      head = receive_until(fd, "\r\n\r\n");
      send_all(fd, established + "early");
      std::thread sender([&] { send_all(fd, much); });
      arrived.resize(much.size());
      ::recv(fd, arrived.data(), arrived.size(), MSG_WAITALL);
      sender.join();
    });
    Tunnels tunnels(proxy.settings(), 5s);
    const Descriptor end(tunnels.dial(to_kafka).value());
    EXPECT_EQ(tunnels.trouble(to_kafka), "");
    auto received = std::async(std::launch::async, [&] { return receive_all(end.get()); });
    std::string_view left = much;
    while (!left.empty() && writable(end.get(), 5s)) {
      const auto sent = ::send(end.get(), left.data(), left.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      left.remove_prefix(static_cast<std::size_t>(sent));
    }
    EXPECT_TRUE(received.get() == "early" + much);
  }
  EXPECT_THAT(head, StartsWith("CONNECT kafka.example:9092 HTTP/1.1\r\n"));
  EXPECT_TRUE(arrived == much);
}

TEST(Tunnels, ABusyEndIsWritableOnceTheTargetIsConnectedAndNothingElseGoesThere) {
  std::promise<void> asked, answer;
  std::string arrived;
  {
    FakeProxy proxy([&](int fd) {
      receive_until(fd, "\r\n\r\n");
      asked.set_value();
      answer.get_future().wait();
      send_all(fd, established);
      arrived = receive_all(fd);
    });
    Tunnels tunnels(proxy.settings(), 5s);
    Descriptor end(tunnels.open(to_kafka, Tunnels::Until::busy).value());
    asked.get_future().wait();
    EXPECT_FALSE(writable(end.get(), 200ms));
    EXPECT_THAT(tunnels.trouble(to_kafka), HasSubstr("takes the connection and does not answer"));
    answer.set_value();
    ASSERT_TRUE(writable(end.get(), 5s));
    send_all(end.get(), "first words");
    end.reset();  // what was written goes out all the same
  }
  EXPECT_EQ(arrived, "first words");
}

TEST(Tunnels, AFailureClosesTheEndAndSaysWhichHopItWas) {
  FakeProxy proxy([](int fd) {
    receive_until(fd, "\r\n\r\n");
    send_all(fd, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    receive_all(fd);
  });
  Tunnels tunnels(proxy.settings(), 5s);
  const Descriptor end(tunnels.open(to_kafka, Tunnels::Until::busy).value());
  pollfd waiting{end.get(), POLLOUT, 0};
  ASSERT_EQ(::poll(&waiting, 1, 5000), 1);
  EXPECT_TRUE((waiting.revents & POLLHUP) != 0);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(end.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  EXPECT_EQ(error, ECONNRESET);  // as of a connection that was not taken
  EXPECT_THAT(tunnels.trouble(to_kafka), HasSubstr("it wants a user and a password (407"));
  EXPECT_THAT(tunnels.trouble_in("kafka.example:9092/bootstrap: Connect failed"), HasSubstr("(407"));
  EXPECT_EQ(tunnels.trouble_in("GroupCoordinator: Connect failed"), "");
  EXPECT_THAT(tunnels.latest_trouble(), HasSubstr("(407"));
  EXPECT_EQ(tunnels.trouble({"other", 1}), "");
}

TEST(Tunnels, NobodyThere) {
  Settings settings;
  {
    FakeProxy gone([](int) {});
    settings = gone.settings();
  }
  EXPECT_THAT(
      Tunnels(settings, 5s).dial(to_kafka).error(),
      HasSubstr("the proxy " + settings.proxy.text() + " cannot be connected to: Connection refused"));
  settings.proxy.host = "no-such-host.invalid";
  EXPECT_THAT(Tunnels(settings, 5s).dial(to_kafka).error(),
              HasSubstr("cannot be connected to: its name cannot"));
}

// Each attempt tidies up behind those before it, whose threads may be about to end.
TEST(Tunnels, OneAttemptAfterTheOther) {
  Settings settings;
  {
    FakeProxy gone([](int) {});
    settings = gone.settings();
  }
  Tunnels tunnels(settings, 5s);
  for (int i = 0; i < 500; ++i)
    ASSERT_THAT(tunnels.dial(to_kafka).error(), HasSubstr("Connection refused")) << i;
}

TEST(Tunnels, SilentOnesAndThoseThatHangUp) {
  for (const auto* scheme : {"http", "https", "socks5h"}) {
    std::promise<void> end;
    FakeProxy silent([&](int) { end.get_future().wait(); });
    EXPECT_THAT(Tunnels(silent.settings(scheme), 200ms).dial(to_kafka).error(),
                HasSubstr("takes the connection and does not answer"))
        << scheme;
    end.set_value();
    FakeProxy closing([](int) {});
    EXPECT_THAT(Tunnels(closing.settings(scheme), 5s).dial(to_kafka).error(),
                HasSubstr("the proxy 127.0.0.1"))
        << scheme;
  }
  FakeProxy plain([](int fd) { send_all(fd, "HTTP/1.1 400 Bad Request\r\n\r\n"); });
  EXPECT_THAT(Tunnels(plain.settings("https"), 5s).dial(to_kafka).error(),
              HasSubstr("no encrypted connection"));
}

TEST(Tunnels, ANameThatNoProxyCanBeAskedForIsNotAskedFor) {
  FakeProxy proxy([](int fd) { EXPECT_EQ(receive_all(fd), ""); });
  EXPECT_THAT(Tunnels(proxy.settings(), 5s).dial({"kafka\r\nX: y", 9092}).error(),
              HasSubstr("no proxy can be asked for"));
}

TEST(Tunnels, TheEndOfAllEndsEverything) {
  std::promise<std::string> rest;
  FakeProxy proxy([&](int fd) {
    receive_until(fd, "\r\n\r\n");
    send_all(fd, established);
    rest.set_value(receive_all(fd));
  });
  auto tunnels = std::make_unique<Tunnels>(proxy.settings(), 60s);
  const Descriptor end(tunnels->dial(to_kafka).value());
  FakeProxy silent([](int fd) { receive_all(fd); });
  auto waiting = std::make_unique<Tunnels>(silent.settings(), 60s);
  const Descriptor busy(waiting->open(to_kafka, Tunnels::Until::busy).value());
  const auto began = std::chrono::steady_clock::now();
  tunnels.reset();
  waiting.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
  EXPECT_EQ(rest.get_future().get(), "");
  EXPECT_EQ(receive_all(end.get()), "");
}

}  // namespace
}  // namespace weather::proxy
