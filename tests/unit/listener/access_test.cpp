// Who gets in, and whose readings are taken, over the network.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/listener/server_bed.hpp"

namespace weather::sensors::listener {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// "secret" by `openssl passwd -6 -salt weather1 secret`
const std::string secret_hash =
    "$6$weather1$4kT.19vQsAt1NRL2BKU2Y7LYhPJAq5CDhqwLHatcg7s0h4meqOLX/2R2QuyUtKJYzz31T1CuNfLNEarHUu1Fz/";

struct ListenerAccess : testing::Test {
  std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("wg-users-" + std::to_string(::getpid()));
  std::mutex mutex;
  std::vector<std::string> said;
  std::atomic<int> decoders = 0;
  std::unique_ptr<ServerBed> bed;

  ListenerAccess() {
    std::ofstream(file) << "roof:" << secret_hash << "\ncellar:" << secret_hash << "\nbridge:" << secret_hash
                        << ":weather:id=spb:site/node-1\n";
    ListenerOptions options;
    options.users_file = file;
    options.ids_of_user = true;
    options.fresh_decoder = [this] {
      ++decoders;
      return Decoder(ServerBed::decode);
    };
    options.say = [this](const std::string& text) {
      const std::lock_guard lock(mutex);
      said.push_back(text);
    };
    bed = std::make_unique<ServerBed>(std::move(options));
    bed->sink.commit_at_once();
  }
  ~ListenerAccess() override {
    bed.reset();
    std::filesystem::remove(file);
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex);
    return said;
  }
  // The return code of CONNACK.
  int log_in(const std::string& user, const std::string& password) {
    TestClient client(bed->port);
    client.send(connect({.client_id = "c", .user_name = user, .password = password}));
    const auto answer = client.receive(4);
    return answer.size() == 4 ? answer[3] : -1;
  }
};

TEST_F(ListenerAccess, TheRightPasswordGetsInBesideWhoeverGuesses) {
  for (int i = 0; i < 6; ++i) EXPECT_EQ(log_in("roof", "guess" + std::to_string(i)), 4);
  EXPECT_EQ(log_in("nobody", "hunter2"), 4);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(log_in("cellar", "secret"), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1500)) << "another user";
  EXPECT_EQ(log_in("roof", "secret"), 0) << "the same one, a little later";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(9));
  EXPECT_EQ(bed->status().refused_logins, 7U);
}

TEST_F(ListenerAccess, WhoeverGuessesHasToWait) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(log_in("roof", "guess" + std::to_string(i)), 4);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1900)) << "before the sixth";
}

TEST_F(ListenerAccess, ADeviceWithAnOldPasswordKeepsNobodyOut) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(log_in("roof", "old"), 4);
  EXPECT_EQ(log_in("roof", "secret"), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST_F(ListenerAccess, RefusedLogInsAreOneLineWithoutThePassword) {
  for (int i = 0; i < 4; ++i) log_in("roof", "hunter" + std::to_string(i));
  ASSERT_EQ(lines().size(), 1U);
  EXPECT_THAT(lines()[0], AllOf(HasSubstr("127.0.0.1"), HasSubstr("roof"), Not(HasSubstr("hunter"))));
}

TEST_F(ListenerAccess, AReadingOfAnothersSensorIsNotStored) {
  TestClient client(bed->port);
  client.send(connect({.level = 5, .client_id = "five", .user_name = "roof", .password = "secret"}));
  const auto head = client.receive(2);
  client.receive(static_cast<unsigned char>(head[1]));
  client.send(publish({.id = 1, .payload = "roof roof/attic", .properties_list = ""}));
  EXPECT_EQ(client.receive(4), puback(1));
  client.send(publish({.id = 2, .payload = "roof victim", .properties_list = ""}));
  EXPECT_EQ(client.receive(5), bytes({0x40, 3, 0, 2, 0x87})) << "one of them is another's";
  client.send(publish({.id = 3, .payload = "roofs", .properties_list = ""}));
  EXPECT_EQ(client.receive(5), bytes({0x40, 3, 0, 3, 0x87}));

  TestClient bridge(bed->port);
  bridge.send(connect({.client_id = "three", .user_name = "bridge", .password = "secret"}));
  EXPECT_EQ(bridge.receive(4), connack_3_1_1());
  bridge.send(publish({.id = 1, .payload = "spb:site/node-1/pump"}));
  EXPECT_EQ(bridge.receive(4), puback(1));
  bridge.send(publish({.id = 2, .payload = "spb:site/node-10"}));
  EXPECT_EQ(bridge.receive(4), puback(2)) << "3.1.1 cannot be told";
  EXPECT_EQ(bed->sink.messages().size(), 2U);
  EXPECT_EQ(bed->status().not_authorized, 3U);
  EXPECT_EQ(bed->status().messages, 2U);
  EXPECT_EQ(decoders, 2) << "one for each user";
  ASSERT_EQ(lines().size(), 2U) << "one a minute for each user";
  EXPECT_THAT(lines()[0], AllOf(HasSubstr("roof"), HasSubstr("victim")));
}

TEST_F(ListenerAccess, AWillOfAnothersNameIsNotStored) {
  for (const auto* id : {"victim", "roof/door"}) {
    TestClient client(bed->port);
    client.send(connect({.client_id = id, .will_topic = "w", .user_name = "roof", .password = "secret"}));
    ASSERT_EQ(client.receive(4), connack_3_1_1());
    client.close();
  }
  ASSERT_TRUE(bed->sink.reaches(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_EQ(bed->sink.messages().size(), 1U);
  EXPECT_THAT(bed->sink.messages()[0], testing::StartsWith("roof/door "));
  EXPECT_EQ(bed->status().not_authorized, 1U);
}

}  // namespace
}  // namespace weather::sensors::listener
