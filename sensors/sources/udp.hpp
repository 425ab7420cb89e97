// Datagrams of the local network: what weather stations broadcast, and lines that loggers send by UDP.
//
// There are no acknowledgements, so what is lost on the way is lost; what the kernel had no room for is
// counted. While the sink refuses, the datagram in hand waits and nothing more is read: the kernel keeps what
// comes meanwhile. All functions on the io thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <tl/expected.hpp>

#include "sensors/sink.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::sensors {

// Addresses from which something is taken. Pure.
class AddressList {
 public:
  // "192.168.1.7", "192.168.1.0/24", "fd00::/8". The error is a sentence.
  static tl::expected<AddressList, std::string> parse(const std::vector<std::string>& written);
  static AddressList of(const boost::asio::ip::address& address);
  // An empty list has all. An IPv4 address that IPv6 carries counts as itself.
  bool has(const boost::asio::ip::address& address) const;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

struct UdpOptions {
  std::string name;     // of the source
  std::string address;  // numeric
  std::uint16_t port = 0;
  bool lines = false;  // each line of a datagram is a message
  AddressList from = {};
  std::size_t buffer_bytes = 1U << 20U;  // of the kernel
  bool shared = false;  // others of this machine may take what is broadcast to this port as well
};

struct UdpStatus {
  std::uint64_t datagrams = 0;  // taken; the messages in them are the source's counters
  std::uint64_t foreign = 0;    // from elsewhere than `from`: thrown away
  std::uint64_t overflown = 0;  // thrown away by the kernel, whose buffer was full
  std::uint64_t waited = 0;     // times the sink refused
};

class UdpSource {
 public:
  // Binds the port; throws boost::system::system_error.
  UdpSource(boost::asio::io_context& io, UdpOptions options, Decoder decode, Sink& sink);
  ~UdpSource();
  UdpSource(const UdpSource&) = delete;
  UdpSource& operator=(const UdpSource&) = delete;

  void start();
  void stop();  // nothing is read any more; the datagram in hand is stored or was never taken
  std::uint16_t port() const;
  UdpStatus status() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::sensors
