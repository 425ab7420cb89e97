#include <filesystem>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/control/client.hpp"
#include "gateway/http/router.hpp"
#include "gateway/http/server.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Target, path_and_query) {
  HttpRequest request;
  split_target("/api/v1/tail?sensor=a%20b&x=1+2&flag", request);
  EXPECT_EQ(request.path, "/api/v1/tail");
  EXPECT_EQ(request.query.at("sensor"), "a b");
  EXPECT_EQ(request.query.at("x"), "1 2");
  EXPECT_EQ(request.query.at("flag"), "");
}

// A server on a thread of its own, with short limits.
class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    router_.get("/hello",
                [](const HttpRequest&, const Respond& respond) { respond(text_response(200, "hello")); });
    router_.control("POST", "/act", [](const HttpRequest& request, const Respond& respond) {
      respond(text_response(200, "did " + request.body));
    });
    router_.get("/stream", [this](const HttpRequest&, const Respond& respond) {
      HttpResponse response;
      response.body = "first\n";
      response.stream = stream_ = std::make_shared<HttpStream>();
      respond(std::move(response));
      stream_->push("second\n");
      stream_->close();
    });
    HttpLimits limits;
    limits.connections = 4;
    limits.connections_per_address = 3;
    limits.header_time = limits.body_time = std::chrono::seconds(1);
    server_ = std::make_unique<HttpServer>(
        io_, [this](const HttpRequest& request, const Respond& respond) { router_.handle(request, respond); },
        limits);
    std::string error;
    port_ = server_->listen("127.0.0.1", 0, error);
    socket_ =
        std::filesystem::temp_directory_path() / ("wg-http-test-" + std::to_string(::getpid()) + ".sock");
    EXPECT_TRUE(server_->listen_control(socket_, error)) << error;
    thread_ = std::thread([this] { io_.run(); });
  }
  ~HttpServerTest() override {
    io_.stop();
    thread_.join();
    server_.reset();
  }

  tcp::socket connect() {
    tcp::socket socket(client_);
    socket.connect({asio::ip::address_v4::loopback(), port_});
    return socket;
  }
  static std::string read_all(tcp::socket& socket) {
    std::string text;
    std::array<char, 4096> chunk{};
    boost::system::error_code error;
    while (!error) text.append(chunk.data(), socket.read_some(asio::buffer(chunk), error));
    return text;
  }
  std::string ask(const std::string& request) {
    auto socket = connect();
    boost::system::error_code ignored;  // the server may have answered and closed before it read everything
    asio::write(socket, asio::buffer(request), ignored);
    return read_all(socket);
  }

  asio::io_context io_{1}, client_{1};
  Router router_{{}};
  std::shared_ptr<HttpStream> stream_;
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
  std::filesystem::path socket_;
  std::thread thread_;
};

TEST_F(HttpServerTest, answers_with_security_headers) {
  const auto answer = ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'"));
  EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\nhello\n"));
}

TEST_F(HttpServerTest, keeps_a_connection_for_the_next_request) {
  const auto answer =
      ask("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hello HTTP/1.1\r\nHost: "
          "localhost\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("hello"), answer.rfind("hello"));
}

TEST_F(HttpServerTest, reads_a_body_as_the_doors_for_stations_do) {
  const std::string get = "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  EXPECT_THAT(ask(get + "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx"),
              testing::AllOf(StartsWith("HTTP/1.1 100"), HasSubstr("hello")));
  EXPECT_THAT(ask(get + "Expect: 200-ok\r\n\r\n"), StartsWith("HTTP/1.1 417"));
  for (const auto* coding : {"gzip, chunked", "chunked, gzip", "gzip"})
    EXPECT_THAT(ask(get + "Transfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n"), StartsWith("HTTP/1.1 501"));
  EXPECT_THAT(ask(get + "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"), HasSubstr("hello"));
}

TEST_F(HttpServerTest, head_has_no_body) {
  const auto answer = ask("HEAD /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(HttpServerTest, refuses_foreign_hosts_and_origins_and_unknown_things) {
  EXPECT_THAT(ask("GET /hello HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nConnection: "
                  "close\r\n\r\n"),
              StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(ask("GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask("DELETE /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              HasSubstr("Allow: GET"));
  EXPECT_THAT(ask("POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400"));
}

// What a form elsewhere could have sent is not what a person who has logged in has said.
TEST(Router, acts_for_those_who_have_logged_in_and_from_its_own_page_only) {
  for (const bool login : {false, true})
    for (const std::string origin :
         {"", "null", "http://evil.example", "http://localhost:1", "http://localhost"})
      for (const bool control : {false, true}) {
        Router router{{}};
        bool acted = false;
        router.post("/act", [&](const HttpRequest&, const Respond& respond) {
          acted = true;
          respond(text_response(200, "done"));
        });
        if (login)
          router.set_gate(
              [](const HttpRequest&, const std::function<void()>& let_in, const Respond&) { let_in(); });
        HttpRequest request;
        request.method = "POST";
        request.path = "/act";
        request.host = control ? "" : "localhost";
        request.origin = control ? "" : origin;
        request.control = control;
        unsigned status = 0;
        router.handle(request, [&](const HttpResponse& response) { status = response.status; });
        EXPECT_EQ(acted, control || (login && origin == "http://localhost")) << login << origin << control;
        EXPECT_EQ(status, acted ? 200U : 403U);
      }
}

TEST_F(HttpServerTest, a_head_or_body_too_large_is_refused) {
  EXPECT_THAT(ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(10'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(ask("POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpServerTest, a_client_that_dawdles_is_cut_off) {
  auto socket = connect();
  asio::write(socket, asio::buffer(std::string("GET /hello HTTP/1.1\r\n")));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(read_all(socket), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(HttpServerTest, a_crowd_does_not_shut_out_the_control_socket) {
  std::vector<tcp::socket> crowd;
  for (int i = 0; i < 20; ++i) crowd.push_back(connect());
  const auto answer = control_call(socket_, "GET", "/hello");
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->body, "hello\n");
  crowd.clear();
  // Those who left make room again.
  for (int i = 0; i < 50; ++i) {
    if (!ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").empty()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  FAIL() << "nobody is let in any more";
}

TEST_F(HttpServerTest, one_address_leaves_room_for_another) {
  std::vector<tcp::socket> crowd;
  for (int i = 0; i < 3; ++i) crowd.push_back(connect());
  const std::string request = "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(ask(request), "") << "the fourth of 127.0.0.1 is closed at once";
  tcp::socket other(client_, tcp::endpoint(asio::ip::make_address("127.0.0.2"), 0));
  other.connect({asio::ip::address_v4::loopback(), port_});
  asio::write(other, asio::buffer(request));
  EXPECT_THAT(read_all(other), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, the_control_socket_may_act) {
  const auto answer = control_call(socket_, "POST", "/act", "it");
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->body, "did it\n");
}

TEST_F(HttpServerTest, a_stream_goes_on_until_it_is_closed) {
  std::vector<std::string> lines;
  ASSERT_TRUE(control_stream(socket_, "/stream", [&](const std::string& line) {
    lines.push_back(line);
    return true;
  }));
  EXPECT_THAT(lines, testing::ElementsAre("first", "second"));
}

TEST_F(HttpServerTest, a_second_gateway_does_not_steal_the_socket) {
  asio::io_context other;
  HttpServer second(other, [](const HttpRequest&, const Respond&) {});
  std::string error;
  EXPECT_FALSE(second.listen_control(socket_, error));
  EXPECT_THAT(error, HasSubstr("another gateway listens there"));
}

TEST(ControlClient, says_that_nobody_is_there) {
  EXPECT_THAT(control_call("/nonexistent/control.sock", "GET", "/").error(),
              HasSubstr("no gateway is running there"));
}

TEST(HttpStream, lets_go_of_a_reader_that_is_too_slow) {
  HttpStream stream;
  EXPECT_TRUE(stream.push(std::string(200'000, 'x')));
  EXPECT_FALSE(stream.push(std::string(200'000, 'x')));
  EXPECT_TRUE(stream.closed());
}

}  // namespace
}  // namespace weather::gateway
