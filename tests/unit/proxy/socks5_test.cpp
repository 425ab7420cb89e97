#include "tests/unit/proxy/handshake_bed.hpp"

namespace weather::proxy {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

const Target broker{"kafka", 9092};  // 0x2384

Outcome socks_answered(const std::string& answer, std::string username = {}, std::string password = {},
                       const Target& target = broker) {
  return converse_in_all_ways(through("socks5h://proxy:1080", std::move(username), std::move(password)),
                              target, answer);
}

// RFC 1928, 3, 4 and 6.
TEST(Socks5, WithoutALogIn) {
  const auto outcome = socks_answered("\5\0\5\0\0\1\x7F\0\0\1\x12\x34rest"s);
  EXPECT_EQ(outcome.sent, "\5\1\0\5\1\0\3\5kafka\x23\x84"s);
  EXPECT_EQ(outcome.state, Handshake::State::open);
  EXPECT_EQ(outcome.rest, "rest");
}

// RFC 1929.
TEST(Socks5, WithUserAndPassword) {
  const auto outcome = socks_answered("\5\2\1\0\5\0\0\1\0\0\0\0\0\0"s, "pi", "secret");
  EXPECT_EQ(outcome.sent, "\5\2\0\2\1\2pi\6secret\5\1\0\3\5kafka\x23\x84"s);
  EXPECT_EQ(outcome.state, Handshake::State::open);
  EXPECT_EQ(socks_answered("\5\0"s, "pi", "secret").sent,
            "\5\2\0\2\5\1\0\3\5kafka\x23\x84"s);  // it wants none
}

TEST(Socks5, AddressesGoAsAddresses) {
  EXPECT_EQ(socks_answered("\5\0"s, {}, {}, {"10.0.0.7", 1}).sent, "\5\1\0\5\1\0\1\x0A\0\0\7\0\1"s);
  EXPECT_EQ(socks_answered("\5\0"s, {}, {}, {"::1", 1}).sent,
            "\5\1\0\5\1\0\4"s + std::string(15, '\0') + "\1\0\1"s);
}

TEST(Socks5, TheBoundAddressMayHaveAnyForm) {
  for (const auto& bound : {"\1\0\0\0\0\0\0"s, "\4"s + std::string(18, '\0'), "\3\0\0\0"s, "\3\3abc\0\0"s,
                            "\3\xFF"s + std::string(257, 'n')})
    EXPECT_EQ(socks_answered("\5\0\5\0\0"s + bound + "behind").rest, "behind");
  EXPECT_EQ(socks_answered("\5\0\5\0\0\2\0\0\0\0\0\0"s).state, Handshake::State::failed);
}

TEST(Socks5, EveryReplyIsSaidInWords) {
  const char* const words[] = {"general failure",      "not allowed by its rules", "network unreachable",
                               "host unreachable",     "connection refused",       "TTL expired",
                               "does not know how to", "this kind of address"};
  for (int reply = 1; reply < 256; ++reply) {
    const auto outcome = socks_answered("\5\0\5"s + static_cast<char>(reply) + "\0\1\0\0\0\0\0\0"s);
    EXPECT_EQ(outcome.state, Handshake::State::failed);
    EXPECT_THAT(outcome.failure, HasSubstr("SOCKS reply " + std::to_string(reply)));
    EXPECT_THAT(outcome.failure, HasSubstr(reply <= 8 ? words[reply - 1] : ""));
    EXPECT_EQ(is_refusal(outcome.failure), reply == 2) << outcome.failure;
  }
  EXPECT_THAT(socks_answered("\5\0\5\5\0"s).failure,
              HasSubstr("the proxy proxy:1080 cannot reach kafka:9092 (connection refused, SOCKS reply 5)"));
}

TEST(Socks5, ARefusedLogIn) {
  const auto none = socks_answered("\5\xFF"s);
  EXPECT_THAT(none.failure, HasSubstr("refuses this gateway: it wants a user and a password"));
  EXPECT_TRUE(is_refusal(none.failure));
  EXPECT_THAT(socks_answered("\5\xFF"s, "u", "p").failure, HasSubstr("it takes no user and password"));
  EXPECT_THAT(socks_answered("\5\2\1\1"s, "u", "p").failure,
              HasSubstr("it does not take this user and password"));
  EXPECT_THAT(socks_answered("\5\2"s).failure, HasSubstr("asks for a log-in that was not offered"));
  EXPECT_THAT(socks_answered("\5\1"s, "u", "p").failure, HasSubstr("asks for a log-in that was not offered"));
}

TEST(Socks5, WhatIsNoSocks5) {
  for (const auto& answer : {"HTTP/1.1 400 Bad Request\r\n\r\n"s, "\4\0"s, "\0"s, "\5\0\4\0"s})
    EXPECT_THAT(socks_answered(answer).failure, HasSubstr("does not answer as a SOCKS5 proxy does"));
}

// Whatever a proxy sends: it opens, fails or waits, and never waits beyond its longest answer.
TEST(Socks5, AnswersWithoutEndEnd) {
  const auto handshake = start_handshake(through("socks5h://proxy:1080", "u", "p"), broker).value();
  handshake->feed("\5\2\1\0"s);
  EXPECT_EQ(handshake->feed("\5\0\0\3\xFF"s + std::string(256, 'x')), Handshake::State::going);
  EXPECT_EQ(handshake->feed("x"), Handshake::State::open);
}

}  // namespace
}  // namespace weather::proxy
