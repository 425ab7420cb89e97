// The bytes of format 2, and that those of format 1 are read: golden data that no change may alter, and what
// damage does to each structure.
#include <array>
#include <string>

#include "bridge/log/batch.hpp"
#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"
#include "bridge/log/frame.hpp"
#include "bridge/log/identity.hpp"
#include "bridge/log/import_mark.hpp"
#include "bridge/log/segment_header.hpp"
#include "bridge/log/state.hpp"
#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const auto byte : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned>(byte) >> 4U];
    text += "0123456789abcdef"[static_cast<unsigned>(byte) & 0xFU];
  }
  return text;
}

LogId test_id() {
  LogId id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::byte>(i * 17);
  return id;
}

template <class T>
std::error_code error_of(const Result<T>& result) {
  return result ? make_error_code(Errc::ok) : result.error().code();
}

// Format 1 is read, 2 is written, what comes later is refused. `decoded`: what decoding a block says.
template <class Decoded>
void expect_versions(const std::array<std::byte, block_bytes>& block, Decoded decoded) {
  EXPECT_EQ(get<std::uint16_t>(&block[12]), 2U);
  for (std::uint16_t version = 0; version < 5; ++version) {
    auto other = block;
    put(&other[12], version);
    put(&other[8], crc32c(std::span(other).subspan(12)));
    const bool readable = version == 1 || version == 2;
    EXPECT_EQ(decoded(other), make_error_code(readable ? Errc::ok : Errc::newer)) << version;
  }
}

FrameHeader test_frame() {
  return {.segment = 42,
          .salt = 0xDEADBEEF,
          .first = 123456,
          .durable = 123455,
          .body_bytes = 14,
          .body_crc = 0x01020304,
          .records = 2,
          .previous_crc = 0x0A0B0C0D,
          .codec = Codec::plain,
          .base_ns = 1'758'349'800'000'000'000};
}

TEST(Codec, FrameHeaderIsGolden) {
  std::array<std::byte, frame_header_bytes> bytes{};
  const auto crc = encode_frame_header(test_frame(), frame_seed(test_id()), bytes.data());
  EXPECT_EQ(hex(bytes),
            "475746316ddb71032a0000000000000040e20100000000003fe2010000000000efbeadde0e0000000403020102000000"
            "0d0c0b0a"
            "000000000010e1b3d3e96618");
  const auto parsed = decode_frame_header(bytes, frame_seed(test_id()));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->header, test_frame());
  EXPECT_EQ(parsed->crc, crc);
  EXPECT_EQ(parsed->header.last(), 123457U);
  EXPECT_EQ(parsed->header.size(), 4096U);
}

TEST(Codec, AFrameHeaderTellsHowMuchOfItsPaddingIsPositions) {
  auto frame = test_frame();
  std::array<std::byte, frame_header_bytes> bytes{};
  for (const std::size_t size : {std::size_t{1}, std::size_t{300}, frame.padding()}) {
    frame.position_bytes = static_cast<std::uint16_t>(size);
    encode_frame_header(frame, 1, bytes.data());
    const auto parsed = decode_frame_header(bytes, 1);
    ASSERT_TRUE(parsed) << size;
    EXPECT_EQ(parsed->header, frame);
    EXPECT_EQ(parsed->header.size(), 4096U) << "they cost no block";
  }
  frame.position_bytes = static_cast<std::uint16_t>(frame.padding() + 1);
  encode_frame_header(frame, 1, bytes.data());
  EXPECT_FALSE(decode_frame_header(bytes, 1)) << "more than the padding";
}

TEST(Codec, NoFlippedBitOfAFrameHeaderPasses) {
  std::array<std::byte, frame_header_bytes> bytes{};
  encode_frame_header(test_frame(), 1, bytes.data());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(decode_frame_header(bytes, 1)) << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
  EXPECT_FALSE(decode_frame_header(bytes, 2)) << "another log's seed";
  EXPECT_FALSE(decode_frame_header(std::span(bytes).first(63), 1));
}

TEST(Batch, TakesWhatFillsAFrameAndNotAByteMore) {
  const std::vector<std::byte> payload(100);
  const Record record{.time_ns = 5, .payload = payload};
  const std::size_t most = frame_header_bytes + max_record_size(record);
  Batch batch;
  EXPECT_FALSE(batch.add({&record, 1}, 1, most - 1));
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.add({&record, 1}, 1, most));
}

TEST(Codec, RecordsAreGolden) {
  Batch batch;
  const std::array<Record, 2> records{Record{.time_ns = 1000, .payload = bytes_of("22.5")},
                                      Record{.time_ns = 999, .type = Type::anchor, .payload = bytes_of("")}};
  ASSERT_TRUE(batch.add(records, 7, max_frame_bytes));
  batch.finish();
  const auto& frame = batch.frames().at(0);
  EXPECT_EQ(frame.header.records, 2U);
  EXPECT_EQ(hex(batch.bytes_of(frame).subspan(frame_header_bytes, frame.header.body_bytes)),
            "04000032322e35000102");
  RecordWalker walker(frame.header,
                      batch.bytes_of(frame).subspan(frame_header_bytes, frame.header.body_bytes));
  Entry entry;
  ASSERT_TRUE(walker.next(entry));
  EXPECT_EQ(entry.sequence, 7U);
  EXPECT_EQ(entry.time_ns, 1000);
  ASSERT_TRUE(walker.next(entry));
  EXPECT_EQ(entry.type, Type::anchor);
  EXPECT_EQ(entry.time_ns, 999);
  EXPECT_FALSE(walker.next(entry));
  EXPECT_FALSE(walker.damaged());
}

TEST(Codec, TimesFarApartSurvive) {
  Batch batch;
  const std::array<Record, 2> records{Record{.time_ns = INT64_MIN, .payload = {}},
                                      Record{.time_ns = INT64_MAX, .payload = {}}};
  ASSERT_TRUE(batch.add(records, 1, max_frame_bytes));
  batch.finish();
  const auto& frame = batch.frames().at(0);
  RecordWalker walker(frame.header,
                      batch.bytes_of(frame).subspan(frame_header_bytes, frame.header.body_bytes));
  Entry entry;
  ASSERT_TRUE(walker.next(entry));
  EXPECT_EQ(entry.time_ns, INT64_MIN);
  ASSERT_TRUE(walker.next(entry));
  EXPECT_EQ(entry.time_ns, INT64_MAX);
}

TEST(Codec, ABodyCutShortIsDamaged) {
  const std::array<std::byte, 4> body{std::byte{9}, std::byte{0}, std::byte{0}, std::byte{'x'}};
  RecordWalker walker({.first = 1, .records = 1}, body);
  Entry entry;
  EXPECT_FALSE(walker.next(entry));
  EXPECT_TRUE(walker.damaged());
}

TEST(Codec, PackedBodiesComeBackAndNonsenseDoesNot) {
  const std::string text(50000, 'a');
  const auto packed = pack_body(bytes_of(text));
  ASSERT_TRUE(packed);
  EXPECT_LT(packed->size(), 200U);
  const auto plain = unpack_body(*packed);
  ASSERT_TRUE(plain);
  EXPECT_TRUE(std::ranges::equal(*plain, bytes_of(text)));
  EXPECT_FALSE(unpack_body(std::span(*packed).first(packed->size() - 1)));
  EXPECT_FALSE(unpack_body(bytes_of("\xFF\xFF\xFF\xFFnonsense")));
  EXPECT_FALSE(unpack_body(bytes_of("abc")));
}

TEST(Codec, SegmentHeaderIsGoldenAndEveryBitOfItsBlockIsChecked) {
  const SegmentHeader header{.log = test_id(),
                             .number = 42,
                             .base = 123456,
                             .salt = 7,
                             .bytes = 8U << 20U,
                             .created_ns = 1'758'349'800'000'000'000,
                             .previous = 41,
                             .opens = 3,
                             .end = 0};
  std::array<std::byte, block_bytes> block{};
  encode_segment_header(header, block);
  EXPECT_EQ(hex(std::span(block).first(96)),
            "47574c534547310af66b80440200000000112233445566778899aabbccddeeff2a0000000000000040e2010000000000"
            "0700000000"
            "10000000008000000000000010e1b3d3e96618290000000000000003000000000000000000000000000000");
  EXPECT_EQ(*decode_segment_header(block), header);
  expect_versions(block, [](const auto& of) { return error_of(decode_segment_header(of)); });
  for (std::size_t byte = 0; byte < block_bytes; ++byte) {
    block[byte] ^= std::byte{0x40};
    EXPECT_EQ(decode_segment_header(block).error(), Errc::corrupt) << byte;
    block[byte] ^= std::byte{0x40};
  }
}

TEST(Codec, StateComesBackWhole) {
  State state;
  state.first = 10;
  state.first_segment = 2;
  state.next_segment = 9;
  state.durable = 100;
  state.opens = 4;
  state.clean = true;
  state.active_segment = 8;
  state.active_offset = 40960;
  state.active_crc = 77;
  state.dropped_oldest = 5;
  state.dropped_newest = 6;
  state.lost = 7;
  state.torn_tails = 8;
  state.dropped_bytes = 9;
  state.refused = {.records = 3, .bytes = 540, .reason = LossReason::refused_newest};
  state.drops = {{.first = 1, .last = 9, .records = 9, .bytes = 1620, .reason = LossReason::dropped_oldest}};
  state.known_lost = {{20, 21}};
  SlotBlock block{};
  encode_state(state, std::span(block).subspan<slot_header_bytes>());
  seal_slot(state_magic, test_id(), 12, block);
  EXPECT_EQ(crc32c(block), 3801900030U);
  const auto slot = open_slot(state_magic, block);
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->generation, 12U);
  EXPECT_EQ(decode_state(slot->payload), state);
  EXPECT_EQ(open_slot(cursor_magic, block).error(), Errc::corrupt);
}

TEST(Codec, CursorComesBackWhole) {
  const CursorSlot cursor{
      {.next = 50, .delivered = 40, .dead_lettered = 3, .dropped = 6}, 1, 60, 1'758'349'800'000'000'000};
  SlotBlock block{};
  encode_cursor(cursor, std::span(block).subspan<slot_header_bytes>());
  seal_slot(cursor_magic, test_id(), 1, block);
  EXPECT_EQ(hex(std::span(block).first(96)),
            "47574c43555253310b66b0b102000000010000000000000000112233445566778899aabbccddeeff3200000000000000"
            "2800000000"
            "0000000300000000000000060000000000000001000000000000003c000000000000000010e1b3d3e96618");
  EXPECT_EQ(decode_cursor(open_slot(cursor_magic, block)->payload), cursor);
  expect_versions(block, [](const auto& of) { return error_of(open_slot(cursor_magic, of)); });
}

TEST(Codec, ACursorKeepsWhatWasSentBeforeItsTurn) {
  CursorSlot cursor{{.next = 50}, 1, 60, 0};
  for (Sequence i = 0; i < max_delivered_ranges; ++i)
    cursor.cursor.delivered_ranges.push_back({100 * i + 60, 100 * i + 80, 15, 3, 2, 0});
  SlotBlock block{};
  encode_cursor(cursor, std::span(block).subspan<slot_header_bytes>());
  EXPECT_EQ(decode_cursor(std::span(block).subspan<slot_header_bytes>()), cursor);
  // Out of order: what follows is not believed.
  std::swap(cursor.cursor.delivered_ranges[1], cursor.cursor.delivered_ranges[2]);
  encode_cursor(cursor, std::span(block).subspan<slot_header_bytes>());
  EXPECT_EQ(decode_cursor(std::span(block).subspan<slot_header_bytes>()).cursor.delivered_ranges.size(), 2U);
}

TEST(Codec, LossComesBackAndReadsWell) {
  const Loss loss{.first = 1,
                  .last = 9,
                  .records = 9,
                  .bytes = 1620,
                  .from_ns = 1'758'349'800'000'000'000,
                  .to_ns = 1'758'349'801'500'000'000,
                  .noticed_ns = 0,
                  .reason = LossReason::dropped_oldest};
  std::array<std::byte, loss_body_bytes> body{};
  encode_loss(loss, body);
  EXPECT_EQ(decode_loss(body), loss);
  EXPECT_FALSE(decode_loss(std::span(body).first(63)));
  EXPECT_EQ(to_json(loss),
            "{\"first\":1,\"last\":9,\"records\":9,\"bytes\":1620,\"from\":\"2025-09-20T06:30:00.000Z\","
            "\"to\":\"2025-09-20T06:30:01.500Z\",\"noticed\":null,\"reason\":\"dropped_oldest\"}");
  EXPECT_EQ(to_sentence(loss), "9 records (1 to 9, 1620 bytes) dropped because the log was full");
  EXPECT_EQ(clip(loss, 4).bytes, 1080U);
  EXPECT_EQ(clip(loss, 4).first, 4U);
  EXPECT_EQ(clip(loss, 4, 5), clip(clip(loss, 4), 1, 5));
  EXPECT_EQ(clip(loss, 4, 5).records, 2U);
  const Loss absurd{.first = 0, .last = ~std::uint64_t{0}, .records = 0, .bytes = ~std::uint64_t{0}};
  EXPECT_LE(clip(absurd, 1).bytes, absurd.bytes);  // as the fuzzer found it, beyond any integer
}

TEST(Codec, DropsThatTouchAreOne) {
  std::vector<Loss> drops;
  for (Sequence first = 1; first < 100; first += 10) {
    add_drop(
        drops,
        {.first = first, .last = first + 9, .records = 10, .bytes = 5, .reason = LossReason::dropped_oldest});
  }
  ASSERT_EQ(drops.size(), 1U);
  EXPECT_EQ(drops[0].last, 100U);
  EXPECT_EQ(drops[0].bytes, 50U);
}

TEST(Codec, IdsSayWhereARecordCameFrom) {
  std::vector<std::byte> body;
  encode_origin({"00112233445566778899aabbccddeeff", 77, Type::anchor, bytes_of("p")}, body);
  const auto known = identify({.sequence = 5, .type = Type::imported, .payload = body}, "me");
  EXPECT_EQ(known.id, "00112233445566778899aabbccddeeff-77");
  EXPECT_EQ(known.type, Type::anchor);
  EXPECT_EQ(known.payload.size(), 1U);
  EXPECT_EQ(identify({.sequence = 5, .payload = bytes_of("x")}, "me").id, "me-5");
  std::array<std::byte, loss_body_bytes> loss{};
  encode_loss({.first = 3, .last = 9, .records = 7}, loss);
  EXPECT_EQ(identify({.sequence = 9, .type = Type::loss, .payload = loss}, "me").id, "me-3-9");
}

TEST(Codec, FileNamesSayNumberAndBase) {
  const auto name = parse_segment_name("0000000042-00000000000000123456.seg");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->number, 42U);
  EXPECT_EQ(name->base, 123456U);
  EXPECT_FALSE(name->dense);
  EXPECT_EQ(to_text(SegmentName{43, 125504, true}), "0000000043-00000000000000125504-d.seg");
  EXPECT_TRUE(parse_segment_name("0000000043-00000000000000125504-d.seg")->dense);
  for (const auto* wrong :
       {"42-1.seg", "0000000042-00000000000000123456.seg.tmp", "0000000042-00000000000000000000.seg",
        "000000004x-00000000000000123456.seg", "0000000042+00000000000000123456.seg",
        "000000004-00000000000000123456.seg", "", "0000000042.free"}) {
    EXPECT_FALSE(parse_segment_name(wrong)) << wrong;
  }
  EXPECT_EQ(parse_free_name("0000000007.free"), 7U);
}

TEST(Codec, ImportMarksMergeRanges) {
  ImportMark mark;
  mark.add(5, 7);
  mark.add(1, 2);
  mark.add(8, 9);
  mark.scanned = 4;
  EXPECT_EQ(mark.ranges.size(), 2U);
  EXPECT_TRUE(mark.contains(5, 9));
  EXPECT_FALSE(mark.contains(2, 5));
  std::array<std::byte, slot_payload_bytes> payload{};
  encode_import_mark(mark, payload);
  EXPECT_EQ(decode_import_mark(payload), mark);
}

TEST(Codec, VarintsOfEveryLengthComeBack) {
  for (unsigned bits = 0; bits < 64; ++bits) {
    std::array<std::byte, max_varint_bytes> bytes{};
    const auto value = std::uint64_t{1} << bits;
    const auto* end = put_varint(bytes.data(), value);
    EXPECT_EQ(static_cast<std::size_t>(end - bytes.data()), varint_size(value));
    std::uint64_t back = 0;
    EXPECT_EQ(get_varint(bytes.data(), end, back), end);
    EXPECT_EQ(back, value);
    EXPECT_EQ(get_varint(bytes.data(), end - 1, back), nullptr);
  }
}

// A whole log of two records, byte by byte: a card written by any earlier version must stay readable.
TEST_F(LogTest, TheFilesOfASmallLogAreGolden) {
  open();
  write("a");
  write("b");
  close();
  const auto segment = files->contents(segments().at(0));
  EXPECT_EQ(segments().at(0).filename(), "0000000001-00000000000000000001.seg");
  EXPECT_EQ(crc32c(std::span(*segment).first(3 * block_bytes)), 2015946686U);
}

}  // namespace
}  // namespace weather::log
