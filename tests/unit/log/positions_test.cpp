// Where the cursors stand rides on the commits: the bytes, when the files are written all the same, and what
// a crash leaves of it.
#include "bridge/log/positions.hpp"

#include "bridge/log/frame_reader.hpp"
#include "bridge/log/tools.hpp"
#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

FrameHeader frame_of(Sequence durable) {
  return {.segment = 42, .first = durable + 1, .durable = durable, .body_bytes = 100, .records = 1};
}

std::vector<Position> two_positions() {
  return {{"dead-letters", 3, {.next = 2, .delivered = 1}},
          {"kafka",
           300,
           {.next = 20,
            .delivered = 15,
            .dead_lettered = 1,
            .dropped = 2,
            .passed = 1,
            .delivered_ranges = {{.from = 30, .next = 40, .delivered = 10},
                                 {.from = 41, .next = 42, .passed = 1}}}}};
}

TEST(Positions, AreGolden) {
  std::array<std::byte, 200> room{};
  std::vector<bool> fit;
  const auto header = frame_of(100);
  const auto used = encode_positions(two_positions(), header, 7, room, fit);
  std::string hex;
  for (const auto byte : std::span(room).first(used)) {
    hex += "0123456789abcdef"[static_cast<unsigned>(byte) >> 4U];
    hex += "0123456789abcdef"[static_cast<unsigned>(byte) & 0xFU];
  }
  EXPECT_EQ(
      hex,
      "65e8ac2b0c646561642d6c65747465727303020100000000056b61666b61ac02140f010201020a0a0a000000010100000001");
  EXPECT_EQ(fit, (std::vector<bool>{true, true}));
  EXPECT_EQ(decode_positions(header, 7, std::span(room).first(used)), two_positions());
}

TEST(Positions, OfAnotherFrameLogOrSegmentDoNotPass) {
  std::array<std::byte, 200> room{};
  std::vector<bool> fit;
  const auto header = frame_of(100);
  const auto bytes = std::span(room).first(encode_positions(two_positions(), header, 7, room, fit));
  EXPECT_FALSE(decode_positions(header, 8, bytes));
  auto other = header;
  other.first = 102;
  EXPECT_FALSE(decode_positions(other, 7, bytes));
  other = header;
  other.segment = 43;
  EXPECT_FALSE(decode_positions(other, 7, bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(decode_positions(header, 7, bytes)) << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_positions(header, 7, bytes.first(size))) << size;
}

TEST(Positions, BeyondWhatWasDurableAreLeftOut) {
  std::array<std::byte, 200> room{};
  std::vector<bool> fit;
  for (const Sequence durable : {18U, 19U, 40U, 41U}) {
    const auto header = frame_of(durable);
    const auto bytes = std::span(room).first(encode_positions(two_positions(), header, 7, room, fit));
    const auto found = decode_positions(header, 7, bytes);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), durable == 41 ? 2U : 1U) << durable;
  }
}

TEST(Positions, TakeTheRoomThereIsAndSayWhoHadNone) {
  const auto header = frame_of(100);
  std::array<std::byte, 200> room{};
  std::vector<bool> fit;
  const auto all = encode_positions(two_positions(), header, 7, room, fit);
  for (std::size_t size = 0; size <= all; ++size) {
    const auto used = encode_positions(two_positions(), header, 7, std::span(room).first(size), fit);
    ASSERT_LE(used, size);
    const auto fitting = static_cast<std::size_t>(fit[0]) + static_cast<std::size_t>(fit[1]);
    EXPECT_EQ(used == 0, fitting == 0);
    if (used == 0) continue;
    EXPECT_EQ(decode_positions(header, 7, std::span(room).first(used))->size(), fitting);
  }
}

class Riding : public LogTest {
 protected:
  // Delivered, and nobody asked for it to be saved.
  void move(Sequence next) { log->advance("kafka", {.next = next, .delivered = next - 1}); }
  std::uint64_t cursor_writes() { return files->contents("/log/cursors/kafka.cur") ? generation() : 0; }
  Sequence position() {
    const auto cursor = log->open_cursor("kafka");
    EXPECT_TRUE(cursor);
    return cursor ? cursor->next : 0;
  }
  // Into the log as long as it takes for another segment.
  void fill_a_segment() {
    write("first");
    const auto last = segments().back();
    while (segments().back() == last) write(std::string(3000, 'x'));
  }

 private:
  std::uint64_t generation() {
    const auto bytes = *files->contents("/log/cursors/kafka.cur");
    return std::max(get<std::uint64_t>(&bytes[16]), get<std::uint64_t>(&bytes[4096 + 16]));
  }
};

TEST_F(Riding, ACommitKeepsWhatWasDeliveredBeforeIt) {
  open();
  for (int i = 0; i < 5; ++i) write("reading");
  clock.pass(std::chrono::seconds(6));
  log->pump();
  const auto writes = cursor_writes();
  for (Sequence next = 2; next <= 5; ++next) {
    move(next);
    EXPECT_EQ(log->status().unsaved_records, 1U);
    write("reading");
    EXPECT_EQ(log->status().unsaved_records, 0U);
    clock.pass(std::chrono::seconds(6));
    log->pump();
  }
  EXPECT_EQ(cursor_writes(), writes) << "a file is written although the commits carry it along";
  crash();
  EXPECT_EQ(position(), 5U);
  EXPECT_EQ(log->open_cursor("kafka")->delivered, 4U);
  crash();
  EXPECT_EQ(position(), 5U) << "recovered twice";
}

TEST_F(Riding, TheFileIsWrittenWhenNothingIsAppended) {
  open();
  for (int i = 0; i < 5; ++i) write("reading");
  move(4);
  clock.pass(std::chrono::seconds(6));
  log->pump();
  EXPECT_EQ(log->status().unsaved_records, 0U);
  crash();
  EXPECT_EQ(position(), 4U);
}

TEST_F(Riding, TheLastMoveCountsAlsoOneBack) {
  open();
  for (int i = 0; i < 5; ++i) write("reading");
  move(6);
  ASSERT_TRUE(log->flush_cursors());
  move(3);
  write("carries 3");
  crash();
  EXPECT_EQ(position(), 3U) << "the frame is newer than the file";
  move(5);
  write("carries 5");
  move(2);
  ASSERT_TRUE(log->flush_cursors());
  crash();
  EXPECT_EQ(position(), 2U) << "the file is newer than the frame";
}

TEST_F(Riding, ANewSegmentFindsTheFilesWrittenAndLetsDeliveredOnesGo) {
  open();
  fill_a_segment();
  const auto end = log->durable() + 1;
  move(end);
  write("carries it in the second segment");
  fill_a_segment();
  crash();
  EXPECT_EQ(position(), end) << "recovery looks into the last segment only";
  fill_a_segment();
  EXPECT_GE(log->status().first, 2U) << "what every cursor passed was let go";
}

TEST_F(Riding, AFrameWithoutRoomLeavesItToTheFile) {
  open();
  write("first");
  clock.pass(std::chrono::seconds(6));
  log->pump();
  move(2);
  write(std::string(4096 - frame_header_bytes - 4, 'x'));
  EXPECT_EQ(log->status().unsaved_records, 1U);
  clock.pass(std::chrono::seconds(6));
  log->pump();
  EXPECT_EQ(log->status().unsaved_records, 0U);
  crash();
  EXPECT_EQ(position(), 2U);
}

TEST_F(Riding, WhatCouldNotBeWrittenDidNotRide) {
  open();
  write("first");
  clock.pass(std::chrono::seconds(6));
  log->pump();
  move(2);
  files->set_fault([](MemoryFiles::Call call, const std::filesystem::path&) {
    return call == MemoryFiles::Call::sync_data ? std::make_error_code(std::errc::io_error)
                                                : std::error_code{};
  });
  static_cast<void>(append("second"));
  log->pump();
  EXPECT_EQ(log->status().unsaved_records, 1U);
  files->set_fault({});
  clock.pass(std::chrono::seconds(20));
  log->pump();
  EXPECT_EQ(log->status().unsaved_records, 0U);
  crash();
  EXPECT_EQ(position(), 2U);
}

TEST_F(Riding, ADamagedPositionCostsRepeatsNotRecordsAndIsTold) {
  open();
  write("first");
  clock.pass(std::chrono::seconds(6));
  log->pump();
  write("second");
  move(3);
  write("carries 3");
  const auto seed = frame_seed(*parse_log_id(log->id()));
  log.reset();
  const auto segment = "/log/0000000001-00000000000000000001.seg";
  auto& bytes = *files->contents(segment);
  const auto third = std::span(bytes).subspan(3 * 4096, 4096);
  const auto header = decode_frame_header(third, seed);
  ASSERT_TRUE(header);
  ASSERT_GT(header->header.position_bytes, 0U);
  third[frame_header_bytes + header->header.body_bytes + 6] ^= std::byte{1};
  const auto verified = verify_log("/log", *files);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->verdict, Verdict::damage);
  EXPECT_TRUE(verified->lost.empty());
}

}  // namespace
}  // namespace weather::log
