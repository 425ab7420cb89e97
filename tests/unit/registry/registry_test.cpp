// Against a server of a few lines; a real registry is in tests/integration.
#include "bridge/registry/registry.hpp"

#include <string>
#include <thread>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::registry {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using testing::ElementsAre;
using testing::HasSubstr;

// Gives each answer once, in order, and remembers what it was asked.
class Server {
 public:
  explicit Server(std::vector<std::pair<unsigned, std::string>> answers)
      : thread_([this, answers = std::move(answers)] {
          for (const auto& [status, body] : answers) serve(status, body);
        }) {}
  ~Server() { thread_.join(); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  std::vector<std::string> targets, authorizations;

 private:
  void serve(unsigned status, const std::string& body) {
    auto socket = acceptor_.accept();
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(socket, buffer, request);
    targets.emplace_back(request.target());
    authorizations.emplace_back(request[http::field::authorization]);
    http::response<http::string_body> response{http::int_to_status(status), 11, body};
    response.prepare_payload();
    http::write(socket, response);
  }

  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

// Lets one connection through to itself, and answers on it.
class ProxyAndServer {
 public:
  ~ProxyAndServer() { thread_.join(); }
  proxy::Settings settings() const {
    proxy::Settings settings;
    settings.proxy =
        proxy::parse_url("http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port())).value();
    return settings;
  }
  std::string asked_for, target;

 private:
  void serve() {
    auto socket = acceptor_.accept();
    boost::beast::flat_buffer buffer;
    http::request_parser<http::empty_body> connect;
    http::read_header(socket, buffer, connect);
    asked_for = connect.get().target();
    asio::write(socket, asio::buffer(std::string("HTTP/1.1 200 OK\r\n\r\n")));
    http::request<http::string_body> request;
    http::read(socket, buffer, request);
    target = request.target();
    http::response<http::string_body> response{http::status::ok, 11, R"({"id":7})"};
    response.prepare_payload();
    http::write(socket, response);
  }

  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::thread thread_{[this] { serve(); }};
};

constexpr auto unknown = R"({"error_code":40403,"message":"Schema not found"})";

TEST(Registry, IsAskedThroughAProxyUnderANameThatOnlyThatKnows) {
  std::string asked_for, target;
  {
    ProxyAndServer both;
    RegistryOptions options{"http://registry.invalid:8081", {}, {}, {}, true, both.settings()};
    EXPECT_EQ(ask_registry(options, {{}, "w-value", "s"}).value().number, 7);
    asked_for = both.asked_for;
    target = both.target;
  }
  EXPECT_EQ(asked_for, "registry.invalid:8081");
  EXPECT_EQ(target, "/subjects/w-value");
  RegistryOptions options{"http://registry.invalid:8081", {}, {}, {}, true, {}};
  options.proxy.proxy = proxy::parse_url("http://127.0.0.1:1").value();
  EXPECT_THAT(ask_registry(options, {{}, "w-value", "s"}).error(),
              HasSubstr("the proxy 127.0.0.1:1 cannot be connected to: Connection refused"));
}

TEST(Registry, AKnownSchemaIsOnlyLookedUp) {
  std::vector<std::string> targets, authorizations;
  {
    Server server({{200, R"({"id":5})"}});
    RegistryOptions options{server.url(), "user", "pass", {}, true};
    EXPECT_EQ(ask_registry(options, {{}, "w-value", "s"}).value().number, 5);
    targets = server.targets;
    authorizations = server.authorizations;
  }
  EXPECT_THAT(targets, ElementsAre("/subjects/w-value"));
  EXPECT_THAT(authorizations, ElementsAre("Basic dXNlcjpwYXNz"));
}

TEST(Registry, AnUnknownOneIsRegistered) {
  Server server({{404, unknown}, {200, R"({"id":6})"}});
  EXPECT_EQ(ask_registry({server.url(), {}, {}, {}, true}, {{}, "w-value", "s"}).value().number, 6);
}

TEST(Registry, ButNotIfThatIsNotWanted) {
  Server server({{404, unknown}});
  EXPECT_THAT(ask_registry({server.url(), {}, {}, {}, false}, {{}, "w-value", "s"}).error(),
              HasSubstr("set schema_registry.register = true"));
}

TEST(Registry, ARefusalIsPassedOn) {
  Server server({{404, unknown}, {409, R"({"message":"no"})"}});
  EXPECT_THAT(ask_registry({server.url(), {}, {}, {}, true}, {{}, "w-value", "s"}).error(),
              HasSubstr("compatibility rule"));
}

TEST(Registry, OneWithoutGuidsSaysWhatToSet) {
  Server server({{200, R"({"id":5})"}});
  EXPECT_THAT(ask_registry({server.url(), {}, {}, {}, true}, {{}, "s", "s", SchemaType::avro, true}).error(),
              HasSubstr("set schema_registry.id_in = \"value\""));
}

TEST(Registry, NobodyThereIsSaidInWords) {
  EXPECT_THAT(ask_registry({"http://127.0.0.1:1", {}, {}, {}, true}, {{}, "s", "s"}).error(),
              HasSubstr("cannot be reached (Connection refused"));
  EXPECT_THAT(ask_registry({"https://127.0.0.1:1", {}, {}, "/nowhere", true}, {{}, "s", "s"}).error(),
              HasSubstr("schema_registry.ca_file"));
}

}  // namespace
}  // namespace weather::registry
