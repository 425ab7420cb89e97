// Shuts a broker's connection in the moment it refuses a batch, before the next batch can leave.
//
// Without idempotence the broker takes what comes: if a batch is refused, the next one of the same partition
// is on its way before the io thread hears of it, and would overtake the records that must be sent again.
// librdkafka tells an interceptor of the refusal in the broker's own thread, so the connection is cut there,
// and no new one is made: once everything in flight is reported, a new client takes over (a client that was
// cut again and again would wait longer and longer before it connects). With idempotence the broker itself
// refuses what comes after a gap.
//
// After some answers (the leader has moved, too few replicas) the library sends the batch again by itself and
// tells no interceptor. max.in.flight.requests.per.connection=1 does not help: the next batch of the
// partition is made already and leaves as soon as the answer is there. What the library does say, in the
// broker's thread, is a debug line; so its lines come here, and at that one the connection is cut as well. It
// may be made again at once: the library has both batches back by then, in order.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace weather::bridge {

namespace kafka {
class Conf;
}

// Outlives the client it is installed in. Thread-safe.
class ReorderGuard {
 public:
  // The library's log lines, from any of its threads: those that the client's settings ask for.
  using Log = std::function<void(int severity, std::string text)>;

  void install(kafka::Conf& conf, Log log);
  // No more lines: who hears them is about to go, while the client may end later.
  void mute();
  // Off: a record is sent alone, nothing is behind it that could overtake, and the connection may stay.
  void arm(bool on) { armed_ = on; }
  bool closed() const { return closed_; }

  // librdkafka's callbacks.
  int make_socket(int domain, int type, int protocol);
  int close_socket(int fd);
  void refused();
  void line(int severity, std::string_view facility, std::string_view text);

 private:
  void cut();
  void cut_all();

  Log log_;
  bool debug_ = false;  // the settings ask for debug lines
  std::atomic<bool> closed_{false}, armed_{true};
  std::atomic<std::chrono::steady_clock::time_point> connects_at_{};
  std::mutex mutex_;
  std::map<int, std::thread::id> sockets_;  // by the broker thread that opened them
};

}  // namespace weather::bridge
