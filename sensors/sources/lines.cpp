#include "sensors/sources/lines.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensors/decoders/json_document.hpp"
#include "sensors/sources/cut_off.hpp"
#include "sensors/sources/file_follower.hpp"
#include "sensors/sources/folder_watch.hpp"
#include "sensors/sources/glob_follower.hpp"
#include "sensors/sources/glob_names.hpp"
#include "sensors/sources/gz_files.hpp"
#include "sensors/sources/line_splitter.hpp"

namespace weather::sensors {
namespace {

constexpr std::chrono::milliseconds refused_pause{100};
constexpr std::chrono::seconds look_again{1};

std::string system_text(const std::string& what) {
  return what + ": " + std::generic_category().message(errno);
}

}  // namespace

class LinesSource::Impl {
 public:
  Impl(LinesOptions options, Decoder decode, Sink& sink)
      : options_(std::move(options)), decode_(std::move(decode)), sink_(sink) {
    if (options_.name.empty()) options_.name = "lines:" + options_.path;
    stop_fd_ = ::eventfd(0, EFD_CLOEXEC);
  }
  ~Impl() {
    stop();
    ::close(stop_fd_);
  }
  void start() {
    thread_ = std::thread([this] { run(); });
  }
  void stop();
  void wait_for_end();
  LinesStatus status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }
  const std::string& name() const { return options_.name; }

 private:
  void run();
  bool is_stream() const;
  void read_stream();
  void read_file();
  std::unique_ptr<Follower> make_follower(FollowedFiles& files, std::vector<FilePosition> known) const;
  bool take(Follower& follower, const Follower::Step& step);  // false: stopping, not taken
  void show(const Follower& follower, bool open);
  int open_input();
  bool read_all(int fd, LineSplitter& splitter);
  bool accept(const LineSplitter::Line& line, const FilePosition* file, std::string_view heading = {});
  bool pause(std::chrono::milliseconds time);  // false: stopping
  void fail(const std::string& text) {
    const std::lock_guard lock(mutex_);
    status_.last_error = text;
  }

  LinesOptions options_;
  const Decoder decode_;
  Sink& sink_;
  int stop_fd_ = -1;
  std::thread thread_;
  Ticket last_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stop_{false};  // changed under the lock
  LinesStatus status_;
};

void LinesSource::Impl::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stop_fd_, &one, sizeof one);
  if (thread_.joinable()) thread_.join();
}

void LinesSource::Impl::wait_for_end() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return status_.ended || stop_; });
  }
  while (last_ > 0 && !sink_.wait(last_, std::chrono::seconds(1))) {
    if (!pause(refused_pause)) return;
  }
}

bool LinesSource::Impl::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stop_.load(); });
}

// Without O_NONBLOCK the opening of a named pipe waits for a writer and cannot be stopped. A pipe that is
// also open for writing here never ends, however many writers come and go (fifo(7)).
int LinesSource::Impl::open_input() {
  struct stat info {};
  const bool pipe = ::stat(options_.path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
  const int access = pipe && options_.follow ? O_RDWR : O_RDONLY;
  const int fd = options_.path == "-" ? ::dup(STDIN_FILENO)
                                      : ::open(options_.path.c_str(), access | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) fail(system_text("cannot open " + options_.path));
  const std::lock_guard lock(mutex_);
  status_.open = fd >= 0;
  return fd;
}

void LinesSource::Impl::run() {
  if (is_stream())
    read_stream();
  else
    read_file();
  const std::lock_guard lock(mutex_);
  status_.open = false;
  status_.ended = true;
  changed_.notify_all();
}

// What does not exist yet will be a file.
bool LinesSource::Impl::is_stream() const {
  struct stat info {};
  return options_.path == "-" || (::stat(options_.path.c_str(), &info) == 0 && !S_ISREG(info.st_mode));
}

void LinesSource::Impl::read_stream() {
  LineSplitter splitter(max_payload_bytes);
  bool more = true;
  while (more) {
    const int fd = open_input();
    if (fd >= 0) {
      more = read_all(fd, splitter);
      ::close(fd);
    }
    more = more && options_.follow && pause(look_again);
  }
  splitter.finish([this](const LineSplitter::Line& line) { accept(line, nullptr); });
}

void LinesSource::Impl::read_file() {
  constexpr std::uint64_t lines_between = 1000;
  {
    const std::lock_guard lock(mutex_);
    status_.file = true;
  }
  std::vector<FilePosition> known;
  if (options_.positions != nullptr) known = options_.positions->known(options_.name, stop_);
  if (stop_) return;  // they may be incomplete
  bool unsaid = true;
  GzFiles files(real_files(), options_.say);
  const auto made = make_follower(files, std::move(known));
  auto& follower = *made;
  const auto stands = [&](bool leaving) {
    if (options_.positions != nullptr)
      options_.positions->stands(options_.name, follower.positions(), last_, leaving);
  };
  FolderWatch watch(options_.path);
  using Kind = Follower::Step::Kind;
  for (std::uint64_t lines = 0; !stop_;) {
    // Before the first line: else the file would not be recognised if it is rotated before that is durable.
    if (unsaid && follower.open()) {
      stands(true);
      if (options_.say) options_.say(follower.beginning());
      unsaid = false;
    }
    const auto step = follower.next(std::chrono::steady_clock::now());
    if (step.kind == Kind::line) {
      if (!take(follower, step)) break;
      if (++lines % lines_between == 0) stands(false);
      continue;
    }
    if (step.kind == Kind::waiting)
      fail((step.error == std::errc::io_error ? "cannot read " : "cannot open ") + options_.path + ": " +
           step.error.message());
    show(follower, step.kind != Kind::waiting);
    stands(false);
    if (step.kind == Kind::ended || (step.kind == Kind::waiting && !options_.follow)) break;
    if (step.kind == Kind::waiting && is_stream()) return read_stream();
    watch.wait(stop_fd_, look_again);
  }
  stands(true);
}

std::unique_ptr<Follower> LinesSource::Impl::make_follower(FollowedFiles& files,
                                                           std::vector<FilePosition> known) const {
  FollowerOptions options{options_.path, options_.follow, max_payload_bytes, options_.heading_lines};
  if (is_pattern(options_.path))
    return std::make_unique<GlobFollower>(std::move(options), files, std::move(known), options_.say);
  return std::make_unique<FileFollower>(std::move(options), files, std::move(known), options_.say);
}

bool LinesSource::Impl::take(Follower& follower, const Follower::Step& step) {
  if (!accept({step.text, 0, step.cut_off}, &step.after, follower.heading())) {
    follower.give_back();
    return false;
  }
  const std::lock_guard lock(mutex_);
  status_.open = true;
  status_.offset = follower.offset();
  status_.behind_bytes = follower.behind_bytes();
  return true;
}

void LinesSource::Impl::show(const Follower& follower, bool open) {
  const std::lock_guard lock(mutex_);
  status_.open = open;
  status_.reading = open ? follower.path() : "";
  status_.offset = follower.offset();
  status_.behind_bytes = follower.behind_bytes();
}

// Reads to the end of the input; false if stopped.
bool LinesSource::Impl::read_all(int fd, LineSplitter& splitter) {
  struct stat info {};
  ::fstat(fd, &info);
  const bool file = S_ISREG(info.st_mode);
  char buffer[16'384];
  while (true) {
    pollfd fds[] = {{fd, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) return false;
    if (fds[1].revents != 0) return false;
    const auto got = ::read(fd, buffer, sizeof buffer);
    if (got > 0) {
      splitter.feed({buffer, static_cast<std::size_t>(got)},
                    [this](const LineSplitter::Line& line) { accept(line, nullptr); });
    } else if (got < 0 && errno != EAGAIN && errno != EINTR) {
      fail(system_text("cannot read " + options_.path));
      return true;
    } else if (got == 0 && file && options_.follow) {
      if (!pause(look_again)) return false;  // poll() calls the end of a file ready
    } else if (got == 0) {
      return true;
    }
  }
}

// False: stopping, and the sink would not take it.
bool LinesSource::Impl::accept(const LineSplitter::Line& line, const FilePosition* file,
                               std::string_view heading) {
  Message message;
  message.source = options_.name;
  message.payload = line.text;
  message.file = file;
  message.heading = heading;
  const Decoder decode = line.cut_off > 0 ? refuse_cut_off(line.cut_off) : decode_;
  do {
    const auto ticket = sink_.accept(message, decode, Waits::no);
    const std::lock_guard lock(mutex_);
    if (ticket) {
      last_ = std::max(last_, *ticket);
      ++status_.lines;
      if (line.cut_off > 0) ++status_.too_long;
      return true;
    }
    ++status_.retries;
    message.again = true;
    status_.last_error = ticket.error().message();
  } while (pause(refused_pause));
  return false;
}

LinesSource::LinesSource(LinesOptions options, Decoder decode, Sink& sink)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(decode), sink)) {}
LinesSource::~LinesSource() = default;
void LinesSource::start() {
  impl_->start();
}
void LinesSource::stop() {
  impl_->stop();
}
void LinesSource::wait_for_end() {
  impl_->wait_for_end();
}
LinesStatus LinesSource::status() const {
  return impl_->status();
}
const std::string& LinesSource::name() const {
  return impl_->name();
}

}  // namespace weather::sensors
