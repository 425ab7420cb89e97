// Readings pushed over HTTP from the local network: consoles of weather stations, scripts, SenML devices.
// Answered with 2xx only after they are durable.
//
// Plain HTTP, because most consoles speak nothing else: bind it to the network the stations are in. With a
// certificate it is HTTPS, for programs. /v1/readings takes a bearer token; without any configured it answers
// this machine only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sensors/sink.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::sensors {

class MemoryBudget;
class RelayDoor;

struct HttpLimits {
  std::size_t head_bytes = 8U << 10;                     // 431
  std::size_t headers = 64;                              // 431
  std::size_t body_bytes = 256U << 10;                   // 413
  std::chrono::milliseconds head{10'000}, body{30'000};  // 408
  std::chrono::milliseconds idle{60'000}, relay_idle{900'000};
  std::chrono::milliseconds durable{10'000};                  // 503 when the card takes longer
  std::size_t connections = 64, connections_per_address = 8;  // closed at once
  double requests_per_s = 10, burst = 50;                     // 429, for each token or else address
  double relay_requests_per_s = 100, relay_burst = 200;       // ... of gateways that relay
};

struct HttpToken {
  std::string digest;                         // SHA-256 in hexadecimal
  std::string user = {};                      // who has it; empty: unknown
  std::vector<std::string> id_prefixes = {};  // of the user's sensors; none: as access/id_rule.hpp says
};

struct HttpOptions {
  std::string name = "http";
  std::string address = "127.0.0.1";
  std::uint16_t port = 8681;                  // 0: any free one
  std::string cert_file = {}, key_file = {};  // both: HTTPS, TLS 1.2 and newer; none: plain
  std::string client_ca_file = {};            // a certificate that it answers for is as good as a token
  std::vector<HttpToken> tokens = {};         // of /v1/readings
  HttpLimits limits = {};
  bool ids_of_user = false;             // a reading must be of one of its token's user's sensors
  std::vector<std::string> hosts = {};  // public names of this machine (access/browser.hpp)
  // Called for refused requests with one line, what was missing; of one address and fault once a minute.
  std::function<void(const std::string&)> say = {};
  RelayDoor* relay = nullptr;      // takes what other gateways relay; null: 404
  MemoryBudget* memory = nullptr;  // for requests on their way in: 503 where it has no room; none: unlimited
};

struct HttpStatus {
  std::size_t connections = 0;  // now
  std::uint64_t accepted_connections = 0, refused_connections = 0;
  std::map<unsigned, std::uint64_t> answers;  // by status code
  std::uint64_t not_authorized = 0;           // requests with a reading of another's sensor
};

// All functions on the io thread. io must outlive the sink, whose log thread posts to it.
class HttpSource {
 public:
  // Binds at once: throws std::system_error if the address cannot be had or a file cannot be used.
  HttpSource(boost::asio::io_context& io, HttpOptions options, Sink& sink);
  ~HttpSource();  // stops
  HttpSource(const HttpSource&) = delete;
  HttpSource& operator=(const HttpSource&) = delete;

  void start();
  void stop();  // closes all connections; what is not answered yet is not acknowledged
  std::uint16_t port() const;
  const HttpStatus& status() const;

 private:
  std::shared_ptr<class HttpServer> server_;
};

}  // namespace weather::sensors
