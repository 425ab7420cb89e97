// Against a server of a few lines; a real registry is in tests/integration.
#include "bridge/registry/registry.hpp"

#include <string>
#include <thread>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
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

constexpr auto unknown = R"({"error_code":40403,"message":"Schema not found"})";

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
