#include "sensors/sources/program.hpp"

#include <fstream>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include "sensors/decoders/json.hpp"
#include "sensors/sources/deaf_watch.hpp"
#include "tests/unit/sensors/fake_sink.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(DeafWatch, IsDeafAfterSoLongWithoutAWordAndAgainAfterAsLong) {
  const DeafWatch::Time start;
  DeafWatch watch(std::chrono::minutes(30), start);
  EXPECT_FALSE(watch.is_deaf(start + std::chrono::minutes(29)));
  watch.heard(start + std::chrono::minutes(29));
  EXPECT_FALSE(watch.is_deaf(start + std::chrono::minutes(58)));
  EXPECT_TRUE(watch.is_deaf(start + std::chrono::minutes(59)));
  EXPECT_FALSE(watch.is_deaf(start + std::chrono::minutes(60)));
  EXPECT_TRUE(watch.is_deaf(start + std::chrono::minutes(89)));
  EXPECT_FALSE(DeafWatch(milliseconds(0), start).is_deaf(start + std::chrono::hours(1000)));
}

struct ProgramTest : ::testing::Test {
  ProgramTest() {
    options_.name = "radio";
    options_.socket = folder_.path() / "programs" / "radio";
    options_.deaf = folder_.path() / "deaf" / "radio";
    options_.decode = decode_json;
  }
  void start() {
    source_.emplace(io_, options_, sink_);
    source_->start();
  }
  stream_protocol::socket program() {
    stream_protocol::socket socket(io_);
    socket.connect(options_.socket.string());
    return socket;
  }
  template <class Condition>
  void run_until(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < end) io_.run_one_for(milliseconds(50));
    EXPECT_TRUE(condition());
  }
  std::vector<std::string> payloads() {
    std::vector<std::string> all;
    for (const auto& message : sink_.stored()) all.push_back(message.payload);
    return all;
  }

  TemporaryFolder folder_;
  asio::io_context io_;
  FakeSink sink_;
  ProgramOptions options_;
  std::optional<ProgramSource> source_;
};

TEST_F(ProgramTest, ItsLinesAreMessagesAlsoTheLastWithoutAnEnd) {
  start();
  {
    auto radio = program();
    asio::write(radio, asio::buffer(std::string("{\"a\":1}\n{\"a\":2}\n{\"a\":3}")));
    run_until([&] { return payloads().size() == 2; });
    EXPECT_EQ(source_->status().connections, 1U);
  }
  run_until([&] { return payloads().size() == 3 && source_->status().connections == 0; });
  EXPECT_THAT(payloads(), ElementsAre(R"({"a":1})", R"({"a":2})", R"({"a":3})"));
  EXPECT_EQ(sink_.stored().front().topic, "radio");
  auto again = program();
  run_until([&] { return source_->status().starts == 2; });
}

TEST_F(ProgramTest, WhileTheSinkRefusesTheProgramHasToWait) {
  start();
  sink_.refuse(true);
  auto radio = program();
  radio.non_blocking(true);
  const std::string line(999, 'x');
  std::size_t written = 0;
  boost::system::error_code full;
  for (int i = 0; i < 10'000; ++i) {
    written += radio.write_some(asio::buffer(line + "\n"), full);
    io_.poll();
    if (full) break;
  }
  EXPECT_EQ(full, asio::error::would_block);
  EXPECT_LT(written, 2U << 20U) << "the kernel's buffer, and what was in hand";
  sink_.refuse(false);
  run_until([&] { return payloads().size() >= written / 1000; });
  EXPECT_EQ(payloads().size(), written / 1000) << "nothing is lost";
}

TEST_F(ProgramTest, ALineThatIsTooLongIsKeptWithItsBeginningMarked) {
  start();
  {
    auto radio = program();
    const std::string long_line(300'000, 'x');
    for (std::size_t i = 0; i < long_line.size();) {
      i += radio.write_some(
          asio::buffer(long_line.data() + i, std::min<std::size_t>(50'000, long_line.size() - i)));
      io_.poll();
    }
    asio::write(radio, asio::buffer("\n", 1));
  }
  run_until([&] { return payloads().size() == 1; });
  EXPECT_EQ(sink_.stored().front().decode_error, "too_large");
  EXPECT_EQ(source_->status().too_long, 1U);
}

TEST_F(ProgramTest, OneThatSaysNothingIsAskedToStartAnew) {
  options_.deaf_after = milliseconds(500);
  std::string said;
  options_.say = [&](const std::string& text) { said += text + "\n"; };
  start();
  run_until([&] { return source_->status().deaf > 0; });
  EXPECT_TRUE(std::filesystem::exists(options_.deaf));
  EXPECT_THAT(said, HasSubstr("asks for a new start"));
}

TEST_F(ProgramTest, MoreThanItHasPlacesForAreTurnedAway) {
  std::string said;
  options_.say = [&](const std::string& text) { said += text; };
  start();
  std::vector<stream_protocol::socket> all;
  for (std::size_t i = 0; i <= ProgramOptions::most_connections; ++i) all.push_back(program());
  run_until([&] { return !said.empty(); });
  EXPECT_EQ(source_->status().starts, ProgramOptions::most_connections);
  char byte = 0;
  boost::system::error_code end;
  all.back().read_some(asio::buffer(&byte, 1), end);
  EXPECT_EQ(end, asio::error::eof);
}

TEST_F(ProgramTest, AStaleSocketIsReplacedAndAnythingElseStays) {
  start();
  source_->stop();
  EXPECT_FALSE(std::filesystem::exists(options_.socket));
  {
    asio::io_context other;
    stream_protocol::acceptor left(other, options_.socket.string());  // of one who was killed
  }
  source_.reset();
  start();
  EXPECT_THROW(ProgramSource(io_, options_, sink_), std::runtime_error) << "another gateway listens there";
  source_.reset();
  std::ofstream(options_.socket) << "a file";
  EXPECT_THROW(ProgramSource(io_, options_, sink_), std::runtime_error);
  EXPECT_TRUE(std::filesystem::is_regular_file(options_.socket));
}

}  // namespace
}  // namespace weather::sensors
