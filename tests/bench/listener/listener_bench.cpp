// The listener, ingest and the log without Kafka, to see what a message costs before it is forwarded:
//
//   listener-bench DIR PORT     then mqtt-load --port PORT; Ctrl+C prints the CPU time a message took
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <sys/resource.h>

#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "gateway/clock/system_stamper.hpp"
#include "gateway/ingest/ingest.hpp"
#include "gateway/ingest/redelivery_filter.hpp"
#include "sensors/decoders/json.hpp"
#include "sensors/listener/server.hpp"
#include "tests/bench/cpu_seconds.hpp"

int main(int argc, char** argv) {
  using namespace weather;
  if (argc != 3) return std::fprintf(stderr, "usage: listener-bench DIR PORT\n"), 64;
  log::Options options;
  options.dir = argv[1];
  auto log = log::Log::open(options, log::posix_files(), log::system_clock());
  if (!log) return std::fprintf(stderr, "%s\n", log.error().message().c_str()), 1;
  gateway::SystemStamper stamper;
  gateway::Ingest ingest(**log, stamper, {.gateway_id = "bench"}, nullptr);
  boost::asio::io_context io(1);
  auto server = sensors::listener::Server::make(io, {.port = static_cast<std::uint16_t>(std::atoi(argv[2]))},
                                                ingest, sensors::decode_json, gateway::payload_hash);
  if (!server) return std::fprintf(stderr, "%s\n", server.error().c_str()), 1;
  (*server)->start();
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  io.run();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double seconds = bench::cpu_seconds();
  const auto status = (*server)->status();
  const auto commits = (*log)->status().commits;
  std::printf("{\"messages\":%llu,\"cpu_s_per_million\":%.2f,\"commits\":%llu,\"max_rss_kib\":%ld}\n",
              static_cast<unsigned long long>(status.messages),
              seconds * 1e6 / static_cast<double>(status.messages > 0 ? status.messages : 1),
              static_cast<unsigned long long>(commits), used.ru_maxrss);
  server->reset();
  return 0;
}
