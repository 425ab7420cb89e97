#include "bridge/oauth/run_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weather::oauth {
namespace {

using Clock = std::chrono::steady_clock;

struct Actions {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  Actions() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~Actions() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
};

}  // namespace

int start_process(const std::vector<std::string>& command, int output, int errors, ProcessGroup group,
                  pid_t& child) {
  Actions with;
  ::posix_spawn_file_actions_addopen(&with.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&with.actions, output, STDOUT_FILENO);
  if (errors >= 0) ::posix_spawn_file_actions_adddup2(&with.actions, errors, STDERR_FILENO);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&with.attributes, &none);
  ::posix_spawnattr_setsigdefault(&with.attributes, &all);
  ::posix_spawnattr_setpgroup(&with.attributes, 0);
  ::posix_spawnattr_setflags(&with.attributes,
                             static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                (group == ProcessGroup::own ? POSIX_SPAWN_SETPGROUP : 0)));
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));  // not changed
  arguments.push_back(nullptr);
  return ::posix_spawnp(&child, arguments[0], &with.actions, &with.attributes, arguments.data(), environ);
}

namespace {

// False: it did not end in time, or prints too much.
bool read_all(int from, Clock::time_point end, std::size_t most_bytes, std::string& text) {
  std::array<char, 4096> part{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd wait{from, POLLIN, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) == 0) return false;
    const auto count = ::read(from, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0;
    text.append(part.data(), static_cast<std::size_t>(count));
    if (text.size() > most_bytes) return false;
  }
}

}  // namespace

tl::expected<ProcessResult, std::string> run_to_end(const std::vector<std::string>& command,
                                                    const ProcessLimits& limits) {
  std::array<int, 2> ends{};
  if (command.empty() || ::pipe2(ends.data(), O_CLOEXEC) != 0)
    return tl::unexpected(std::string("cannot be started"));
  pid_t child = 0;
  const int error =
      start_process(command, ends[1], limits.errors_too ? ends[1] : -1, ProcessGroup::own, child);
  ::close(ends[1]);
  ProcessResult result;
  bool whole = false;
  int status = 0;
  if (error == 0) {
    whole = read_all(ends[0], Clock::now() + limits.time, limits.output_bytes, result.text);
    if (!whole) ::kill(-child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
  }
  ::close(ends[0]);
  if (error != 0) return tl::unexpected("cannot be started (" + std::string(std::strerror(error)) + ")");
  if (!whole) return tl::unexpected(std::string("does not end in time"));
  result.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

tl::expected<std::string, std::string> run_process(const std::vector<std::string>& command,
                                                   std::chrono::milliseconds limit) {
  auto done = run_to_end(command, {.time = limit});
  if (!done) return tl::unexpected(std::move(done.error()));
  if (done->exit != 0) return tl::unexpected("ends with " + std::to_string(done->exit));
  return std::move(done->text);
}

}  // namespace weather::oauth
