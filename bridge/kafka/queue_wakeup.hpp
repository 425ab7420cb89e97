// Wakes the io thread when a client's queue is no longer empty. On the io thread.
#pragma once

#include <functional>

#include <boost/asio/posix/stream_descriptor.hpp>

struct rd_kafka_queue_s;

namespace weather::bridge {

class QueueWakeup {
 public:
  // Throws std::system_error without a descriptor.
  explicit QueueWakeup(boost::asio::io_context& io);

  // The descriptor is written only when the queue becomes non-empty: it must be emptied before each wait, and
  // for what was queued before this call it does not wake.
  void watch(rd_kafka_queue_s* queue);
  // The end: what waits is not called. While the queue is still there.
  void end(rd_kafka_queue_s* queue);

  // Once, unless it ends before. `called` keeps alive what it needs.
  void wait(std::function<void()> called);

 private:
  boost::asio::posix::stream_descriptor descriptor_;
};

}  // namespace weather::bridge
