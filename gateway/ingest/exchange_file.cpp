#include "gateway/ingest/exchange_file.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "bridge/log/bytes.hpp"
#include "bridge/log/write_file.hpp"

namespace weather::gateway {
namespace {

constexpr std::chrono::seconds try_again{1};
constexpr std::uint64_t nothing_needed = std::numeric_limits<std::uint64_t>::max();

}  // namespace

ExchangeFile::ExchangeFile(log::Files& files, log::Log& log, ExchangeFileOptions options, Tell report)
    : files_(files), log_(log), options_(std::move(options)), report_(std::move(report)) {
  auto book = read_book();
  if (!book && book.error() != log::Errc::not_found && report_) {
    report_(options_.path.string() + ": " + book.error().message() +
            "; what it said of QoS 2 publications is taken from the end of the log");
  }
  if (!book) return;
  readable_ = true;
  cut_at_ = log_.status().appended;
  book->cut_off(*cut_at_);
  if (const auto done = write_anew(*book); !done) failed(done.error());
}

ExchangeFile::~ExchangeFile() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

ExchangeFile::Step ExchangeFile::given_locked() {
  if (options_.own_thread && !thread_.joinable()) thread_ = std::thread([this] { run(); });
  wake_.notify_one();
  return ++given_;
}

ExchangeFile::Step ExchangeFile::released(std::string_view source, std::string_view client,
                                          std::uint16_t packet_id, std::uint64_t record) {
  const std::lock_guard lock(mutex_);
  pending_.released(source, client, packet_id, record);
  return given_locked();
}

ExchangeFile::Step ExchangeFile::ended(std::string_view source, std::string_view client,
                                       std::uint64_t record) {
  const std::lock_guard lock(mutex_);
  pending_.ended(source, client, record);
  return given_locked();
}

ExchangeFile::Step ExchangeFile::held(std::string_view source, std::span<const sensors::HeldIdentifier> held,
                                      std::uint64_t upto) {
  const std::lock_guard lock(mutex_);
  for (const auto& one : held) pending_.held(source, one);
  pending_.upto(source, upto);
  return given_locked();
}

void ExchangeFile::needs_from(std::string_view source, std::uint64_t record) {
  const std::lock_guard lock(mutex_);
  if (const auto found = needed_.find(source); found != needed_.end()) {
    if (std::exchange(found->second, record) == record) return;
  } else {
    needed_.emplace(source, record);
  }
  auto first = nothing_needed;
  for (const auto& [name, from] : needed_) first = std::min(first, from);
  options_.keep_from(first);
}

sensors::KnownExchanges ExchangeFile::known(std::string_view source) {
  while (pump()) {
  }
  const std::lock_guard lock(file_mutex_);
  auto book = read_book();
  if (!book) book.emplace();
  book->fold(log::bytes_of(in_work_), 0);
  return book->known(source);
}

ExchangeFile::Step ExchangeFile::durable() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

void ExchangeFile::on_durable(std::function<void(Step)> callback) {
  const std::lock_guard lock(mutex_);
  callbacks_.push_back(std::move(callback));
}

void ExchangeFile::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_ || !pending_.empty()) {
    if (pending_.empty() && given_ == durable_) {
      wake_.wait(lock);
      continue;
    }
    lock.unlock();
    const bool done = pump();
    lock.lock();
    if (done) continue;
    if (stopping_) return;
    wake_.wait_for(lock, try_again, [this] { return stopping_; });
  }
}

bool ExchangeFile::pump() {
  const std::lock_guard file_lock(file_mutex_);
  std::vector<std::function<void(Step)>> callbacks;
  {
    const std::lock_guard lock(mutex_);
    if (in_work_.empty() && pending_.empty()) return false;
    if (!pending_.empty()) {
      pending_.append_block(in_work_);
      pending_.clear();
      in_work_last_ = given_;
    }
    callbacks = callbacks_;
  }
  if (const auto done = write(in_work_); !done) {
    failed(done.error());
    return false;
  }
  in_work_.clear();
  reported_ = false;
  {
    const std::lock_guard lock(mutex_);
    durable_ = in_work_last_;
  }
  for (const auto& callback : callbacks) callback(in_work_last_);
  return true;
}

log::Result<void> ExchangeFile::write(const std::string& block) {
  if (file_ && log::align_up(end_, exchange_page_bytes) + block.size() <= full_at_ && append(block))
    return {};
  file_.reset();  // full, or what a failed sync left in it behind end_ is unknown
  auto book = readable_ ? read_book() : log::Result<ExchangeBook>(ExchangeBook());
  if (!book) return log::fail(book.error());
  book->fold(log::bytes_of(block), 0);
  return write_anew(*book);
}

log::Result<void> ExchangeFile::append(std::string_view block) {
  const auto at = log::align_up(end_, exchange_page_bytes);
  auto done = log::write_all(*file_, at, log::bytes_of(block));
  if (done) done = file_->sync_data();
  if (done) end_ = at + block.size();
  return done;
}

// Up to end_, or, at the start, as far as it is whole.
log::Result<ExchangeBook> ExchangeFile::read_book() {
  auto read = log::read_file(files_, options_.path);
  if (!read) return log::fail(read.error());
  auto& bytes = *read;
  if (end_ > 0 && bytes.size() > end_) bytes.resize(end_);
  if (const auto head = check_exchange_head(bytes, log_.id()); !head) return log::fail(head.error());
  ExchangeBook book;
  end_ = book.fold(bytes, exchange_head_bytes);
  if (cut_at_) book.cut_off(*cut_at_);
  return book;
}

log::Result<void> ExchangeFile::write_anew(const ExchangeBook& book) {
  std::string all = exchange_head(log_.id()) + book.encode();
  const auto used = all.size();
  // Zeros that later steps overwrite: a sync then has no new size to write, and room is there when it counts.
  const auto full_at = std::max(used * 2, used + options_.spare_bytes);
  all.resize(full_at, '\0');
  auto file = log::replace_file(files_, options_.path, log::bytes_of(all));
  if (!file) return log::fail(file.error());
  // From here on the new file may be the one that is found; both say the same.
  readable_ = true;
  cut_at_.reset();
  file_ = std::move(*file);
  end_ = used;
  full_at_ = full_at;
  const auto done = files_.sync_dir(options_.path.parent_path());
  if (!done) file_.reset();
  return done;
}

void ExchangeFile::failed(std::error_code error) {
  if (std::exchange(reported_, true) || !report_) return;
  report_(
      options_.path.string() + " cannot be written: " + error.message() +
      "; QoS 2 publications are stored but not completed (PUBCOMP) until it can; tried again every second");
}

}  // namespace weather::gateway
