#include "bridge/relay/batch.hpp"

#include <gtest/gtest.h>

#include "bridge/encode/relayed_record.hpp"
#include "bridge/log/bytes.hpp"

namespace weather::bridge::relay {
namespace {

const log::Sender from{"pi", "00112233445566778899aabbccddeeff", "site", 0, false};

std::string record(log::Sequence sequence, std::string_view payload, bool out_of_band = false) {
  log::Origin origin{from.log_id, sequence, log::Type::reading, log::bytes_of(payload), "pi"};
  origin.sender = from;
  origin.sender->sequence = sequence;
  origin.sender->out_of_band = out_of_band;
  std::vector<std::byte> bytes;
  encode_relayed(1'000 + static_cast<std::int64_t>(sequence), origin, bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string batch_of(const std::vector<std::string>& records, const log::Sender& sender = from) {
  const std::vector<std::string_view> views(records.begin(), records.end());
  return encode_batch(sender, views);
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

// The form is docs/relay.md's; the checksum is by a bitwise CRC-32C of Python's.
TEST(RelayBatch, LooksAsWritten) {
  EXPECT_EQ(hex(batch_of({record(7, "x")})),
            "574752454c415901"                  // WGRELAY, version 1
            "00112233445566778899aabbccddeeff"  // log id
            "01000000"                          // one record
            "2dc4a12b"                          // checksum of what follows
            "00000000"                          // not packed
            "027069"                            // pi
            "0473697465"                        // site
            "30"                                // 48 bytes
            "ef03000000000000"                  // stored at 1007
            "02000100"                          // relayed, a reading, of the sender's own log
            "00112233445566778899aabbccddeeff"
            "0700000000000000"
            "027069"
            "027069"
            "0473697465"
            "78");
}

TEST(RelayBatch, WhatWasWrittenIsRead) {
  const auto bytes = batch_of({record(1, "first"), record(2, ""), record(900, std::string(3000, 'z'))});
  const auto batch = decode_batch(log::bytes_of(bytes));
  ASSERT_TRUE(batch) << batch.error().text;
  EXPECT_EQ(batch->from, from);
  ASSERT_EQ(batch->records.size(), 3U);
  EXPECT_EQ(batch->records[2].origin.sender->sequence, 900U);
  EXPECT_EQ(batch->records[2].time_ns, 1'900);
  EXPECT_EQ(batch->records[0].origin.payload.size(), 5U);
  EXPECT_EQ(batch->records[0].origin.gateway, "pi");
}

TEST(RelayBatch, IsPackedWhereThatHelps) {
  std::vector<std::string> records;
  std::size_t plain = 0;
  for (log::Sequence one = 1; one <= 100; ++one) {
    records.push_back(record(one, "{\"id\":\"roof\",\"air_temperature\":" + std::to_string(one % 40) + "}"));
    plain += records.back().size();
  }
  const auto bytes = batch_of(records);
  EXPECT_LT(bytes.size(), plain / 4);
  const auto batch = decode_batch(log::bytes_of(bytes));
  ASSERT_TRUE(batch) << batch.error().text;
  ASSERT_EQ(batch->records.size(), 100U);
  EXPECT_EQ(batch->records[99].origin.sender->sequence, 100U);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_batch(log::bytes_of(std::string_view(bytes).substr(0, size)))) << size;
  // A small one that says it unpacks to anything else.
  for (const std::uint32_t claimed : {1U, 5'000U, 600'000U, 0xFFFFFFFFU}) {
    auto wrong = bytes;
    log::put(reinterpret_cast<std::byte*>(wrong.data()) + 32, claimed);
    EXPECT_FALSE(decode_batch(log::bytes_of(wrong))) << claimed;
  }
}

TEST(RelayBatch, WithoutRecordsItOnlyAsks) {
  const auto batch = decode_batch(log::bytes_of(batch_of({})));
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->records.empty());
}

TEST(RelayBatch, NothingThatIsCutShortOrChangedIsTaken) {
  const auto bytes = batch_of({record(1, "first"), record(2, "second")});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_batch(log::bytes_of(std::string_view(bytes).substr(0, size)))) << size;
  for (std::size_t at = 28; at < bytes.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto changed = bytes;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << bit));
      EXPECT_FALSE(decode_batch(log::bytes_of(changed))) << at;
    }
}

TEST(RelayBatch, AnotherVersionIsSaid) {
  auto bytes = batch_of({});
  bytes[7] = 2;
  const auto batch = decode_batch(log::bytes_of(bytes));
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().error, "unknown_version");
  EXPECT_EQ(batch.error().text, "version 2 of the relay; this gateway knows 1");
}

TEST(RelayBatch, NumbersGoUpButForThoseBeside) {
  EXPECT_FALSE(decode_batch(log::bytes_of(batch_of({record(5, "a"), record(5, "b")}))));
  EXPECT_FALSE(decode_batch(log::bytes_of(batch_of({record(5, "a"), record(4, "b")}))));
  EXPECT_TRUE(decode_batch(log::bytes_of(batch_of({record(5, "a"), record(4, "b", true), record(6, "c")}))));
}

TEST(RelayBatch, ItsRecordsAreOfItsSender) {
  for (auto other : {log::Sender{"another", from.log_id, "site", 0, false},
                     log::Sender{"pi", std::string(32, 'f'), "site", 0, false},
                     log::Sender{"pi", from.log_id, "else", 0, false}})
    EXPECT_FALSE(decode_batch(log::bytes_of(batch_of({record(1, "a")}, other))));
  EXPECT_FALSE(decode_batch(log::bytes_of(batch_of({}, {"", from.log_id, "site", 0, false}))));
}

}  // namespace
}  // namespace weather::bridge::relay
