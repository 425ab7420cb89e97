#include "sensors/listener/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/listener/server_bed.hpp"

namespace weather::sensors::listener {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ListenerServer, WithholdsAnAcknowledgementUntilTheSinkIsDurable) {
  ServerBed bed;
  TestClient client(bed.port);
  client.send(connect() + publish({.id = 5}));
  EXPECT_EQ(client.receive(4), connack_3_1_1());
  ASSERT_TRUE(bed.sink.reaches(1));
  EXPECT_TRUE(client.silent());
  bed.sink.commit();
  EXPECT_EQ(client.receive(4), puback(5));
}

TEST(ListenerServer, OneCommitAcknowledgesEverybody) {
  ServerBed bed;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<TestClient>(bed.port));
    clients.back()->send(connect({.client_id = "c" + std::to_string(i)}) + publish({.id = 1}) +
                         publish({.id = 2}));
  }
  ASSERT_TRUE(bed.sink.reaches(100));
  bed.sink.commit();
  for (const auto& client : clients) EXPECT_EQ(client->receive(12), connack_3_1_1() + puback(1) + puback(2));
  EXPECT_EQ(bed.status().acknowledged, 100U);
}

TEST(ListenerServer, WhatComesTogetherIsHurriedOnce) {
  ServerBed bed;
  TestClient client(bed.port);
  client.send(connect());
  client.receive(4);
  std::string all;
  for (int id = 1; id <= 20; ++id) all += publish({.id = id});
  client.send(all);
  ASSERT_TRUE(bed.sink.reaches(20));
  bed.status();  // the io thread has come to the end of it
  EXPECT_GE(bed.sink.hurries, 1);
  EXPECT_LE(bed.sink.hurries, 3);  // the bytes may come in more than one piece
}

TEST(ListenerServer, NobodyWaitsForQos0) {
  ServerBed bed;
  TestClient client(bed.port);
  client.send(connect() + publish({.qos = 0}));
  ASSERT_TRUE(bed.sink.reaches(1));
  bed.status();
  EXPECT_EQ(bed.sink.hurries, 0);
}

TEST(ListenerServer, AFullSinkIsNotAcknowledgedAndIsTriedAgain) {
  ServerBed bed;
  bed.sink.set_full(true);
  TestClient client(bed.port);
  client.send(connect() + publish({.id = 5}));
  EXPECT_EQ(client.receive(4), connack_3_1_1());
  EXPECT_TRUE(client.silent());
  EXPECT_EQ(bed.status().stalled, 1U);
  bed.sink.set_full(false);
  ASSERT_TRUE(bed.sink.reaches(1));  // by the retry timer
  bed.sink.commit();
  EXPECT_EQ(client.receive(4), puback(5));
  EXPECT_THAT(bed.sink.messages(), ElementsAre("weather/roof 22.5"));
}

TEST(ListenerServer, ALargePacketGrowsTheBufferAndALargerOneIsRefused) {
  ServerBed bed({.limits = {.max_packet_bytes = 100'000}});
  TestClient client(bed.port);
  client.send(connect() + publish({.id = 1, .payload = std::string(90'000, 'x')}));
  ASSERT_TRUE(bed.sink.reaches(1));
  client.receive(4);
  client.send(publish({.id = 2, .payload = std::string(100'000, 'x')}));
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(bed.status().ended.at("the packet is larger than this listener takes"), 1U);
}

TEST(ListenerServer, AWindowFullOfBytesGoesThroughWhole) {
  ServerBed bed({.limits = {.receive_maximum = 10}});
  TestClient client(bed.port);
  std::string all = connect();
  for (int id = 1; id <= 2000; ++id) all += publish({.id = id, .payload = std::string(150, 'x')});
  std::thread sender([&] { client.send(all); });
  EXPECT_EQ(client.receive(4), connack_3_1_1());
  for (int id = 1; id <= 2000; ++id) {
    if (id % 10 == 1) {
      ASSERT_TRUE(bed.sink.reaches(static_cast<std::size_t>(id) + 9));
      EXPECT_EQ(bed.sink.messages().size(), static_cast<std::size_t>(id) + 9);  // never more than the window
      bed.sink.commit();
    }
    ASSERT_EQ(client.receive(4), puback(id));
  }
  sender.join();
}

TEST(ListenerServer, ALostConnectionAnnouncesItsWill) {
  ServerBed bed;
  {
    TestClient client(bed.port);
    client.send(connect({.client_id = "roof", .will_topic = "weather/roof/state"}));
    client.receive(4);
  }
  ASSERT_TRUE(bed.sink.reaches(1));
  EXPECT_THAT(bed.sink.messages(),
              ElementsAre("roof {\"will_topic\":\"weather/roof/state\",\"will_payload\":\"offline\"}"));
}

TEST(ListenerServer, TakesAClientIdentifierOver) {
  ServerBed bed;
  TestClient first(bed.port);
  first.send(connect({.client_id = "roof"}));
  first.receive(4);
  TestClient second(bed.port);
  second.send(connect({.client_id = "roof"}));
  EXPECT_EQ(second.receive(4), connack_3_1_1());
  EXPECT_TRUE(first.closed_by_server());
}

TEST(ListenerServer, NoConnectInTimeIsClosedAndOthersAreServed) {
  ServerBed bed({.limits = {.connect_timeout = std::chrono::milliseconds(100)}});
  TestClient silent(bed.port);
  TestClient half(bed.port);
  half.send(connect().substr(0, 7));
  TestClient good(bed.port);
  good.send(connect());
  EXPECT_EQ(good.receive(4), connack_3_1_1());
  EXPECT_TRUE(silent.closed_by_server());
  EXPECT_TRUE(half.closed_by_server());
  EXPECT_EQ(bed.status().refused_connections, 2U);
  EXPECT_EQ(bed.status().sessions, 1U);
  good.send(pingreq());
  EXPECT_EQ(good.receive(2), bytes({0xD0, 0}));
}

TEST(ListenerServer, SilentConnectionsGiveWayToAClientThatSpeaks) {
  ServerBed bed({.max_connecting = 5});
  std::vector<std::unique_ptr<TestClient>> silent;
  for (int i = 0; i < 8; ++i) silent.push_back(std::make_unique<TestClient>(bed.port));
  TestClient good(bed.port);
  good.send(connect());
  EXPECT_EQ(good.receive(4), connack_3_1_1());
}

TEST(ListenerServer, ServesManyShortConnections) {
  ServerBed bed;
  for (int i = 0; i < 500; ++i) {
    TestClient client(bed.port);
    client.send(connect({.client_id = ""}) + publish({.qos = 0}) + disconnect());
    ASSERT_EQ(client.receive(4), connack_3_1_1());
    ASSERT_TRUE(client.closed_by_server());
  }
  EXPECT_TRUE(bed.sink.reaches(500));
  EXPECT_EQ(bed.status().accepted_connections, 500U);
  EXPECT_EQ(bed.status().refused_connections, 0U);
}

TEST(ListenerServer, AClientThatDoesNotReadIsNotReadAndThenClosed) {
  MemoryBudget memory(8U << 20);
  ServerBed bed({.limits = {.write_timeout = std::chrono::milliseconds(300)}, .memory = &memory});
  TestClient deaf(bed.port, 4096);
  deaf.send(connect());
  std::string pings;
  for (int i = 0; i < 100'000; ++i) pings += pingreq();
  // Until the gateway stops reading, or closes.
  EXPECT_ANY_THROW(for (int i = 0; i < 200; ++i) deaf.send(pings));
  EXPECT_LT(memory.use(Holder::outputs).most, 64U << 10);
  EXPECT_EQ(bed.status().ended.at("the client does not read its answers"), 1U);
  TestClient good(bed.port);
  good.send(connect({.client_id = "good"}));
  EXPECT_EQ(good.receive(4), connack_3_1_1());
}

TEST(ListenerServer, WhatADeafClientIsOwedComesOnceAndInOrder) {
  MemoryBudget memory(8U << 20);
  ServerBed bed({.limits = {.write_timeout = std::chrono::seconds(30)}, .memory = &memory});
  bed.sink.commit_at_once();
  TestClient client(bed.port, 4096);
  client.send(connect());
  EXPECT_EQ(client.receive(4), connack_3_1_1());
  constexpr int pings = 100;
  const std::string pong = bytes({0xD0, 0});
  std::string asked;
  for (int i = 0; i < pings; ++i) asked += pingreq();
  std::atomic<int> sent = 0, wanted = 60'000;
  std::thread sender([&] {
    try {
      for (int id = 1; id <= wanted; sent = id++) client.send(asked + publish({.id = id, .payload = "x"}));
    } catch (const std::exception&) {
      wanted = 0;  // closed by the gateway
    }
  });
  // The client reads from where the gateway holds bytes that the systems between them do not take.
  while (memory.use(Holder::outputs).used == 0 && sent < wanted) std::this_thread::yield();
  EXPECT_LT(sent, wanted);
  wanted = sent + 2000;
  int answered = 0, acknowledged = 0;
  while (acknowledged < wanted) {
    const std::string head = client.receive(2);
    answered += head == pong;
    if (head != pong && head + client.receive(2) != puback(acknowledged + 1)) break;
    acknowledged += head != pong;
  }
  EXPECT_EQ(acknowledged, wanted);
  EXPECT_GE(answered, (wanted - 1) * pings);
  EXPECT_LE(answered, wanted * pings);
  EXPECT_GT(wanted, 0);
  bed.stop();
  sender.join();
}

TEST(ListenerServer, WhatWaitsForADeafClientIsTakenBackWhenOthersNeedIt) {
  MemoryBudget memory(8U << 20);
  ServerBed bed({.limits = {.write_timeout = std::chrono::seconds(30)}, .memory = &memory});
  Reservation others(&memory, Holder::kafka_window);
  TestClient deaf(bed.port, 4096);
  deaf.send(connect());
  std::thread sender([&] {
    std::string pings;
    for (int i = 0; i < 100'000; ++i) pings += pingreq();
    try {
      for (;;) deaf.send(pings);
    } catch (const std::exception&) {
      // closed by the gateway
    }
  });
  const std::string why = "gave way: memory is short and the client does not read its answers";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!bed.status().ended.contains(why) && std::chrono::steady_clock::now() < deadline) {
    const std::size_t held = memory.use(Holder::outputs).used;
    if (held >= Limits{}.max_output_bytes) {  // as much as one client may have waiting
      static_cast<void>(others.resize(memory.shared() * 9 / 10));
    } else if (held == 0 && others.bytes() > 0) {  // it went after all
      others.shrink_to(0);
      deaf.receive(1024);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_TRUE(bed.status().ended.contains(why));
  bed.stop();
  sender.join();
  EXPECT_EQ(memory.use(Holder::outputs).used, 0U);
}

TEST(ListenerServer, HoldsAConnectionToItsRate) {
  ServerBed bed({.max_messages_per_s = 10});
  TestClient client(bed.port);
  std::string all = connect();
  for (int id = 1; id <= 15; ++id) all += publish({.id = id});
  const auto begin = std::chrono::steady_clock::now();
  client.send(all);
  ASSERT_TRUE(bed.sink.reaches(10));
  EXPECT_EQ(bed.sink.messages().size(), 10U);
  ASSERT_TRUE(bed.sink.reaches(15));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(900));
  EXPECT_GE(bed.status().held_back, 1U);
}

TEST(ListenerServer, SaysGoodbyeWhenItStops) {
  ServerBed bed;
  TestClient client(bed.port);
  client.send(connect({.level = 5}));
  const std::string head = client.receive(2);
  client.receive(static_cast<unsigned char>(head[1]));
  bed.stop();
  EXPECT_EQ(client.receive(3).substr(0, 1), bytes({0xE0}));
}

TEST(ListenerServer, AForeignProtocolIsClosed) {
  ServerBed bed;
  TestClient client(bed.port);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.closed_by_server());
}

TEST(ListenerServer, APortInUseIsAClearError) {
  ServerBed bed;
  boost::asio::io_context io;
  FakeSink sink;
  const auto second = Server::make(
      io, {.port = bed.port}, sink, [](const Message&) { return Decoded(); }, nullptr);
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error(), HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(bed.port)));
}

}  // namespace
}  // namespace weather::sensors::listener
