#include "bridge/kafka/queue_wakeup.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <librdkafka/rdkafka.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace weather::bridge {
namespace {

int make_eventfd() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

QueueWakeup::QueueWakeup(boost::asio::io_context& io) : descriptor_(io, make_eventfd()) {}

void QueueWakeup::watch(rd_kafka_queue_s* queue) {
  static const std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(queue, descriptor_.native_handle(), &one, sizeof one);
}

void QueueWakeup::end(rd_kafka_queue_s* queue) {
  rd_kafka_queue_io_event_enable(queue, -1, nullptr, 0);
  descriptor_.close();
}

void QueueWakeup::wait(std::function<void()> called) {
  descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [this, called = std::move(called)](const boost::system::error_code& error) {
                           if (error) return;
                           std::uint64_t count = 0;
                           while (::read(descriptor_.native_handle(), &count, sizeof count) > 0) {
                           }
                           called();
                         });
}

}  // namespace weather::bridge
