#include "bridge/kafka/connections.hpp"

#include <cerrno>
#include <chrono>
#include <stdexcept>

#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/kafka/proxied.hpp"
#include "bridge/proxy/wait.hpp"

namespace weather::bridge {
namespace {

const proxy::Tunnels& tunnels_of(void* opaque) {
  return *static_cast<Connections*>(opaque)->tunnels;
}

// As getaddrinfo; without a node it is freeaddrinfo.
int resolve(const char* node, const char* service, const addrinfo* hints, addrinfo** found, void* opaque) {
  if (node == nullptr) {
    ::freeaddrinfo(*found);
    return 0;
  }
  const auto target = proxy::Target::parse(std::string(node) + ":" + service);
  if (!target || !tunnels_of(opaque).settings().carries(target->host, target->port))
    return ::getaddrinfo(node, service, hints, found);
  addrinfo nowhere = *hints;
  nowhere.ai_flags = AI_NUMERICHOST;
  if (nowhere.ai_family != AF_INET6) nowhere.ai_family = AF_INET;
  return ::getaddrinfo(nowhere.ai_family == AF_INET6 ? "::" : "0.0.0.0", service, &nowhere, found);
}

// 0: connected, or connecting. `broker` is HOST:PORT.
int connect(int fd, const sockaddr* address, int size, const char* broker, void* opaque) {
  auto& tunnels = *static_cast<Connections*>(opaque)->tunnels;
  const auto target = proxy::Target::parse(broker);
  if (!target || !tunnels.settings().carries(target->host, target->port))
    return ::connect(fd, address, static_cast<socklen_t>(size)) == 0 || errno == EINPROGRESS ? 0 : errno;
  const auto end = tunnels.open(*target, proxy::Tunnels::Until::busy);
  if (!end) return ENOBUFS;
  const proxy::Descriptor ours(*end);
  return ::dup3(ours.get(), fd, O_CLOEXEC) == fd ? 0 : errno;
}

// What the library gives a connection, without the second in which it would end it first.
std::chrono::milliseconds patience(const Properties& properties) {
  constexpr std::int64_t given_ms = 30'000, less_ms = 1'000;
  const auto set_ms = number(properties, "socket.connection.setup.timeout.ms").value_or(given_ms);
  return std::chrono::milliseconds(std::max(set_ms - less_ms, less_ms));
}

}  // namespace

Connections::Connections(const Properties& properties) {
  auto settings = proxy_settings(properties);
  if (!settings) throw std::runtime_error("Kafka setting " + settings.error());
  if (!settings->proxy.host.empty())
    tunnels = std::make_unique<proxy::Tunnels>(std::move(*settings), patience(properties));
}

void Connections::install(rd_kafka_conf_t* conf) const {
  if (!tunnels) return;
  rd_kafka_conf_set_resolve_cb(conf, resolve);
  rd_kafka_conf_set_connect_cb(conf, connect);
}

std::string Connections::explained(const std::string& text) const {
  if (!tunnels) return text;
  auto trouble = tunnels->trouble_in(text);
  // A group's coordinator is not named, but where it cannot be is.
  for (const auto* nowhere : {"ipv4#0.0.0.0:", "ipv6#[::]:"})
    if (trouble.empty() && text.find(nowhere) != std::string::npos) trouble = tunnels->latest_trouble();
  return with_trouble(text, trouble);
}

std::string Connections::trouble() const {
  return tunnels ? tunnels->latest_trouble() : std::string();
}

}  // namespace weather::bridge
