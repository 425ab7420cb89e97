#include "sensors/sources/http_answer.hpp"

#include <random>

#include <gmock/gmock.h>

#include "sensors/sources/http_place.hpp"

namespace weather::sensors {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t most_body = 1000;

// What comes of these bytes, `piece` of them at a time, and then the end of the connection.
std::string read_in_pieces(std::string_view bytes, std::size_t piece) {
  HttpAnswerReader reader(most_body);
  while (true) {
    const auto some = bytes.substr(0, piece);
    bytes.remove_prefix(some.size());
    const auto whole = some.empty() ? reader.end() : reader.feed(some);
    if (!whole) return "!" + whole.error();
    if (!*whole) continue;
    auto answer = reader.take();
    return std::to_string(answer.status) + " " + answer.body + answer.location;
  }
}

std::string read(std::string_view bytes) {
  auto at_once = read_in_pieces(bytes, bytes.size() + 1);
  for (const std::size_t piece : {1, 2, 7, 100}) EXPECT_EQ(read_in_pieces(bytes, piece), at_once) << piece;
  return at_once;
}

TEST(HttpAnswer, IsReadHoweverItsLengthIsTold) {
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), "200 {}");
  EXPECT_EQ(read("HTTP/1.0 200 OK\r\n\r\n{\"a\":1}"), "200 {\"a\":1}");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
            "200 {}");
  EXPECT_EQ(read("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), "404 ");
  EXPECT_EQ(read("HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n"), "302 http://x/");
}

TEST(HttpAnswer, ThatEndsTooSoonIsNone) {
  for (const auto* bytes : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"})
    EXPECT_THAT(read(bytes), HasSubstr("closed the connection before its answer was whole")) << bytes;
}

TEST(HttpAnswer, WhatIsNoHttpIsSaidSo) {
  for (const auto* bytes :
       {"SSH-2.0-OpenSSH_9\r\n\r\n", "<html>\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"})
    EXPECT_THAT(read(bytes), HasSubstr("is no HTTP")) << bytes;
}

// Whatever comes, no more than the bound is kept.
TEST(HttpAnswer, ThatIsTooLargeIsGivenUpBeforeItIsThere) {
  EXPECT_THAT(read("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"), HasSubstr("larger than"));
  const std::string large(1001, 'x');
  EXPECT_THAT(read("HTTP/1.0 200 OK\r\n\r\n" + large), HasSubstr("larger than"));
  EXPECT_THAT(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + large),
              HasSubstr("larger than"));
  EXPECT_THAT(read("HTTP/1.1 200 OK\r\nX: " + std::string(9000, 'x')), HasSubstr("the head of its answer"));
  EXPECT_THAT(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(20'000, 'x')),
              HasSubstr("no HTTP"));
}

TEST(HttpAnswer, AnyBytesEndInAnAnswerOrASentence) {
  std::mt19937 random(1);
  const std::string good = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = good.substr(0, random() % (good.size() + 1));
    for (auto changes = random() % 4; changes > 0 && !bytes.empty(); --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    EXPECT_FALSE(read_in_pieces(bytes, 1 + random() % 40).empty());
  }
}

TEST(HttpPlace, IsHostOrHostAndPort) {
  const auto said = [](std::string_view text) {
    const auto place = HttpPlace::parse(text);
    return place ? place->host + " " + std::to_string(place->port) + " " + place->authority() : "!";
  };
  EXPECT_EQ(said("192.168.1.7"), "192.168.1.7 80 192.168.1.7");
  EXPECT_EQ(said("station.lan:8080"), "station.lan 8080 station.lan:8080");
  EXPECT_EQ(said("[fd00::7]"), "fd00::7 80 [fd00::7]");
  EXPECT_EQ(said("[fe80::7%eth0]:81"), "fe80::7%eth0 81 [fe80::7%eth0]:81");
  for (const auto* wrong : {"", ":80", "a:", "a:0", "a:65536", "a:b", "a b", "[fd00::7", "[]", "fd00::7",
                            "a\r\nX", "http://a", "a/v1", "user@a", "[a]x"})
    EXPECT_EQ(said(wrong), "!") << wrong;
}

}  // namespace
}  // namespace weather::sensors
