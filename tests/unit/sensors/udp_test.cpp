#include "sensors/sources/udp.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gmock/gmock.h>

#include "sensors/decoders/json.hpp"
#include "tests/unit/sensors/fake_sink.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

bool has(const std::vector<std::string>& list, const char* address) {
  return AddressList::parse(list)->has(asio::ip::make_address(address));
}

TEST(AddressList, HasAddressesAndNetworks) {
  EXPECT_TRUE(has({}, "8.8.8.8"));
  EXPECT_TRUE(has({"192.168.1.7"}, "192.168.1.7"));
  EXPECT_FALSE(has({"192.168.1.7"}, "192.168.1.8"));
  EXPECT_TRUE(has({"10.0.0.1", "192.168.1.99/24"}, "192.168.1.8"));
  EXPECT_FALSE(has({"192.168.1.0/24"}, "192.168.2.8"));
  EXPECT_TRUE(has({"192.168.1.0/24"}, "::ffff:192.168.1.8"));
  EXPECT_TRUE(has({"fd00::/8"}, "fd12::1"));
  EXPECT_TRUE(has({"fe80::/10"}, "fe80::1%1"));
  EXPECT_FALSE(has({"fd00::/8"}, "10.0.0.1"));
  EXPECT_TRUE(has({"0.0.0.0/0"}, "10.0.0.1"));
}

TEST(AddressList, SaysWhatIsNoNetwork) {
  for (const auto* wrong :
       {"", "x", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "fd00::/129", "pi.lan", "10.0.0.1 "})
    EXPECT_THAT(AddressList::parse({wrong}).error(), HasSubstr("is no address and no network")) << wrong;
}

struct UdpTest : ::testing::Test {
  void start(UdpOptions options = {}) {
    options.address = "127.0.0.1";
    options.name = "udp";
    source_.emplace(io_, std::move(options), decode_json, sink_);
    source_->start();
  }
  void send(const std::string& datagram) {
    udp::socket socket(io_, udp::v4());
    socket.send_to(asio::buffer(datagram), {asio::ip::address_v4::loopback(), source_->port()});
  }
  // What is there; the loop has nothing else to wait for.
  void run(std::chrono::milliseconds longest = std::chrono::milliseconds(50)) {
    io_.restart();
    io_.run_for(longest);
  }
  std::vector<std::string> payloads() {
    std::vector<std::string> all;
    for (const auto& message : sink_.stored()) all.push_back(message.payload);
    return all;
  }

  asio::io_context io_;
  FakeSink sink_;
  std::optional<UdpSource> source_;
};

TEST_F(UdpTest, ADatagramIsAMessageOfItsSender) {
  start();
  send(R"({"temperature":1})");
  send("{\"a\":2}\n{\"b\":3}");
  run();
  EXPECT_THAT(payloads(), ElementsAre(R"({"temperature":1})", "{\"a\":2}\n{\"b\":3}"));
  EXPECT_EQ(sink_.stored().front().topic, "127.0.0.1");
  EXPECT_EQ(source_->status().datagrams, 2U);
}

TEST_F(UdpTest, WithLinesEachLineIsOne) {
  UdpOptions options;
  options.lines = true;
  start(options);
  send("{\"a\":2}\r\n\n{\"b\":3}");
  run();
  EXPECT_THAT(payloads(), ElementsAre(R"({"a":2})", R"({"b":3})"));
}

TEST_F(UdpTest, WhatComesFromElsewhereIsThrownAwayAndCounted) {
  UdpOptions options;
  options.from = *AddressList::parse({"192.168.1.0/24"});
  start(options);
  send("x");
  run();
  EXPECT_THAT(payloads(), ElementsAre());
  EXPECT_EQ(source_->status().foreign, 1U);
}

TEST_F(UdpTest, WhatTheSinkRefusesWaitsAndKeepsItsPlace) {
  start();
  sink_.refuse(true);
  for (const auto* text : {"1", "2", "3"}) send(text);
  run();
  EXPECT_THAT(payloads(), ElementsAre());
  sink_.refuse(false);
  while (sink_.stored().size() < 3 && io_.run_one() > 0) continue;
  EXPECT_THAT(payloads(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(source_->status().waited, 1U);
}

TEST_F(UdpTest, WhatTheKernelHadNoRoomForIsCounted) {
  UdpOptions options;
  options.buffer_bytes = 4096;
  start(options);
  for (int i = 0; i < 100; ++i) send(std::string(1000, 'x'));
  run();
  send("the count comes with the next one");
  run();
  const auto now = source_->status();
  EXPECT_GT(now.overflown, 0U);
  EXPECT_EQ(now.datagrams + now.overflown, 101U);
}

TEST_F(UdpTest, NothingComesAfterStop) {
  start();
  send("1");
  source_->stop();
  run();
  EXPECT_THAT(payloads(), ElementsAre());
}

}  // namespace
}  // namespace weather::sensors
