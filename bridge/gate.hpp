// Shuts a broker's connection in the moment it refuses a batch, before the next batch can leave.
//
// Without idempotence the broker takes what comes: if a batch is refused, the next one of the same partition
// is on its way before the io thread hears of it, and would overtake the records that must be sent again.
// librdkafka tells an interceptor of the refusal in the broker's own thread, so the connection is cut there,
// and no new one is made: once everything in flight is reported, a new client takes over (a client that was
// cut again and again would wait longer and longer before it connects). With idempotence the broker itself
// refuses what comes after a gap.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

struct rd_kafka_conf_s;

namespace weather::bridge {

// Outlives the client it is installed in. Thread-safe.
class Gate {
 public:
  void install(rd_kafka_conf_s* conf);
  // Off: a record is sent alone, nothing is behind it that could overtake, and the connection may stay.
  void arm(bool on) { armed_ = on; }
  bool closed() const { return closed_; }

  // librdkafka's callbacks.
  int make_socket(int domain, int type, int protocol);
  int close_socket(int fd);
  void refused();

 private:
  std::atomic<bool> closed_{false}, armed_{true};
  std::mutex mutex_;
  std::map<int, std::thread::id> sockets_;  // by the broker thread that opened them
};

}  // namespace weather::bridge
