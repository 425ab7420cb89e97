// The keeper of QoS 2 exchanges: one file beside the log, written by a thread of its own.
//
// Steps are appended and synced together; nothing is written while nothing happens. When the file has reached
// its size it is written anew from what is still of use (a new file, synced, renamed over the old one), so it
// never grows beyond twice that and a constant. A file that cannot be written is tried again every second;
// until then its steps are not durable, and what waits for them is not acknowledged.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "gateway/ingest/exchange_book.hpp"
#include "sensors/exchanges.hpp"

namespace weather::gateway {

struct ExchangeFileOptions {
  std::filesystem::path path;
  std::size_t spare_bytes = 512U << 10;  // of steps in a file before it is written anew, at least
  bool own_thread = true;                // false: pump() does the thread's work
  std::function<void(std::uint64_t)> keep_from = [](std::uint64_t) {
  };  // the log's records; see bridge/log/keep.hpp
};

class ExchangeFile final : public sensors::ExchangeKeeper {
 public:
  using Tell = std::function<void(const std::string&)>;  // a sentence for people; on the keeper's thread

  // files and log must outlive it. Reads the file; one that is of another log, or cannot be read, counts as
  // empty and is reported.
  ExchangeFile(log::Files& files, log::Log& log, ExchangeFileOptions options, Tell report);
  ~ExchangeFile() override;

  Step released(std::string_view source, std::string_view client, std::uint16_t packet_id,
                std::uint64_t record) override;
  Step ended(std::string_view source, std::string_view client, std::uint64_t record) override;
  Step held(std::string_view source, std::span<const sensors::HeldIdentifier> held,
            std::uint64_t upto) override;
  void needs_from(std::string_view source, std::uint64_t record) override;
  sensors::KnownExchanges known(std::string_view source) override;
  Step durable() const override;
  void on_durable(std::function<void(Step)> callback) override;

  // Writes what was given; false: there is nothing to write, or it cannot be written now.
  bool pump();

 private:
  Step given_locked();
  void run();
  log::Result<ExchangeBook> read_book();
  log::Result<void> write_anew(const ExchangeBook& book);
  log::Result<void> append(std::string_view block);
  log::Result<void> write(const std::string& block);
  void failed(std::error_code error);

  log::Files& files_;
  log::Log& log_;
  const ExchangeFileOptions options_;
  const Tell report_;

  // Of the thread, or the caller of pump() or known().
  std::mutex file_mutex_;            // taken before mutex_
  std::unique_ptr<log::File> file_;  // null: must be written anew
  std::uint64_t end_ = 0;            // of what is durable
  std::uint64_t full_at_ = 0;
  bool readable_ = false;  // the file's first end_ bytes are ours
  // Written before this start and not anew since: records that a power cut took get their numbers again.
  std::optional<std::uint64_t> cut_at_;
  bool reported_ = false;
  std::string in_work_;  // the block that is not durable yet
  Step in_work_last_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  ExchangeEntries pending_;
  Step given_ = 0, durable_ = 0;
  std::vector<std::function<void(Step)>> callbacks_;
  std::map<std::string, std::uint64_t, std::less<>> needed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weather::gateway
