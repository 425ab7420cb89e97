#include "sensors/sources/lines.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensors/decoders/json.hpp"
#include "sensors/decoders/json_document.hpp"
#include "sensors/sources/line_splitter.hpp"
#include "tests/unit/sensors/fake_sink.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> split(std::string_view bytes, std::size_t chunk, std::size_t max = 100) {
  LineSplitter splitter(max);
  std::vector<std::string> lines;
  const auto keep = [&](const LineSplitter::Line& line) {
    lines.push_back(std::to_string(line.number) + ':' + std::string(line.text) +
                    (line.cut_off > 0 ? "-" + std::to_string(line.cut_off) : ""));
  };
  for (std::size_t i = 0; i < bytes.size(); i += chunk) splitter.feed(bytes.substr(i, chunk), keep);
  splitter.finish(keep);
  return lines;
}

TEST(LineSplitter, LinesAreTheSameHoweverTheBytesArrive) {
  for (std::size_t chunk = 1; chunk < 20; ++chunk) {
    EXPECT_THAT(split("one\ntwo\r\n\n  \nfive", chunk), ElementsAre("1:one", "2:two", "5:five"));
  }
}

TEST(LineSplitter, ALineTooLongIsCutOffAndTheNextOneIsWhole) {
  for (std::size_t chunk = 1; chunk < 20; ++chunk) {
    EXPECT_THAT(split("abcdefgh\nij\nklmnop", chunk, 4), ElementsAre("1:abcd-4", "2:ij", "3:klmn-2"));
  }
}

class Lines : public testing::Test {
 protected:
  std::string path() const { return folder_.path() / "events"; }
  void write(std::string_view text) { std::ofstream(path(), std::ios::app | std::ios::binary) << text; }

  const TemporaryFolder folder_;
  FakeSink sink;
};

TEST_F(Lines, AFileOfEventsIsStoredLineByLine) {
  write("{\"id\":\"a\",\"t\":1}\n{\"id\":\"b\",\"t\":2}\nbroken\n{\"id\":\"c\",\"t\":3}");
  LinesSource source({.name = "file", .path = path()}, decode_json, sink);
  source.start();
  source.wait_for_end();
  const auto stored = sink.stored();
  ASSERT_EQ(stored.size(), 4U);
  EXPECT_EQ(stored[0].source, "file");
  EXPECT_EQ(stored[1].readings.at(0).sensor_id(), "b");
  EXPECT_EQ(stored[2].decode_error, "json_syntax");
  EXPECT_EQ(stored[3].readings.at(0).sensor_id(), "c");
  EXPECT_TRUE(source.status().ended);
}

TEST_F(Lines, WhileTheSinkRefusesNothingIsDropped) {
  write("{\"id\":\"a\",\"t\":1}\n{\"id\":\"b\",\"t\":2}\n");
  sink.refuse(true);
  LinesSource source({.path = path()}, decode_json, sink);
  source.start();
  ASSERT_TRUE(sink.wait_for_attempts(2));
  sink.refuse(false);
  source.wait_for_end();
  EXPECT_EQ(sink.stored().size(), 2U);
  EXPECT_GE(source.status().retries, 1U);
}

TEST_F(Lines, ANamedPipeOutlivesItsWriters) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  LinesSource source({.path = path(), .follow = true}, decode_json, sink);
  source.start();
  write("{\"id\":\"a\",\"t\":1}\n");
  ASSERT_TRUE(sink.wait_for_stored(1));
  write("{\"id\":\"b\",\"t\":2}\n");
  ASSERT_TRUE(sink.wait_for_stored(2));
  source.stop();
}

TEST_F(Lines, AGrowingFileIsFollowedAndAHalfLineWaitsForItsEnd) {
  write("{\"id\":\"a\",");
  LinesSource source({.path = path(), .follow = true}, decode_json, sink);
  source.start();
  write("\"t\":1}\n{\"id\":\"b\",\"t\":2}\n");
  ASSERT_TRUE(sink.wait_for_stored(2));
  EXPECT_EQ(sink.stored()[0].readings.at(0).sensor_id(), "a");
  source.stop();
}

TEST_F(Lines, ALineTooLongIsKeptMarked) {
  write(std::string(max_payload_bytes + 5, 'x') + "\n");
  LinesSource source({.path = path()}, decode_json, sink);
  source.start();
  source.wait_for_end();
  EXPECT_EQ(sink.stored().at(0).decode_error, "too_large");
  EXPECT_EQ(source.status().too_long, 1U);
}

TEST_F(Lines, AMissingFileIsSaid) {
  LinesSource source({.path = path()}, decode_json, sink);
  source.start();
  source.wait_for_end();
  EXPECT_THAT(source.status().last_error, HasSubstr("cannot open " + path()));
}

}  // namespace
}  // namespace weather::sensors
