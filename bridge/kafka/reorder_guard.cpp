#include "bridge/kafka/reorder_guard.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/kafka/error_table.hpp"
#include "bridge/kafka/kafka.hpp"

namespace weather::bridge {
namespace {

constexpr const char* interceptor_name = "guard";
// What the library needs to take back what was in flight on a connection that was cut.
constexpr std::chrono::milliseconds taken_back{100};

rd_kafka_resp_err_t on_acknowledgement(rd_kafka_t*, rd_kafka_message_t* message, void* guard) {
  const ErrorClass error_class = classify(message->err);
  if (error_class != ErrorClass::none && error_class != ErrorClass::local)
    static_cast<ReorderGuard*>(guard)->refused();
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* guard, char*, size_t) {
  return rd_kafka_interceptor_add_on_acknowledgement(client, interceptor_name, on_acknowledgement, guard);
}

int make_socket(int domain, int type, int protocol, void* opaque) {
  return static_cast<ReorderGuard*>(kafka::owner_of(opaque))->make_socket(domain, type, protocol);
}

int close_socket(int fd, void* opaque) {
  return static_cast<ReorderGuard*>(kafka::owner_of(opaque))->close_socket(fd);
}

void on_line(const rd_kafka_t* client, int severity, const char* facility, const char* text) {
  static_cast<ReorderGuard*>(kafka::connections_of(client).owner)->line(severity, facility, text);
}

// A mobile network that forgets a connection says nothing: find out within two minutes, not two hours.
void watch(int fd) {
  const auto set = [fd](int level, int option, int value) {
    (void)setsockopt(fd, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);
}

}  // namespace

void ReorderGuard::install(kafka::Conf& with, Log log) {
  auto* conf = with.get();
  with.set_owner(this);
  log_ = std::move(log);
  std::array<char, 512> wanted{};
  std::size_t size = wanted.size();
  rd_kafka_conf_get(conf, "debug", wanted.data(), &size);
  debug_ = wanted[0] != '\0';
  const std::string debug = debug_ ? std::string(wanted.data()) + ",msg,topic" : "msg,topic";
  rd_kafka_conf_set(conf, "debug", debug.c_str(), nullptr, 0);
  rd_kafka_conf_set(conf, "log.queue", "false", nullptr, 0);
  rd_kafka_conf_set_log_cb(conf, on_line);
  rd_kafka_conf_set_socket_cb(conf, weather::bridge::make_socket);
  rd_kafka_conf_set_closesocket_cb(conf, weather::bridge::close_socket);
  rd_kafka_conf_interceptor_add_on_new(conf, interceptor_name, on_new, this);
}

int ReorderGuard::make_socket(int domain, int type, int protocol) {
  std::this_thread::sleep_until(connects_at_.load());  // of a broker of the library's, for nothing else
  if (closed_) {
    errno = ECONNREFUSED;
    return -1;
  }
  const int fd = ::socket(domain, type | SOCK_CLOEXEC, protocol);
  if (fd < 0) return fd;
  watch(fd);
  const std::lock_guard lock(mutex_);
  sockets_[fd] = std::this_thread::get_id();
  return fd;
}

int ReorderGuard::close_socket(int fd) {
  {
    const std::lock_guard lock(mutex_);
    sockets_.erase(fd);
  }
  return ::close(fd);
}

void ReorderGuard::refused() {
  if (!armed_) return;
  closed_ = true;
  cut();
}

void ReorderGuard::line(int severity, std::string_view facility, std::string_view text) {
  constexpr int debug = 7;
  // rd_kafka_handle_Produce_error(), also for a batch that it is about to send again.
  if (facility == "MSGSET" && text.find("encountered error") != std::string_view::npos && armed_) cut();
  // rd_kafka_broker_op_serve(), PARTITION_LEAVE
  if (facility == "TOPBRK" && text.find("leaving broker") != std::string_view::npos && armed_) cut_all();
  if (severity >= debug && !debug_) return;
  const std::lock_guard lock(mutex_);
  if (log_) log_(severity, std::string(text));
}

void ReorderGuard::mute() {
  const std::lock_guard lock(mutex_);
  log_ = nullptr;
}

// Of the broker in whose thread this is.
void ReorderGuard::cut() {
  const std::lock_guard lock(mutex_);
  for (const auto& [fd, thread] : sockets_)
    if (thread == std::this_thread::get_id()) ::shutdown(fd, SHUT_RDWR);
}

// If the broker in whose thread this is has a connection, and so may owe an answer.
void ReorderGuard::cut_all() {
  const std::lock_guard lock(mutex_);
  const bool connected = std::any_of(sockets_.begin(), sockets_.end(), [](const auto& socket) {
    return socket.second == std::this_thread::get_id();
  });
  if (!connected) return;
  connects_at_ = std::chrono::steady_clock::now() + taken_back;
  for (const auto& [fd, thread] : sockets_) ::shutdown(fd, SHUT_RDWR);
}

}  // namespace weather::bridge
