#include "gateway/app/late_source.hpp"

#include <filesystem>
#include <fstream>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using testing::HasSubstr;

// TEST-NET-1 (RFC 5737): never an address of a machine.
constexpr const char* foreign_address = "192.0.2.1";

class Listening final : public Source {
 public:
  explicit Listening(int& starts) : starts_(starts) {}
  void start() override { ++starts_; }
  std::future<void> stop() override { return {}; }
  SourceStatus status() const override { return {"door", "http", true, "", {}, {}}; }

 private:
  int& starts_;
};

class Late : public testing::Test {
 protected:
  Late() { std::filesystem::create_directories(folder); }
  ~Late() override { std::filesystem::remove_all(folder); }

  LateSource source(ListenPlace place) {
    return {io, "door", "http", std::move(place), [this] {
              if (fails) throw std::runtime_error("the file is no certificate");
              return std::make_unique<Listening>(starts);
            }};
  }
  ListenPlace with_file(const std::string& name) { return {"127.0.0.1", 0, {{"cert_file", folder / name}}}; }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }

  asio::io_context io;
  int starts = 0;
  bool fails = false;
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) /
                                       ("late-" + std::to_string(::getpid()) + "-" +
                                        testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(Late, WhatIsThereIsMadeAtOnce) {
  auto door = source({"127.0.0.1", 0, {}});
  door.start();
  EXPECT_TRUE(door.status().up);
  EXPECT_EQ(starts, 1);
}

TEST_F(Late, AForeignAddressIsAStateWithItsReason) {
  auto door = source({foreign_address, 1883, {}});
  door.start();
  io.run_for(1200ms);
  EXPECT_FALSE(door.status().up);
  EXPECT_EQ(door.status().name, "door");
  EXPECT_EQ(door.status().reason, "not listening yet: 192.0.2.1 is no address of this machine yet");
  door.stop();
  io.restart();
  EXPECT_EQ(io.run(), 1U) << "the look that was waited for is called off, and no other comes";
  EXPECT_EQ(starts, 0);
}

TEST_F(Late, ATakenPortIsListenedOnOnceItIsFree) {
  std::optional<tcp::acceptor> other(tcp::acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)));
  const auto port = other->local_endpoint().port();
  auto door = source({"127.0.0.1", port, {}});
  door.start();
  EXPECT_THAT(door.status().reason, HasSubstr("port " + std::to_string(port) + " of 127.0.0.1 is taken"));
  other.reset();
  io.run_for(1500ms);
  EXPECT_TRUE(door.status().up);
  EXPECT_EQ(starts, 1);
}

TEST_F(Late, AFileMayComeLaterAndIsNotReadWhileItIsEmpty) {
  auto door = source(with_file("page.pem"));
  door.start();
  EXPECT_THAT(door.status().reason, HasSubstr("page.pem is not there yet"));
  write("page.pem", "");
  io.run_for(1200ms);
  EXPECT_THAT(door.status().reason, HasSubstr("page.pem is still empty"));
  write("page.pem", "certificate");
  io.run_for(2500ms);
  EXPECT_TRUE(door.status().up);
}

TEST_F(Late, WhatNoWaitingMendsIsRefusedAtTheStartAndToldLater) {
  write("bad.pem", "nonsense");
  fails = true;
  EXPECT_THROW(source(with_file("bad.pem")), std::runtime_error);
  auto door = source(with_file("later.pem"));
  door.start();
  write("later.pem", "nonsense");
  io.run_for(1200ms);
  EXPECT_EQ(door.status().reason, "not listening yet: the file is no certificate");
  fails = false;
  io.run_for(2500ms);
  EXPECT_TRUE(door.status().up) << "it is mended without a restart";
}

TEST_F(Late, AWordThatIsNoAddressIsNotWaitedFor) {
  EXPECT_FALSE(not_there_yet({"no address", 1, {}}));
}

TEST(NextLook, IsSoonAtFirstAndNeverLate) {
  EXPECT_EQ(next_look(0), 1s);
  EXPECT_EQ(next_look(1), 2s);
  for (const unsigned tries : {3U, 4U, 31U, 32U, 4'000'000'000U}) EXPECT_EQ(next_look(tries), 5s);
}

}  // namespace
}  // namespace weather::gateway
