// The whole source against a station of the test's own, on loopback: HTTP by TCP, the wind by UDP.
#include "sensors/sources/weatherlink_live.hpp"

#include <deque>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include "sensors/decoders/weatherlink.hpp"
#include "tests/unit/sensors/fake_sink.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string conditions_at(int time, const std::string& did = "A") {
  return R"({"data":{"did":")" + did + R"(","ts":)" + std::to_string(time) +
         R"(,"conditions":[{"txid":1,"temp":68.0},{"bar_absolute":29.92}]},"error":null})";
}
std::string wind_at(int time, const std::string& did = "A") {
  return R"({"did":")" + did + R"(","ts":)" + std::to_string(time) +
         R"(,"conditions":[{"txid":1,"wind_speed_last":10}]})";
}
std::string http(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string granted(std::uint16_t port) {
  return http(R"({"data":{"broadcast_port":)" + std::to_string(port) + R"(,"duration":1200},"error":null})");
}

// Answers each connection with the next of its answers, the last one again and again; an empty one is no
// answer at all.
class Station {
 public:
  explicit Station(asio::io_context& io) : io_(io), acceptor_(io, {asio::ip::address_v4::loopback(), 0}) {
    accept();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void answer(std::deque<std::string> answers) { answers_ = std::move(answers); }
  void broadcast(const std::string& answer) { broadcast_ = answer; }
  std::vector<std::string> asked;  // targets
  int at_once = 0, most_at_once = 0;

 private:
  struct Connection {
    explicit Connection(tcp::socket accepted) : socket(std::move(accepted)) {}
    tcp::socket socket;
    std::string request, answer;
  };
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error) return;
      serve(std::make_shared<Connection>(std::move(socket)));
      accept();
    });
  }
  void serve(const std::shared_ptr<Connection>& one) {
    most_at_once = std::max(most_at_once, ++at_once);
    asio::async_read_until(one->socket, asio::dynamic_buffer(one->request), "\r\n\r\n",
                           [this, one](const boost::system::error_code& error, std::size_t) {
                             if (!error) reply(one);
                           });
  }
  void reply(const std::shared_ptr<Connection>& one) {
    asked.push_back(one->request.substr(4, one->request.find(' ', 4) - 4));
    if (asked.back().starts_with("/v1/real_time")) {
      one->answer = broadcast_;
    } else {
      one->answer = answers_.front();
      if (answers_.size() > 1) answers_.pop_front();
    }
    if (one->answer.empty()) return wait_for_its_end(one);
    asio::async_write(one->socket, asio::buffer(one->answer),
                      [this, one](const boost::system::error_code&, std::size_t) {
                        boost::system::error_code ignored;
                        one->socket.shutdown(tcp::socket::shutdown_send, ignored);
                        wait_for_its_end(one);
                      });
  }
  void wait_for_its_end(const std::shared_ptr<Connection>& one) {
    asio::async_read(one->socket, asio::dynamic_buffer(one->request),
                     [this, one](const boost::system::error_code&, std::size_t) { --at_once; });
  }

  asio::io_context& io_;
  tcp::acceptor acceptor_;
  std::deque<std::string> answers_{""};
  std::string broadcast_ = http(R"({"data":null,"error":{"code":409,"message":"No ISS"}})");
};

struct WeatherlinkLiveTest : ::testing::Test {
  void start(bool wind = false, std::uint16_t port = 0) {
    WeatherlinkOptions options;
    options.name = "station";
    options.place = {"127.0.0.1", port != 0 ? port : station.port()};
    options.poll = {.interval = 30ms, .wind = wind, .spacing = 10ms, .quiet = 60'000ms};
    options.http = {.longest = 300ms, .most_body_bytes = 4096};
    options.most_waiting_bytes = 500;
    options.decode = decode_weatherlink;
    options.say = [this](bool good, const std::string& text) { said.push_back((good ? "+" : "-") + text); };
    source.emplace(io, std::move(options), sink);
    source->start();
  }
  template <class Done>
  void run_until(const Done& done) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!done() && std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_one_for(20ms);
    }
    EXPECT_TRUE(done());
  }
  // What it says of itself until the station answers.
  std::set<std::string> reasons_until_up() {
    std::set<std::string> reasons;
    run_until([&] {
      reasons.insert(source->status().reason);
      return source->status().up;
    });
    return reasons;
  }
  void run_for(std::chrono::milliseconds time) {
    io.restart();
    io.run_for(time);
  }
  void run_until_asked(std::size_t times) {
    run_until([&] { return station.asked.size() >= times; });
  }
  void send(const std::string& datagram, const char* from = "127.0.0.1") {
    asio::ip::udp::socket socket(io, {asio::ip::make_address(from), 0});
    socket.send_to(asio::buffer(datagram), {asio::ip::address_v4::loopback(), wind_port});
  }
  std::vector<std::string> stored() {
    std::vector<std::string> all;
    for (const auto& one : sink.stored()) {
      std::string text = one.decode_error.empty() ? "" : "!" + one.decode_error;
      for (const auto& reading : one.readings)
        text += (text.empty() ? "" : " ") + reading.sensor_id() + "@" +
                std::to_string(reading.event_time_ns() / 1'000'000'000);
      if (!text.empty()) all.push_back(text);  // else it was passed over
    }
    return all;
  }
  // A port that is free, and stays so for a moment.
  static std::uint16_t free_port(asio::io_context& io) {
    asio::ip::udp::socket socket(io, {asio::ip::address_v4::loopback(), 0});
    return socket.local_endpoint().port();
  }

  asio::io_context io;
  Station station{io};
  FakeSink sink;
  std::uint16_t wind_port = free_port(io);
  std::vector<std::string> said;
  std::optional<WeatherlinkLive> source;
};

TEST_F(WeatherlinkLiveTest, TheSameConditionsAreStoredOnce) {
  station.answer({http(conditions_at(1)), http(conditions_at(1)), http(conditions_at(2))});
  start();
  run_until_asked(6);
  EXPECT_THAT(stored(), ElementsAre("davis:A:1@1 davis:A@1", "davis:A:1@2 davis:A@2"));
  EXPECT_THAT(station.asked, ::testing::Each("/v1/current_conditions"));
  EXPECT_GE(source->status().repeated, 3U);
  EXPECT_TRUE(source->status().up);
  EXPECT_EQ(sink.stored().front().source, "station");
  EXPECT_EQ(sink.stored().front().topic, "127.0.0.1");
  EXPECT_THAT(said, ElementsAre("+it answers"));
}

TEST_F(WeatherlinkLiveTest, AStationThatIsGoneIsToldOnceAndTakenUpAgain) {
  std::uint16_t nobody = 0;
  {
    tcp::acceptor gone(io, {asio::ip::address_v4::loopback(), 0});
    nobody = gone.local_endpoint().port();
  }
  start(false, nobody);
  run_until([&] { return source->status().unanswered >= 3; });
  EXPECT_FALSE(source->status().up);
  EXPECT_THAT(source->status().reason, HasSubstr("cannot be reached (Connection refused)"));
  EXPECT_THAT(said, ElementsAre(HasSubstr("asked again and again")));
}

// Silent, slow, cut off, much too large: each ends within its time, and the next question finds the station.
TEST_F(WeatherlinkLiveTest, AnswersThatNeverEndOrNeverBeginDoNotHoldItUp) {
  const auto good = http(conditions_at(5));
  station.answer({"", good.substr(0, good.size() - 1), "HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'),
                  "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n{", "gibberish\r\n\r\n", good});
  start();
  const auto reasons = reasons_until_up();
  EXPECT_THAT(reasons, ::testing::IsSupersetOf<::testing::Matcher<std::string>>(
                           {HasSubstr("in time"), HasSubstr("before its answer was whole"),
                            HasSubstr("larger than the 4 KiB"), HasSubstr("no HTTP")}));
  EXPECT_EQ(source->status().unanswered, 5U);
  EXPECT_EQ(station.most_at_once, 1);
  EXPECT_THAT(stored(), ElementsAre("davis:A:1@5 davis:A@5"));
}

TEST_F(WeatherlinkLiveTest, AnErrorAndARedirectionAreRefusalsAndNothingIsStored) {
  station.answer({http(R"({"data":null,"error":{"code":500,"message":"busy"}})"),
                  "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/login\r\nContent-Length: 0\r\n\r\n",
                  http("", "503 Service Unavailable"),
                  http(R"({"data":{"broadcast_port":1,"duration":1},"error":null})"),
                  http(conditions_at(7))});
  start();
  const auto reasons = reasons_until_up();
  EXPECT_THAT(reasons, ::testing::IsSupersetOf<::testing::Matcher<std::string>>(
                           {HasSubstr("busy"), HasSubstr("elsewhere (http://10.0.0.1/login)"),
                            HasSubstr("status 503"), HasSubstr("something else than it was asked for")}));
  EXPECT_EQ(source->status().refused, 4U);
  EXPECT_EQ(stored().size(), 1U);
}

// Somebody will want to see it; once is enough.
TEST_F(WeatherlinkLiveTest, WhatIsNoAnswerOfAStationIsKeptOnceAsItCame) {
  station.answer({http("<html>1"), http("<html>2"), http(conditions_at(7)), http("<html>3")});
  start();
  run_until_asked(6);
  EXPECT_THAT(stored(), ElementsAre("!json_syntax", "davis:A:1@7 davis:A@7", "!json_syntax"));
}

TEST_F(WeatherlinkLiveTest, WhatTheSinkRefusesWaitsUpToABound) {
  sink.refuse(true);
  station.answer({http(conditions_at(1)), http(conditions_at(2)), http(conditions_at(3)),
                  http(conditions_at(4)), http(conditions_at(5)), http(conditions_at(6))});
  start();
  run_until_asked(8);
  EXPECT_EQ(stored().size(), 0U);
  EXPECT_GE(source->status().dropped, 1U);
  sink.refuse(false);
  run_until([&] { return !stored().empty(); });
  EXPECT_LE(stored().size(), 4U);  // of 500 bytes
  EXPECT_EQ(stored().back(), "davis:A:1@6 davis:A@6");
}

TEST_F(WeatherlinkLiveTest, TheWindOfThePolledStationIsTakenBetweenItsConditions) {
  station.answer({http(conditions_at(10))});
  station.broadcast(granted(wind_port));
  start(true);
  run_until_asked(4);
  EXPECT_THAT(station.asked, ::testing::Contains("/v1/real_time?duration=1200").Times(1));
  send(wind_at(10));  // the second that was polled
  send(wind_at(12));  // twice, as by two networks
  send(wind_at(12));
  send(wind_at(13, "B"));          // another device's
  send(wind_at(14), "127.0.0.2");  // from elsewhere
  send("{");
  send(wind_at(15));
  run_until([&] { return stored().size() >= 4; });
  run_for(50ms);
  EXPECT_THAT(stored(),
              ElementsAre("davis:A:1@10 davis:A@10", "davis:A:1@12", "!json_syntax", "davis:A:1@15"));
  EXPECT_EQ(source->status().foreign, 2U);
  EXPECT_EQ(source->status().datagrams, 6U);
}

TEST_F(WeatherlinkLiveTest, WithoutABroadcastTheConditionsGoOn) {
  station.answer({http(conditions_at(1)), http(conditions_at(2)), http(conditions_at(3))});
  start(true);
  run_until([&] { return stored().size() == 3; });
  EXPECT_TRUE(source->status().up);
  EXPECT_THAT(said, ElementsAre("+it answers", HasSubstr("no wind between the conditions: it answers with an "
                                                         "error")));
}

TEST_F(WeatherlinkLiveTest, APortThatAnotherProgramHasIsToldAndTheConditionsGoOn) {
  asio::ip::udp::socket other(io, {asio::ip::address_v4::any(), wind_port});
  station.answer({http(conditions_at(1)), http(conditions_at(2))});
  station.broadcast(granted(wind_port));
  start(true);
  run_until([&] { return said.size() == 2 && stored().size() == 2; });
  EXPECT_THAT(said.back(), HasSubstr("cannot be listened on: Address already in use"));
}

// Each hears what is broadcast to the port that they share.
TEST_F(WeatherlinkLiveTest, TwoStationsShareThePort) {
  Station second(io);
  second.answer({http(conditions_at(10, "B"))});
  second.broadcast(granted(wind_port));
  station.answer({http(conditions_at(10))});
  station.broadcast(granted(wind_port));
  start(true);
  WeatherlinkOptions options;
  options.name = "second";
  options.place = {"127.0.0.1", second.port()};
  options.poll = {.interval = 30ms, .wind = true, .spacing = 10ms, .quiet = 60'000ms};
  options.decode = decode_weatherlink;
  WeatherlinkLive other(io, std::move(options), sink);
  other.start();
  run_until_asked(4);
  run_until([&] { return second.asked.size() >= 4; });
  asio::ip::udp::socket socket(io, {asio::ip::address_v4::loopback(), 0});
  socket.set_option(asio::socket_base::broadcast(true));
  for (const auto& datagram : {wind_at(12), wind_at(12, "B")})
    socket.send_to(asio::buffer(datagram), {asio::ip::make_address("127.255.255.255"), wind_port});
  run_until([&] { return stored().size() == 4; });
  EXPECT_THAT(stored(), ::testing::IsSupersetOf({"davis:A:1@12", "davis:B:1@12"}));
}

TEST_F(WeatherlinkLiveTest, NothingIsAskedAfterStop) {
  station.answer({http(conditions_at(1))});
  start();
  run_until_asked(1);
  source->stop();
  run_for(100ms);
  EXPECT_EQ(station.asked.size(), 1U);
  source.reset();
  run_for(10ms);
}

}  // namespace
}  // namespace weather::sensors
