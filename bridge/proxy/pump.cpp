#include "bridge/proxy/pump.hpp"

#include <array>
#include <cerrno>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

namespace weather::proxy {
namespace {

using Clock = std::chrono::steady_clock;
using Result = Stream::Result;

constexpr std::size_t piece = 32U << 10;
constexpr std::chrono::milliseconds goodbye{1500};  // less than the owner of the threads waits

Result receive(int fd, char* bytes, std::size_t size, std::size_t& count) {
  const auto got = ::recv(fd, bytes, size, MSG_DONTWAIT);
  if (got > 0) count = static_cast<std::size_t>(got);
  if (got > 0) return Result::done;
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? Result::not_now : Result::over;
}

Result send(int fd, const char* bytes, std::size_t size, std::size_t& count) {
  const auto sent = ::send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) count = static_cast<std::size_t>(sent);
  if (sent >= 0) return Result::done;
  return errno == EAGAIN || errno == EINTR ? Result::not_now : Result::over;
}

// One direction: what was read and not yet written.
struct Way {
  std::vector<char> bytes = std::vector<char>(piece);
  std::size_t begin = 0, end = 0;
  bool ended = false, refused = false;  // nothing comes any more; nothing is taken any more

  bool empty() const { return begin == end; }
  bool may_read() const { return empty() && !ended && !refused; }

  // As far as it goes. True: something has moved, look again before waiting.
  template <class Read, class Write>
  bool move(Read read, Write write) {
    bool moved = false;
    std::size_t count = 0;
    if (may_read()) {
      const auto result = read(bytes.data(), bytes.size(), count);
      if (result == Result::over) ended = true;
      if (result == Result::done) {
        begin = 0;
        end = count;
      }
      moved |= result != Result::not_now;
    }
    if (!empty()) {
      const auto result = write(bytes.data() + begin, end - begin, count);
      if (result == Result::done) begin += count;
      if (result == Result::over) {
        refused = true;
        begin = end;
      }
      moved |= result != Result::not_now;
    }
    return moved;
  }
};

}  // namespace

void pump(Stream& stream, int local, int stop, std::string first) {
  Way out, in;
  if (first.size() > in.bytes.size()) in.bytes.resize(first.size());
  first.copy(in.bytes.data(), first.size());
  in.end = first.size();
  bool gone = false;  // the local side; what it wrote may still be there
  auto deadline = Time::max();
  for (;;) {
    const bool moved_out = out.move(
        [&](char* to, std::size_t size, std::size_t& n) { return receive(local, to, size, n); },
        [&](const char* from, std::size_t size, std::size_t& n) { return stream.write(from, size, n); });
    const bool moved_in = in.move(
        [&](char* to, std::size_t size, std::size_t& n) { return stream.read(to, size, n); },
        [&](const char* from, std::size_t size, std::size_t& n) { return send(local, from, size, n); });
    if ((in.ended && in.empty()) || out.refused) return;  // the other side, or the way to it, is gone
    if (out.ended && out.empty()) return stream.end_writing();
    if (gone && Clock::now() > deadline) return;
    if (moved_out || moved_in) continue;

    std::array<pollfd, 3> all{pollfd{stream.fd(), 0, 0}, pollfd{local, 0, 0}, pollfd{stop, POLLIN, 0}};
    if (in.may_read()) all[0].events |= stream.wanted_to_read();
    if (!out.empty()) all[0].events |= stream.wanted_to_write();
    if (out.may_read()) all[1].events |= POLLIN;
    if (!in.empty()) all[1].events |= POLLOUT;
    // What is asked for nothing would tell of its end at each look.
    if (all[0].events == 0) all[0].fd = -1;
    if (gone) all[1].fd = all[2].fd = -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (::poll(all.data(), all.size(), gone ? static_cast<int>(std::max<decltype(left)>(left, 0)) : -1) < 0 &&
        errno != EINTR)
      return;
    if (!gone && (all[1].revents & (POLLHUP | POLLERR)) != 0) {
      gone = true;
      deadline = Clock::now() + goodbye;
    }
    if (!gone && all[2].revents != 0) return;
  }
}

}  // namespace weather::proxy
