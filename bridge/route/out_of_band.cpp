// Records that are sent out of band: dead letters sent again, replays. Same ids, no promise of order.
#include <stdexcept>
#include <utility>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/route/route.hpp"

namespace weather::bridge {
namespace {

constexpr std::size_t replay_in_flight = 500;
constexpr std::size_t records_per_read = 256;
constexpr std::size_t bytes_per_read = 256U << 10;

}  // namespace

Route::OutOfBand Route::send_out_of_band(const log::Entry& entry, const Sending& sending,
                                         std::function<void(int)> done, std::string& why) {
  if (!backlog_->has_client() || backlog_->stopping()) {
    why = "the route has no connection now";
    return OutOfBand::impossible;
  }
  if (backlog_->needs_schema()) {
    why = "the number of the reading's schema is not known yet";
    return OutOfBand::impossible;
  }
  const Encoded encoded = backlog_->encode(entry, sending);
  if (encoded.kind != Encoded::Kind::send) {
    why = encoded.text.empty() ? "there is nothing to send" : encoded.text;
    return OutOfBand::nothing;
  }
  const int code = produce_out_of_band(encoded.record, std::move(done), why);
  if (code == 0) return OutOfBand::sent;
  if (why.empty()) why = explain(code);
  if (code == code::queue_full) return OutOfBand::later;
  return classify(code) == ErrorClass::record ? OutOfBand::nothing : OutOfBand::impossible;
}

// Not by the stream's producer: a record that is refused stops it.
int Route::produce_out_of_band(const KafkaRecord& record, std::function<void(int)> done, std::string& why) {
  if (out_of_band_ && out_of_band_->finished()) out_of_band_.reset();
  try {
    if (!out_of_band_)
      out_of_band_ = std::make_unique<OutOfBandProducer>(context_.to.clients, backlog_->properties());
  } catch (const std::runtime_error& error) {
    why = error.what();
    return code::invalid_argument;
  }
  return out_of_band_->produce(record, std::move(done));
}

struct Route::Replay {
  explicit Replay(Scheduler& scheduler) : timer(scheduler) {}
  Alarm timer;
  std::unique_ptr<log::Reader> reader;
  std::span<const log::Entry> batch;
  log::Sequence end = 0;
  std::string topic;
  std::size_t in_flight = 0;
  std::uint64_t delivered = 0;
  int failed = 0;
  bool all_sent = false;
  std::function<void(std::uint64_t, std::string)> done;
};

void Route::replay(log::Sequence first, log::Sequence end, std::string topic,
                   std::function<void(std::uint64_t, std::string)> done) {
  if (replay_) return done(0, "a replay is under way already");
  replay_ = std::make_shared<Replay>(context_.scheduler);
  replay_->reader = context_.log.reader(first);
  replay_->end = end;
  replay_->topic = std::move(topic);
  replay_->done = std::move(done);
  go_on_with_replay();
}

Route::OutOfBand Route::replay_one(const std::shared_ptr<Replay>& replay, const log::Entry& entry,
                                   std::string& why) {
  Sending sending{context_.clock.wall_ns()};
  sending.replay = true;
  sending.topic = replay->topic;
  const auto sent = send_out_of_band(
      entry, sending,
      [this, replay, alive = alive_](int code) {
        --replay->in_flight;
        if (classify(code) == ErrorClass::none) {
          ++replay->delivered;
        } else {
          replay->failed = code;
        }
        if (*alive && replay_ == replay) go_on_with_replay();
      },
      why);
  if (sent == OutOfBand::sent) ++replay->in_flight;
  return sent;
}

void Route::go_on_with_replay_later() {
  replay_->timer.set(std::chrono::milliseconds(100), [this, alive = alive_] {
    if (*alive && replay_) go_on_with_replay();
  });
}

void Route::go_on_with_replay() {
  const auto replay = replay_;
  while (!replay->all_sent && replay->failed == 0 && replay->in_flight < replay_in_flight) {
    if (replay->batch.empty()) {
      const auto read = replay->reader->read(records_per_read, bytes_per_read);
      if (!read) return end_replay("the log cannot be read: " + read.error().message());
      replay->batch = *read;
    }
    if (replay->batch.empty() || replay->batch.front().sequence >= replay->end ||
        replay->batch.front().sequence >= position_.next()) {
      replay->all_sent = true;
      break;
    }
    std::string why;
    const auto sent = replay_one(replay, replay->batch.front(), why);
    if (sent == OutOfBand::impossible) return end_replay(why);
    if (sent == OutOfBand::later) {
      if (replay->in_flight == 0) go_on_with_replay_later();
      return;  // else a report makes room
    }
    // What cannot be sent was dead-dead_lettered the first time.
    replay->batch = replay->batch.subspan(1);
  }
  if (replay->in_flight > 0) return;
  if (replay->failed != 0) return end_replay(explain(replay->failed));
  if (replay->all_sent) end_replay({});
}

void Route::end_replay(std::string why) {
  const auto replay = std::exchange(replay_, nullptr);
  if (replay) replay->done(replay->delivered, std::move(why));
}

}  // namespace weather::bridge
