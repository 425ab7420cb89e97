// What is known by the log's records only, when these leave because there is no room: redeliveries and the
// positions of followed files, over full disks, kill -9 and power cuts.
#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "bridge/log/keep.hpp"
#include "bridge/log/manual.hpp"
#include "gateway/ingest/position_file.hpp"
#include "gateway/ingest/redelivery_ring.hpp"
#include "tests/unit/gateway/followed_line.hpp"
#include "tests/unit/gateway/lives.hpp"

namespace weather::gateway {
namespace {

using sensors::FilePosition;

constexpr std::size_t remembered = 64;  // records; more than a client may have unacknowledged
constexpr std::size_t most_unacknowledged = 20;

// A client of QoS 1, a followed file, and a Kafka that takes what the log has.
class Leaving {
 public:
  explicit Leaving(std::uint64_t seed)
      : random_(seed),
        seed_(seed),
        small_log_(random_.one_in(2)),
        cards_(empty_card(small_log_ ? 16U << 20 : 520U << 10, seed)) {
    open();
  }

  void step() {
    switch (random_.below(8)) {
      case 0:
      case 1:
      case 2:
        return publish();
      case 3:
        return line();
      case 4:
        return acknowledge();
      case 5:
        return deliver();
      case 6:
        if (random_.one_in(2))
          positions_->stands("file", std::vector{position()}, log_->status().appended, false);
        return;
      default:
        if (random_.one_in(6)) die();
    }
  }

  void check() {
    die();
    deliver();
    std::string wrong;
    for (std::uint64_t number = 1; number <= published_; ++number)
      if (const auto times = places_["message " + std::to_string(number)].size(); times != 1)
        wrong += " message " + std::to_string(number) + ": " + std::to_string(times) + " times;";
    for (std::uint64_t number = 1; number <= lines_; ++number)
      if (const auto times = places_["line " + std::to_string(number)].size(); times != 1)
        wrong += " line " + std::to_string(number) + ": " + std::to_string(times) + " times;";
    EXPECT_EQ(wrong, "") << "seed " << seed_;
  }
  std::uint64_t left() const { return left_; }
  std::uint64_t reported() const { return reported_; }

 private:
  struct Published {
    std::uint64_t number;
    std::string payload;
    log::Sequence ticket;  // 0: not taken
  };

  void open() {
    auto log = log::open_manual({.dir = "/data/log",
                                 .segment_bytes = 64U << 10,
                                 .max_bytes = small_log_ ? 192U << 10 : 8U << 20,
                                 .yields_to = {},
                                 .on_full = log::OnFull::block,
                                 .keep_records = remembered,
                                 .cursors = {"kafka"},
                                 .on_damage = {},
                                 .random_seed = seed_ | 1U},
                                *cards_, clock_);
    ASSERT_TRUE(log) << log.error().message();
    log_ = std::move(*log);
    const auto report = [this](const std::string&) { ++reported_; };
    ring_ = std::make_unique<RedeliveryRing>(*cards_, *log_, "/data/redeliveries", report, remembered);
    positions_ = std::make_unique<PositionFile>(
        *cards_, *log_,
        PositionFileOptions{.path = "/data/p",
                            .records = remembered,
                            .needs_from = [this](auto, auto from) { log::keep_from(*log_, from); }},
        report);
    ingest_ = std::make_unique<Ingest>(*log_, stamper_, IngestOptions{}, nullptr, ring_->known());
    log::before_leaving(*log_, [this](log::Sequence first) {
      ++left_;
      ring_->leaving(first);
      positions_->leaving(first);
    });
    const auto known = positions_->known("file", go_on);
    lines_ = known.empty() ? 0 : known.back().offset / 10;
  }

  void die() {
    log::before_leaving(*log_, {});
    ingest_.reset();
    positions_.reset();
    ring_.reset();
    auto found = cards_->disk();
    if (random_.one_in(2))
      found = found.after_power_cut(static_cast<Cut>(random_.below(log::test::cut_kinds)), random_);
    log_.reset();
    cards_ = std::make_unique<SimFiles>(std::move(found), random_.next());
    open();
    for (auto& one : unacknowledged_) one.ticket = accept(one, true);
  }

  void publish() {
    if (unacknowledged_.size() >= most_unacknowledged) return;
    const auto number = ++published_;
    auto payload = std::string(200 + random_.below(6000), 'x') + " message " + std::to_string(number);
    unacknowledged_.push_back({number, std::move(payload), 0});
    unacknowledged_.back().ticket = accept(unacknowledged_.back(), false);
  }

  log::Sequence accept(const Published& one, bool again) {
    sensors::Message message;
    message.source = "mqtt";
    message.topic = "weather";
    message.payload = one.payload;
    message.packet_id = static_cast<std::uint32_t>(one.number % most_unacknowledged + 1);
    message.duplicate = again;
    const auto decode = [](const sensors::Message& m) -> sensors::Decoded {
      std::vector<sensors::Reading> readings(1);
      readings.front().set_sensor_id(std::string(m.payload.substr(m.payload.find(' ') + 1)));
      readings.front().mutable_location()->set_name(std::string(m.payload));
      return readings;
    };
    const auto ticket = ingest_->accept(message, decode, sensors::Waits::no);
    if (random_.one_in(2)) log_->pump();
    return ticket ? ticket->sequence : 0;
  }

  FilePosition position() const { return {1, 7, lines_ * 10, 1, static_cast<std::uint32_t>(lines_)}; }
  void line() {
    if (log_->status().appended - delivered_ > remembered / 2) return;  // the log blocks when it is full
    ++lines_;
    const auto at = position();
    sensors::Message message;
    message.source = "file";
    const auto text = std::to_string(lines_);
    message.payload = text;
    message.file = &at;
    const auto decode = [](const sensors::Message& m) -> sensors::Decoded {
      std::vector<sensors::Reading> readings(1);
      readings.front().set_sensor_id("line " + std::string(m.payload));
      return readings;
    };
    if (!ingest_->accept(message, decode, sensors::Waits::no)) --lines_;
  }

  // In order, as far as it is durable; what was refused comes again as the client's timer says.
  void acknowledge() {
    if (random_.one_in(2)) log_->pump();
    while (!unacknowledged_.empty()) {
      auto& first = unacknowledged_.front();
      if (first.ticket == 0) first.ticket = accept(first, true);
      if (first.ticket == 0 || first.ticket > log_->durable() || random_.one_in(4)) return;
      unacknowledged_.pop_front();
    }
  }

  void deliver() {
    (void)log_->wait_durable(log_->status().appended, std::chrono::seconds(5));
    auto cursor = *log_->open_cursor("kafka");
    const auto reader = log_->reader(cursor.next);
    for (;;) {
      const auto entries = reader->read(100, 1U << 20);
      if (!entries || entries->empty()) break;
      for (const auto& entry : *entries) {
        sensors::Reading reading;
        ASSERT_EQ(entry.type, log::Type::reading);
        ASSERT_TRUE(reading.ParseFromArray(entry.payload.data(), static_cast<int>(entry.payload.size())));
        places_[reading.sensor_id()].insert(entry.sequence);
        cursor.next = entry.sequence + 1;
        ++cursor.delivered;
      }
    }
    delivered_ = cursor.next - 1;
    log_->advance("kafka", cursor);
    if (random_.one_in(2)) (void)log_->flush_cursors();
    clock_.advance(std::chrono::seconds(random_.below(10)));
    log_->pump();
  }

  Random random_;
  const std::uint64_t seed_;
  const bool small_log_;
  FixedStamper stamper_;
  SimClock clock_;
  std::unique_ptr<SimFiles> cards_;
  std::unique_ptr<log::ManualLog> log_;
  std::unique_ptr<RedeliveryRing> ring_;
  std::unique_ptr<PositionFile> positions_;
  std::unique_ptr<Ingest> ingest_;
  std::deque<Published> unacknowledged_;
  std::map<std::string, std::set<log::Sequence>> places_;
  std::uint64_t published_ = 0, lines_ = 0, delivered_ = 0, left_ = 0, reported_ = 0;
};

TEST(RecordsLeave, AndEachMessageAndLineIsInKafkaUnderOneId) {
  each_life<Leaving>(log::test::run_size(60, 3000), [](Leaving& world) {
    for (int i = 0; i < 400; ++i) world.step();
    world.check();
    return world.left();
  });
}

}  // namespace
}  // namespace weather::gateway
