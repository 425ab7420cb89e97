#include "tests/unit/proxy/handshake_bed.hpp"

namespace weather::proxy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const Target kafka{"kafka.example", 9092};

Outcome answered(const std::string& answer, std::string username = {}, std::string password = {}) {
  return converse_in_all_ways(through("http://proxy:3128", std::move(username), std::move(password)), kafka,
                              answer);
}

TEST(Connect, TheRequest) {
  EXPECT_EQ(answered("").sent,
            "CONNECT kafka.example:9092 HTTP/1.1\r\nHost: kafka.example:9092\r\nUser-Agent: "
            "weather-gateway\r\n\r\n");
  EXPECT_THAT(converse(through("https://proxy:443"), {"2001:db8::1", 9093}, {}).sent,
              StartsWith("CONNECT [2001:db8::1]:9093 HTTP/1.1\r\nHost: [2001:db8::1]:9093\r\n"));
  // RFC 7617, 2
  EXPECT_THAT(answered("", "Aladdin", "open sesame").sent,
              HasSubstr("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
}

TEST(Connect, AnOpenConnectionAndWhatComesBehindIt) {
  for (const std::string head :
       {"HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.0 200 OK\r\nServer: x\r\n\r\n",
        "HTTP/1.1 200 \r\n\r\n", "HTTP/1.1 200\r\n\r\n", "HTTP/1.0 200 OK\n\n", "HTTP/1.1 299 x\r\n\n",
        // 2xx has no body, whatever it says (RFC 9110, 9.3.6)
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}) {
    const auto outcome = answered(head + "HTTP/1.1 behind");
    EXPECT_EQ(outcome.state, Handshake::State::open) << head;
    EXPECT_EQ(outcome.rest, "HTTP/1.1 behind") << head;
  }
}

struct Refused {
  const char* answer;
  const char* text;
  bool refusal;
};

TEST(Connect, WhatTheProxyAnsweredIsSaid) {
  const Refused rows[] = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
       "the proxy proxy:3128 refuses this gateway: it wants a user and a password (407 Proxy Authentication "
       "Required): "
       "give username and password_file",
       true},
      {"HTTP/1.1 407 \r\n\r\n", "it wants a user and a password (407)", true},
      {"HTTP/1.1 407 No\r\nproxy-authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n",
       "it takes no user and password by Basic, but Negotiate, NTLM (407 No)", true},
      {"HTTP/1.1 403 Forbidden\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n\r\n",
       "the proxy proxy:3128 refuses the connection to kafka.example:9092 (403 Forbidden, ERR_ACCESS_DENIED "
       "0): its "
       "rules must allow it",
       true},
      {"HTTP/1.0 405 Method Not Allowed\r\n\r\n", "refuses the connection to kafka.example:9092 (405", true},
      {"HTTP/1.1 502 Bad Gateway\r\n\r\n",
       "the proxy proxy:3128 cannot reach kafka.example:9092 (502 Bad Gateway)", false},
      {"HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_DNS_FAIL 0\r\n\r\n",
       "cannot reach kafka.example:9092 (503 Service Unavailable, ERR_DNS_FAIL 0)", false},
      {"HTTP/1.1 302 Found\r\nLocation: http://login\r\n\r\n",
       "does not connect to kafka.example:9092 (302 Found)", false},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "does not connect to kafka.example:9092 (101", false},
      {"SSH-2.0-OpenSSH_9.2\r\n", "does not answer as an HTTP proxy does", false},
      {"HTTP/2 200\r\n\r\n", "does not answer as an HTTP proxy does", false},
      {"HTTP/1.1 2x0 OK\r\n\r\n", "does not answer as an HTTP proxy does", false},
      {"HTTP/1.1\r\n\r\n", "does not answer as an HTTP proxy does", false},
      {"\x05\xFF", "does not answer as an HTTP proxy does", false},
      {"HTTP/1.1 500 a\x1b[31mb\r\n\r\n", "(500 a?[31mb)", false},
  };
  for (const auto& row : rows) {
    const auto outcome = answered(row.answer);
    EXPECT_EQ(outcome.state, Handshake::State::failed) << row.answer;
    EXPECT_THAT(outcome.failure, HasSubstr(row.text));
    EXPECT_EQ(is_refusal(outcome.failure), row.refusal) << outcome.failure;
  }
  EXPECT_THAT(answered("HTTP/1.1 407 No\r\n\r\n", "pi", "wrong").failure,
              HasSubstr("it does not take this user and password (407 No)"));
}

TEST(Connect, AnAnswerWithoutEndEnds) {
  const auto handshake = start_handshake(through("http://proxy:3128"), kafka).value();
  std::size_t fed = 0;
  std::string piece = "HTTP/1.1 200 OK\r\n";
  while (handshake->feed(piece) == Handshake::State::going) {
    fed += piece.size();
    piece = "X: " + std::string(100, 'y') + "\r\n";
  }
  EXPECT_EQ(handshake->state(), Handshake::State::failed);
  EXPECT_LE(fed, Handshake::longest_answer);
  EXPECT_THAT(handshake->failure(), HasSubstr("more than 16 KiB"));
  // Interim answers without end as well.
  const auto patient = start_handshake(through("http://proxy:3128"), kafka).value();
  for (int i = 0; i < 1000 && patient->state() == Handshake::State::going; ++i)
    patient->feed("HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(patient->state(), Handshake::State::failed);
}

// A broker's name comes from Kafka's metadata: it must not become a header or another request.
TEST(Handshake, NoNameReachesTheProxyThatIsNone) {
  for (const auto* url : {"http://proxy:3128", "socks5h://proxy:1080"}) {
    for (int c = 0; c < 256; ++c) {
      const char byte = static_cast<char>(c);
      const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                         (byte >= '0' && byte <= '9') ||
                         std::string_view("-_.:").find(byte) != std::string::npos;
      EXPECT_EQ(start_handshake(through(url), {std::string("ka") + byte + "fka", 9092}).has_value(), plain)
          << c;
    }
    EXPECT_FALSE(start_handshake(through(url), {"", 9092}));
    EXPECT_FALSE(start_handshake(through(url), {"kafka", 0}));
    EXPECT_TRUE(start_handshake(through(url), {std::string(255, 'k'), 1}));
    EXPECT_FALSE(start_handshake(through(url), {std::string(256, 'k'), 1}));
  }
}

}  // namespace
}  // namespace weather::proxy
