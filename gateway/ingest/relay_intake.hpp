// Where what other gateways relay enters (docs/relay.md): looked at, what is there already left out, stored
// under its own identity in one append, with the sender's number in each record. So after any end of this
// process the log itself tells what of each sender it has; what leaves the log is kept in a small file.
//
// take() and status() on the io thread; leaving() on the log's.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "bridge/relay/answer.hpp"
#include "bridge/relay/batch.hpp"
#include "bridge/relay/ledger.hpp"
#include "gateway/ingest/ingest.hpp"
#include "sensors/relay_door.hpp"

namespace weather::gateway {

struct RelayIntakeOptions {
  std::string gateway_id;
  std::filesystem::path path;    // what has left the log
  std::uint64_t records = 8192;  // a start reads so many of the log's newest, and hardly more
  bool own_thread = true;        // false: the file is written in take()
  // Whether what others send would push out of the log what has not been delivered.
  std::function<bool()> full = [] { return false; };
};

// Of one sending gateway, since start.
struct RelaySender {
  std::uint64_t records = 0;  // stored
  std::uint64_t again = 0;    // were there already
  std::uint64_t refused = 0;  // for good
  std::uint64_t put_off = 0;  // batches that the log had no room for
};

class RelayIntake final : public sensors::RelayDoor {
 public:
  using Tell = std::function<void(const std::string&)>;  // a sentence for people; any thread

  // files, log and observer (may be null) must outlive it.
  RelayIntake(log::Files& files, log::Log& log, RelayIntakeOptions options, IngestObserver* observer,
              Tell report);
  ~RelayIntake() override;

  // Reads what the log and the file tell; before anything is taken. Once it was called the file is kept up,
  // also by later runs in which nothing is relayed.
  void open();
  sensors::RelayReply take(std::string_view batch, std::string_view user) override;
  // See log::before_leaving.
  void leaving(log::Sequence first);
  // Writes what a start would else have to read again. The log is still open.
  void stop();

  using Senders = std::map<std::string, RelaySender, std::less<>>;
  const Senders& senders() const { return senders_; }

 private:
  struct Taken;
  sensors::RelayReply store(const bridge::relay::Batch& batch);
  void choose(const bridge::relay::Batch& batch, Taken& taken);
  log::Result<log::Sequence> append(Taken& taken);
  void show(const Taken& taken, log::Sequence last, const std::string& party);
  RelaySender& sender_of(const std::string& gateway);
  void keep_up();
  log::Result<void> load();
  void write(const bridge::relay::Ledger& ledger, log::Sequence upto);

  log::Files& files_;
  log::Log& log_;
  const RelayIntakeOptions options_;
  IngestObserver* const observer_;
  const Tell report_;
  bool open_ = false;
  Senders senders_;
  bridge::relay::Ledger ledger_;  // of all that was appended
  // A state of ledger_ that becomes the file's once the log is durable up to there.
  bridge::relay::Ledger next_;
  log::Sequence next_upto_ = 0;  // 0: there is none
  std::future<void> writing_;
  std::mutex mutex_;  // guards what follows: the file and what is in it
  bridge::relay::Ledger kept_;
  log::Sequence kept_upto_ = 0;  // of the log's records up to here
  bool keeps_ = false, reported_ = false;
};

// A record of another gateway as it is shown here: under "GATEWAY/SENSOR". False: it shows nothing.
bool shown_of_relayed(const log::Origin& origin, sensors::Reading& reading);

}  // namespace weather::gateway
