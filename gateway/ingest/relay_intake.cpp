#include "gateway/ingest/relay_intake.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "bridge/log/bytes.hpp"
#include "bridge/log/for_each.hpp"
#include "bridge/log/loss.hpp"
#include "gateway/ingest/beside_log_file.hpp"
#include "sensors/reading/view.hpp"

namespace weather::gateway {
namespace {

namespace relay = bridge::relay;
using sensors::RelayReply;

constexpr std::string_view relay_magic = "GWRELAY1";
constexpr std::size_t upto_bytes = 8;  // of the log that the ledger knows, in front of it
constexpr std::size_t most_senders_shown = 1000;
constexpr std::chrono::milliseconds last_patience{1500};

RelayReply refuse(unsigned status, std::string error, std::string detail) {
  return {.status = status, .error = std::move(error), .detail = std::move(detail)};
}

// What no record of any sender may be; empty: it is one.
std::string slip_of(const log::Origin& origin, sensors::ReadingView& reading) {
  if (origin.type == log::Type::loss)
    return log::decode_loss(origin.payload) ? "" : "it is no loss that can be read";
  if (origin.type != log::Type::reading) return "it is of a kind that is not relayed";
  return sensors::read(origin.payload, reading) ? "" : "it is no weather.v1.Reading";
}

}  // namespace

bool shown_of_relayed(const log::Origin& origin, sensors::Reading& reading) {
  if (origin.type != log::Type::reading || origin.gateway.empty()) return false;
  if (!reading.ParseFromArray(origin.payload.data(), static_cast<int>(origin.payload.size()))) return false;
  reading.set_sensor_id(origin.gateway + "/" + reading.sensor_id());
  return true;
}

// Of one batch: what is to be stored, in its order.
struct RelayIntake::Taken {
  std::vector<log::Record> records;
  std::vector<const relay::BatchRecord*> from;  // beside each
  std::size_t looked_at = 0;                    // of the batch, from its beginning
  std::vector<std::size_t> place;               // of each record in the batch
  std::uint64_t again = 0;
  std::optional<relay::Answer::Refused> refused;
};

RelayIntake::RelayIntake(log::Files& files, log::Log& log, RelayIntakeOptions options,
                         IngestObserver* observer, Tell report)
    : files_(files),
      log_(log),
      options_(std::move(options)),
      observer_(observer),
      report_(std::move(report)) {
  const auto done = load();
  keeps_ = done.has_value();
  if (!done && done.error() != log::Errc::not_found && report_)
    report_(options_.path.string() + ": " + done.error().message() +
            "; what other gateways have sent is taken from the log");
}

RelayIntake::~RelayIntake() {
  if (writing_.valid()) writing_.wait();
}

void RelayIntake::open() {
  if (std::exchange(open_, true)) return;
  log::Sequence from = 0;
  {
    const std::lock_guard lock(mutex_);
    keeps_ = true;
    ledger_ = kept_;
    from = kept_upto_ + 1;
  }
  const auto appended = log_.status().appended;
  const auto learn = [&](const log::Entry& entry) { ledger_.learn(entry); };
  if (const auto read = log::for_each_stored(log_, from, learn, appended); !read && report_)
    report_("the log cannot be read: " + read.error().message() +
            "; what another gateway sends again may be stored twice");
  write(ledger_, std::min(appended, log_.durable()));
}

RelayReply RelayIntake::take(std::string_view bytes, std::string_view user) {
  const auto batch = relay::decode_batch(log::bytes_of(bytes));
  if (!batch) return refuse(400, std::string(batch.error().error), batch.error().text);
  const auto& from = batch->from;
  if (!user.empty() && from.gateway != user)
    return refuse(403, "not_authorized",
                  "gateway \"" + from.gateway + "\" is not user \"" + std::string(user) + "\"");
  if (from.log_id == log_.id())
    return refuse(508, "loop", "the sender's log is this gateway's own, or a copy of its card");
  for (const auto& record : batch->records)
    if (record.origin.log_id == log_.id())
      return refuse(508, "loop",
                    "gateway \"" + from.gateway + "\" sends back what it has from this one, \"" +
                        options_.gateway_id + "\"");
  keep_up();
  return store(*batch);
}

// Up to the first that can never be stored: what follows it comes again once the sender has given up on it.
void RelayIntake::choose(const relay::Batch& batch, Taken& taken) {
  sensors::ReadingView reading;
  for (const auto& record : batch.records) {
    if (auto slip = slip_of(record.origin, reading); !slip.empty()) {
      taken.refused = relay::Answer::Refused{"not_a_record", std::move(slip)};
      return;
    }
    const auto place = taken.looked_at++;
    if (ledger_.has(record.origin)) {
      ++taken.again;
      continue;
    }
    taken.records.push_back({record.time_ns, log::Type::imported, record.body});
    taken.from.push_back(&record);
    taken.place.push_back(place);
  }
}

// All in one piece; where that is more than the log takes at once, the first part of it.
log::Result<log::Sequence> RelayIntake::append(Taken& taken) {
  for (;;) {
    auto last = log_.append(taken.records, log::Wait::now);
    if (last || last.error() != log::Errc::too_large) return last;
    taken.refused.reset();
    taken.looked_at = taken.place[taken.records.size() / 2];
    taken.records.resize(taken.records.size() / 2);
    if (!taken.records.empty()) continue;
    taken.refused = relay::Answer::Refused{"too_large", "the receiver's log takes no record of this size"};
    return log::Sequence{0};
  }
}

RelayReply RelayIntake::store(const relay::Batch& batch) {
  const auto before = ledger_.of(batch.from);
  Taken taken;
  choose(batch, taken);
  sensors::Ticket ticket = before.own;  // what was there already may not be durable yet
  if (!taken.records.empty()) {
    if (options_.full()) {
      ++sender_of(batch.from.gateway).put_off;
      return refuse(503, "not_stored", "the log is full of what has not been delivered");
    }
    const auto last = append(taken);
    if (!last) {
      ++sender_of(batch.from.gateway).put_off;
      return refuse(503, "not_stored", "the log: " + last.error().message());
    }
    const auto first = *last - taken.records.size() + 1;
    for (std::size_t i = 0; i < taken.records.size(); ++i) ledger_.take(taken.from[i]->origin, first + i);
    if (!taken.records.empty()) {
      ticket = std::max(ticket, sensors::Ticket(*last));
      show(taken, *last, batch.from.gateway);
    }
  }
  relay::Answer answer{options_.gateway_id, taken.looked_at,
                       taken.looked_at == 0 ? 0 : batch.records[taken.looked_at - 1].origin.sender->sequence,
                       taken.again, taken.refused};
  if (!batch.records.empty()) {
    auto& sender = sender_of(batch.from.gateway);
    sender.records += taken.records.size();
    sender.again += taken.again;
    sender.refused += taken.refused ? 1 : 0;
  }
  return {.body = relay::to_json(answer), .ticket = ticket};
}

RelaySender& RelayIntake::sender_of(const std::string& gateway) {
  const auto found = senders_.find(gateway);
  if (found != senders_.end()) return found->second;
  return senders_[senders_.size() < most_senders_shown ? gateway : "others"];
}

void RelayIntake::show(const Taken& taken, log::Sequence last, const std::string& party) {
  if (observer_ == nullptr) return;
  std::vector<sensors::Reading> readings;
  std::deque<std::string> encoded;
  std::vector<log::Record> records;
  for (std::size_t i = 0; i < taken.records.size(); ++i) {
    sensors::Reading reading;
    if (!shown_of_relayed(taken.from[i]->origin, reading)) continue;
    encoded.push_back(reading.SerializeAsString());
    records.push_back({taken.records[i].time_ns, log::Type::reading, log::bytes_of(encoded.back())});
    readings.push_back(std::move(reading));
  }
  if (!readings.empty()) observer_->stored(readings, records, last, party);
}

// Once in thousands of records. Only what is durable in the log may be said of it.
void RelayIntake::keep_up() {
  log::Sequence kept = 0;
  {
    const std::lock_guard lock(mutex_);
    kept = kept_upto_;
  }
  if (next_upto_ == 0) {
    const auto appended = log_.status().appended;
    if (appended < kept + options_.records) return;
    next_ = ledger_;
    next_upto_ = appended;
  }
  if (log_.durable() < next_upto_) return;
  if (writing_.valid() && writing_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  auto job = [this, ledger = std::exchange(next_, relay::Ledger()), upto = std::exchange(next_upto_, 0)] {
    write(ledger, upto);
  };
  if (options_.own_thread)
    writing_ = std::async(std::launch::async, std::move(job));
  else
    job();
}

void RelayIntake::leaving(log::Sequence first) {
  relay::Ledger ledger;
  log::Sequence from = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!keeps_ || kept_upto_ + 1 >= first) return;
    ledger = kept_;
    from = kept_upto_ + 1;
  }
  // What cannot be read leaves without being learned: what its sender brings again is then stored twice.
  const auto learn = [&](const log::Entry& entry) { ledger.learn(entry); };
  static_cast<void>(log::for_each_stored(log_, std::max(from, log_.status().first), learn, first - 1));
  write(ledger, first - 1);
}

void RelayIntake::stop() {
  if (!open_) return;
  const auto appended = log_.status().appended;
  if (log_.wait_durable({appended, log_.durable_mark().refused}, last_patience)) write(ledger_, appended);
}

log::Result<void> RelayIntake::load() {
  const auto body = read_beside_log(files_, options_.path, relay_magic, log_.id());
  if (!body) return log::fail(body.error());
  if (body->size() < upto_bytes) return log::fail(log::Errc::corrupt);
  const auto bytes = log::bytes_of(*body);
  auto ledger = relay::Ledger::decode(bytes.subspan(upto_bytes));
  if (!ledger) return log::fail(log::Errc::corrupt);
  kept_upto_ = log::get<std::uint64_t>(bytes.data());
  kept_ = std::move(*ledger);
  return {};
}

// A later state is never replaced by an earlier one.
void RelayIntake::write(const relay::Ledger& ledger, log::Sequence upto) {
  const std::lock_guard lock(mutex_);
  if (upto < kept_upto_) return;
  std::string body(upto_bytes, '\0');
  log::put(std::as_writable_bytes(std::span(body)).data(), upto);
  body += ledger.encode();
  if (const auto done = write_beside_log(files_, options_.path, relay_magic, log_.id(), body); !done) {
    if (!std::exchange(reported_, true) && report_)
      report_(options_.path.string() + " cannot be written: " + done.error().message() +
              "; until it can, what other gateways have sent is in the log only");
    return;
  }
  reported_ = false;
  kept_ = ledger;
  kept_upto_ = upto;
}

}  // namespace weather::gateway
