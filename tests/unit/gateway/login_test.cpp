#include "gateway/http/login.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/check.hpp"
#include "gateway/config/load.hpp"
#include "gateway/http/access.hpp"
#include "gateway/http/guard.hpp"
#include "gateway/http/router.hpp"

namespace weather::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(BasicCredentials, are_a_name_and_a_password_and_nothing_else) {
  const auto read = parse_basic("Basic cGk6c2VjcmV0");  // pi:secret
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "pi");
  EXPECT_EQ(read->password, "secret");
  EXPECT_EQ(parse_basic("basic cGk6YTpi")->password, "a:b") << "the name ends at the first colon";
  EXPECT_EQ(parse_basic("Basic cGk6")->password, "");
  for (const auto* wrong : {"", "Basic", "Basic ", "Bearer cGk6c2VjcmV0", "Basic cGk6c2VjcmV",
                            "Basic cGk=c2Vj", "Basic cGk!c2Vj", "Basic c2VjcmV0" /* no colon */})
    EXPECT_FALSE(parse_basic(wrong)) << wrong;
}

// ---- where the page may listen
std::vector<std::string> faults(const std::string& web) {
  const std::vector<ConfigText> texts{{"c", "[web]\n" + web}};
  const auto config = load(texts, {});
  std::vector<std::string> result;
  if (!config)
    for (const auto& error : config.error()) result.push_back(to_string(error));
  return result;
}

TEST(PageElsewhere, needs_a_certificate_and_users) {
  const std::string tls = "cert_file = \"c\"\nkey_file = \"k\"\n", users = "users_file = \"u\"\n";
  const std::string lan = "listen = \"192.168.1.5:8680\"\n";
  EXPECT_THAT(faults(lan),
              ElementsAre(HasSubstr("give cert_file and key_file"), HasSubstr("give users_file")));
  EXPECT_THAT(faults(lan + tls), ElementsAre(HasSubstr("reachable by others: give users_file")));
  EXPECT_THAT(faults(lan + users),
              ElementsAre(HasSubstr("reachable by others: give cert_file and key_file")));
  EXPECT_THAT(faults(lan + tls + users), ElementsAre());
  EXPECT_THAT(faults(tls + users), ElementsAre()) << "on loopback as well";
  EXPECT_THAT(faults(users), ElementsAre());
  EXPECT_THAT(faults("cert_file = \"c\"\n"),
              ElementsAre(HasSubstr("web.cert_file: and key_file go together")));
}

TEST(PageElsewhere, on_every_address_needs_to_know_its_names) {
  const std::string both = "cert_file = \"c\"\nkey_file = \"k\"\nusers_file = \"u\"\n";
  for (const auto* any : {"0.0.0.0:8680", "[::]:8680"}) {
    const auto listen = "listen = \"" + std::string(any) + "\"\n";
    EXPECT_THAT(faults(listen + both), ElementsAre(HasSubstr("web.hosts: must name"))) << any;
    EXPECT_THAT(faults(listen + both + "hosts = [\"pi.lan\"]\n"), ElementsAre()) << any;
  }
}

TEST(PageElsewhere, its_own_address_is_one_of_its_names) {
  WebConfig web;
  web.listen = "192.168.1.5:8680";
  web.hosts = {"pi.lan"};
  EXPECT_THAT(page_hosts(web), ElementsAre("pi.lan", "192.168.1.5"));
  web.listen = "0.0.0.0:8680";
  EXPECT_THAT(page_hosts(web), ElementsAre("pi.lan"));
}

TEST(PageAccess, a_file_that_cannot_be_used_is_named) {
  WebConfig web;
  web.users_file = "/nonexistent/users";
  EXPECT_THAT(read_page_access(web).error(), HasSubstr("web.users_file /nonexistent/users: no such file"));
  web.users_file.clear();
  web.cert_file = web.key_file = "/nonexistent/cert.pem";
  EXPECT_THAT(read_page_access(web).error(), HasSubstr("web.cert_file /nonexistent/cert.pem"));
  EXPECT_TRUE(read_page_access({})) << "nothing is asked for";
}

// ---- the guard
// `openssl passwd -6 -salt weather1 secret`
const std::string secret_hash =
    "$6$weather1$4kT.19vQsAt1NRL2BKU2Y7LYhPJAq5CDhqwLHatcg7s0h4meqOLX/2R2QuyUtKJYzz31T1CuNfLNEarHUu1Fz/";

class GuardTest : public testing::Test {
 protected:
  GuardTest() {
    router_.get("/", [](const HttpRequest&, const Respond& respond) { respond(text_response(200, "page")); });
    router_.set_gate([this](const HttpRequest& request, std::function<void()> let_in, const Respond& refuse) {
      guard_.ask(request, std::move(let_in), refuse);
    });
  }
  static Guard::Users users(const std::string& text) { return *Guard::Users::parse(text); }

  HttpResponse ask(const std::string& authorization, const std::string& address = "192.168.1.7",
                   const std::string& host = "pi.lan") {
    HttpRequest request;
    request.method = "GET";
    request.path = "/";
    request.host = host;
    request.address = address;
    request.control = address.empty();
    request.authorization = authorization;
    HttpResponse answer;
    answer.status = 0;
    router_.handle(request, [&](HttpResponse response) { answer = std::move(response); });
    while (answer.status == 0) {
      io_.restart();
      io_.run_for(std::chrono::milliseconds(20));
    }
    return answer;
  }

  static constexpr auto right = "Basic cGk6c2VjcmV0", wrong = "Basic cGk6d3Jvbmc=";  // pi:secret, pi:wrong
  boost::asio::io_context io_{1};
  Guard guard_{io_, users("pi:" + secret_hash)};
  Router router_{{"pi.lan"}};
};

TEST_F(GuardTest, asks_lets_in_and_refuses) {
  const auto asked = ask("");
  EXPECT_EQ(asked.status, 401U);
  EXPECT_THAT(asked.headers, testing::Contains(testing::Pair("WWW-Authenticate", HasSubstr("Basic realm="))));
  EXPECT_THAT(asked.headers, testing::Contains(testing::Pair("Content-Security-Policy", testing::_)));
  EXPECT_EQ(ask(wrong).status, 401U);
  EXPECT_EQ(ask(right).body, "page\n");
  EXPECT_EQ(ask("Bearer x").status, 401U);
}

TEST_F(GuardTest, does_not_ask_on_the_control_socket_and_tells_a_foreign_host_nothing) {
  EXPECT_EQ(ask("", "").status, 200U);
  EXPECT_EQ(ask(right, "192.168.1.7", "evil.example").status, 403U);
}

TEST_F(GuardTest, holds_off_who_guesses_and_still_lets_in_who_is_known) {
  EXPECT_EQ(ask(right).status, 200U);
  // "pi:" and something else each time, as whoever guesses does.
  const std::vector<std::string> guesses{"cGk6YQ==", "cGk6Yg==", "cGk6Yw==", "cGk6ZA==", "cGk6ZQ=="};
  for (const auto& guess : guesses) EXPECT_EQ(ask("Basic " + guess).status, 401U);
  const auto held_off = ask(wrong);
  EXPECT_EQ(held_off.status, 429U);
  EXPECT_THAT(held_off.headers, testing::Contains(testing::Pair("Retry-After", "2")));
  EXPECT_EQ(ask(right).status, 200U) << "remembered, nothing is compared";
  EXPECT_EQ(ask("Basic " + guesses.front()).status, 401U) << "known to be wrong, nothing is compared";
  EXPECT_EQ(ask(wrong, "192.168.1.8").status, 401U) << "another address";
}

TEST_F(GuardTest, new_users_end_the_old_ones) {
  EXPECT_EQ(ask(right).status, 200U);
  guard_.replace(users("other:" + secret_hash));
  EXPECT_EQ(ask(right).status, 401U);
  EXPECT_EQ(ask("Basic b3RoZXI6c2VjcmV0").status, 200U);
}

}  // namespace
}  // namespace weather::gateway
