#include "bridge/oauth/keeper.hpp"

#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/temporary_folder.hpp"

namespace weather::oauth {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Remembers what it was told, and waits for it.
class Taker final : public TokenTaker {
 public:
  void take(const std::string& token, const Pairs&, std::chrono::milliseconds left) override {
    EXPECT_GT(left, 0ms);
    hear(token);
  }
  void fail(const std::string& text) override { hear(text); }
  std::string wait_for(const std::string& part) {
    std::unique_lock lock(mutex_);
    heard_.wait_for(lock, 30s, [&] { return last_.find(part) != std::string::npos; });
    return last_;
  }

 private:
  void hear(const std::string& text) {
    const std::lock_guard lock(mutex_);
    last_ = text;
    heard_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable heard_;
  std::string last_;
};

struct FileKeeper : testing::Test {
  FileKeeper() {
    settings.source = Source::file;
    settings.token_file = (folder.path() / "token").string();
  }
  void write(const std::string& token) const {
    std::ofstream(settings.token_file + ".new") << token << '\n';
    ASSERT_EQ(std::rename((settings.token_file + ".new").c_str(), settings.token_file.c_str()), 0);
  }
  TemporaryFolder folder;
  Settings settings;
};

TEST_F(FileKeeper, IsReadAgainWhenItIsReplacedAndHeals) {
  Taker first;
  const auto keeper = Keeper::of(settings);
  keeper->join(first);
  EXPECT_THAT(first.wait_for("cannot be read"),
              HasSubstr(settings.token_file + " cannot be read (No such file"));
  EXPECT_EQ(keeper->status().state, Schedule::State::blocked);
  write("first");
  EXPECT_EQ(first.wait_for("first"), "first");
  EXPECT_THAT(describe(keeper->status()), HasSubstr("lives for another 59 min"));
  Taker second;
  keeper->join(second);
  EXPECT_EQ(second.wait_for("first"), "first");
  keeper->leave(first);
  write("next");
  EXPECT_EQ(second.wait_for("next"), "next");
  EXPECT_EQ(first.wait_for("first"), "first");
  keeper->leave(second);
}

TEST_F(FileKeeper, IsOneForAllOfTheSameSettings) {
  write("t");
  auto keeper = Keeper::of(settings);
  EXPECT_EQ(Keeper::of(settings), keeper);
  auto other = settings;
  other.extensions = {{"a", "b"}};
  EXPECT_NE(Keeper::of(other), keeper);
  EXPECT_EQ(token_statuses().size(), 1U);
  keeper.reset();
  EXPECT_TRUE(token_statuses().empty());
}

TEST(Keeper, EndsSoonWhileAProviderDoesNotAnswer) {
  // The kernel takes the connection, and nobody answers.
  const int silent = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent, 5), 0);
  ASSERT_EQ(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  Settings settings;
  settings.url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/token";
  settings.client_id = "pi";
  settings.client_secret = "s";
  auto keeper = Keeper::of(settings);
  const int asked = ::accept(silent, nullptr, nullptr);
  ASSERT_GE(asked, 0);
  const auto began = std::chrono::steady_clock::now();
  keeper.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  ::close(asked);
  ::close(silent);
}

}  // namespace
}  // namespace weather::oauth
