#include "gateway/process/run_program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/oauth/run_process.hpp"

namespace weather::gateway {
namespace {

constexpr int look_ms = 250;

// One end to read from, for the program the other.
class Pipe {
 public:
  Pipe() { opened_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    close_write();
    if (opened_) ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool opened() const { return opened_; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_write() {
    if (opened_ && ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  bool opened_ = false;
};

// What has come; false: there will be no more.
bool take(int from, std::string& into) {
  std::array<char, 4096> part{};
  const auto count = ::read(from, part.data(), part.size());
  if (count > 0) into.append(part.data(), static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && errno == EINTR);
}

// Progress is drawn with CR, and ends a line as LF does.
void report_lines(const std::string& text, std::size_t& reported, const ProgramWatch& watch, bool ended) {
  for (auto end = text.find_first_of("\r\n", reported); end != std::string::npos;
       end = text.find_first_of("\r\n", reported)) {
    if (watch.line && end > reported) watch.line(std::string_view(text).substr(reported, end - reported));
    reported = end + 1;
  }
  if (ended && watch.line && reported < text.size()) watch.line(std::string_view(text).substr(reported));
}

}  // namespace

tl::expected<ProgramEnd, std::string> run_program(const std::vector<std::string>& words,
                                                  const ProgramWatch& watch) {
  Pipe output, errors;
  if (!output.opened() || !errors.opened()) return tl::unexpected(words[0] + ": " + std::strerror(errno));
  pid_t child = 0;
  if (const int failed = oauth::start_process(words, output.write_end(), errors.write_end(),
                                              oauth::ProcessGroup::ours, child);
      failed != 0)
    return tl::unexpected(failed == ENOENT ? words[0] + " is not installed"
                                           : words[0] + ": " + std::strerror(failed));
  output.close_write();
  errors.close_write();
  ProgramEnd end;
  std::array<pollfd, 2> ends{pollfd{output.read_end(), POLLIN, 0}, pollfd{errors.read_end(), POLLIN, 0}};
  std::size_t reported = 0;
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (::poll(ends.data(), ends.size(), look_ms) > 0) {
      if (ends[0].revents != 0 && !take(ends[0].fd, end.output)) ends[0].fd = -1;
      if (ends[1].revents != 0 && !take(ends[1].fd, end.errors)) ends[1].fd = -1;
      report_lines(end.output, reported, watch, false);
    }
    if (watch.go_on && !watch.go_on()) ::kill(child, SIGKILL);
  }
  report_lines(end.output, reported, watch, true);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return end;
}

std::string why_not(const std::string& program, const tl::expected<ProgramEnd, std::string>& end) {
  if (!end) return end.error();
  return end->exit_code == 0 ? "" : last_words(program, *end);
}

std::string last_words(const std::string& program, const ProgramEnd& end) {
  const auto& said = end.errors.find_first_not_of(" \r\n") == std::string::npos ? end.output : end.errors;
  std::string last, named;
  for (std::size_t at = 0; at < said.size();) {
    const auto line_end = std::min(said.find_first_of("\r\n", at), said.size());
    const auto line = said.substr(at, line_end - at);
    if (line.find_first_not_of(' ') != std::string::npos) last = line;
    if (line.starts_with(program + ": ")) named = line;
    at = line_end + 1;
  }
  if (!named.empty()) return named;
  return program + (last.empty() ? " ended with " + std::to_string(end.exit_code) : ": " + last);
}

}  // namespace weather::gateway
