// What the receiver takes of a batch, by itself; over any ends of either side: tests/sim/relay_test.cpp.
#include "gateway/ingest/relay_intake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/encode/relayed_record.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/manual.hpp"
#include "tests/unit/log/memory_files.hpp"

namespace weather::gateway {
namespace {

namespace relay = bridge::relay;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string sender_log(32, 'a');

struct Shown final : IngestObserver {
  void stored(std::vector<sensors::Reading>& readings, std::span<const log::Record> records,
              log::Sequence last, std::string_view party) override {
    for (const auto& reading : readings) ids.push_back(reading.sensor_id());
    EXPECT_EQ(readings.size(), records.size());
    newest = last;
    parties.emplace_back(party);
  }
  std::vector<std::string> ids, parties;
  log::Sequence newest = 0;
};

class RelayIntakeTest : public testing::Test {
 protected:
  RelayIntakeTest() { start(); }
  void start() {
    intake_.reset();
    log_.reset();
    log::Options options;
    options.dir = "/data/log";
    options.random_seed = 7;
    options.segment_bytes = 256U << 10;
    (void)files_.make_dir("/data");
    auto opened = log::open_manual(options, files_, log::system_clock());
    ASSERT_TRUE(opened) << opened.error().message();
    log_ = std::move(*opened);
    intake_ = std::make_unique<RelayIntake>(files_, *log_,
                                            RelayIntakeOptions{.gateway_id = "site",
                                                               .path = "/data/relay-senders",
                                                               .own_thread = false,
                                                               .full = [this] { return full_; }},
                                            &shown_,
                                            [this](const std::string& text) { reported_.push_back(text); });
    intake_->open();
  }

  static std::string reading(std::size_t bytes = 0) {
    v1::Reading one;
    one.set_sensor_id("roof");
    one.set_raw(std::string(bytes, 'x'));
    return one.SerializeAsString();
  }
  void add(log::Sequence sequence, const std::string& payload = reading(), bool out_of_band = false,
           const std::string& of_log = sender_log) {
    log::Origin origin{of_log, sequence, log::Type::reading, log::bytes_of(payload), "pi"};
    origin.sender = from_;
    origin.sender->sequence = sequence;
    origin.sender->out_of_band = out_of_band;
    std::vector<std::byte> bytes;
    bridge::encode_relayed(5, origin, bytes);
    batch_.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  sensors::RelayReply take(std::string_view user = {}) {
    const std::vector<std::string_view> views(batch_.begin(), batch_.end());
    const auto reply = intake_->take(relay::encode_batch(from_, views), user);
    batch_.clear();
    return reply;
  }
  relay::Answer answer_of(const sensors::RelayReply& reply) {
    EXPECT_EQ(reply.status, 200U) << reply.detail;
    return relay::answer_from(reply.body).value_or(relay::Answer{});
  }
  log::Sequence appended() const { return log_->status().appended; }

  log::Sender from_{"pi", sender_log, "site", 0, false};
  log::MemoryFiles files_;
  Shown shown_;
  bool full_ = false;
  std::vector<std::string> reported_;
  std::unique_ptr<log::ManualLog> log_;
  std::unique_ptr<RelayIntake> intake_;
  std::vector<std::string> batch_;
};

TEST_F(RelayIntakeTest, StoresUnderItsOwnIdentityAndShowsItWithItsGateway) {
  add(4);
  add(9);
  const auto reply = take();
  EXPECT_EQ(answer_of(reply), (relay::Answer{"site", 2, 9, 0, {}}));
  EXPECT_EQ(reply.ticket, sensors::Ticket(appended()));
  (void)log_->wait_durable(appended(), std::chrono::seconds(1));
  const auto reader = log_->reader(1);
  const auto entries = reader->read(10, 1 << 20);
  ASSERT_EQ(entries->size(), 2U);
  const auto known = log::identify((*entries)[1], log_->id());
  EXPECT_EQ(known.id, sender_log + "-9");
  EXPECT_EQ(known.gateway, "pi");
  EXPECT_EQ((*entries)[1].time_ns, 5);
  EXPECT_THAT(shown_.ids, ElementsAre("pi/roof", "pi/roof"));
  EXPECT_THAT(shown_.parties, ElementsAre("pi"));
}

TEST_F(RelayIntakeTest, WhatIsThereIsNotStoredAgainAlsoAfterARestart) {
  for (int life = 0; life < 3; ++life) {
    for (log::Sequence one = 1; one <= 3 + static_cast<log::Sequence>(life); ++one) add(one);
    const auto reply = take();
    EXPECT_EQ(answer_of(reply).taken, 3U + static_cast<unsigned>(life));
    EXPECT_EQ(answer_of(reply).again, life == 0 ? 0U : 2U + static_cast<unsigned>(life));
    EXPECT_EQ(appended(), 3U + static_cast<unsigned>(life));
    (void)log_->wait_durable(appended(), std::chrono::seconds(1));
    if (life == 1) intake_->stop();
    start();
  }
  EXPECT_TRUE(reported_.empty());
}

TEST_F(RelayIntakeTest, ARepeatWaitsForTheCommitOfTheFirst) {
  add(1);
  const auto first = take().ticket;
  add(1);
  EXPECT_EQ(take().ticket, first);
  EXPECT_LT(log_->durable(), first.sequence);
}

TEST_F(RelayIntakeTest, StopsAtTheFirstThatIsNoRecord) {
  add(1);
  add(2, "\xFF\xFF");
  add(3);
  const auto answer = answer_of(take());
  EXPECT_EQ(answer.taken, 1U);
  ASSERT_TRUE(answer.refused);
  EXPECT_EQ(answer.refused->error, "not_a_record");
  EXPECT_EQ(appended(), 1U);
  EXPECT_EQ(intake_->senders().at("pi").refused, 1U);
}

TEST_F(RelayIntakeTest, WhatIsMoreThanTheLogTakesAtOnceIsTakenInParts) {
  for (log::Sequence one = 1; one <= 8; ++one) add(one, reading(60'000));
  log::Sequence taken = 0;
  for (int asked = 0; taken < 8 && asked < 8; ++asked) {
    for (log::Sequence one = taken + 1; one <= 8 && asked > 0; ++one) add(one, reading(60'000));
    taken = answer_of(take()).last;
    ASSERT_GT(taken, 0U);
  }
  EXPECT_EQ(taken, 8U);
  EXPECT_EQ(appended(), 8U);
  add(9, reading(400'000));
  const auto answer = answer_of(take());
  ASSERT_TRUE(answer.refused);
  EXPECT_EQ(answer.refused->error, "too_large");
}

TEST_F(RelayIntakeTest, WhatGoesBesideIsStoredEachTimeAndSaysNothingOfTheRest) {
  add(10);
  (void)take();
  add(3, reading(), true);
  add(3, reading(), true);
  EXPECT_EQ(answer_of(take()).again, 0U);
  EXPECT_EQ(appended(), 3U);
  add(10);
  EXPECT_EQ(answer_of(take()).again, 1U);
}

TEST_F(RelayIntakeTest, ALoopIsRefusedBeforeAnythingIsStored) {
  add(1);
  add(2, reading(), false, log_->id());
  const auto reply = take();
  EXPECT_EQ(reply.status, 508U);
  EXPECT_THAT(reply.detail, HasSubstr("sends back"));
  EXPECT_EQ(appended(), 0U);
  from_.log_id = log_->id();
  EXPECT_EQ(take().status, 508U);
}

TEST_F(RelayIntakeTest, AFullLogPutsOffAndAUserIsHeldToItsGateway) {
  full_ = true;
  add(1);
  EXPECT_EQ(take().status, 503U);
  EXPECT_EQ(intake_->senders().at("pi").put_off, 1U);
  EXPECT_EQ(answer_of(take()).taken, 0U);  // without records: somebody asks
  full_ = false;
  add(1);
  EXPECT_EQ(take("somebody").status, 403U);
  add(1);
  EXPECT_EQ(take("pi").status, 200U);
}

TEST_F(RelayIntakeTest, AFileThatIsDamagedIsToldAndTheLogIsRead) {
  add(5);
  (void)take();
  (void)log_->wait_durable(appended(), std::chrono::seconds(1));
  intake_->stop();
  (*files_.contents("/data/relay-senders"))[60] ^= std::byte{1};
  start();
  EXPECT_THAT(reported_, ElementsAre(HasSubstr("taken from the log")));
  add(5);
  EXPECT_EQ(answer_of(take()).again, 1U);
}

}  // namespace
}  // namespace weather::gateway
