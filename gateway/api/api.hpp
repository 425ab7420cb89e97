// What the gateway answers over HTTP, on loopback and on the control socket. Lives on the io thread.
//
//   GET  /healthz          200 while the loop turns and the log moves
//   GET  /readyz           200 while readings can be stored (Kafka down is still ready)
//   GET  /metrics          Prometheus text or OpenMetrics
//   GET  /api/v1/status    one JSON object
//   GET  /api/v1/sensors   one JSON object
// On the control socket only:
//   GET  /api/v1/tail[?sensor=X]                  one JSON object a line, as readings come in
//   GET  /api/v1/status.txt                       for a terminal
//   POST /api/v1/pause|resume|retry[?route=X]
//   POST /api/v1/reload                           reads the configuration again, as SIGHUP does
//   GET  /api/v1/dead-letters[?id=N]              the list, or one with its payload
//   POST /api/v1/dead-letters/retry|drop?id=N
//   POST /api/v1/replay?from=X[&to=Y][&route=R][&topic=T]   answered when all of it is delivered
//   POST /api/v1/readings                         one JSON event a line; answered once durable
#pragma once

#include <memory>
#include <vector>

#include "gateway/app/app.hpp"
#include "gateway/config/values.hpp"
#include "gateway/http/router.hpp"

namespace weather::gateway {

class Api {
 public:
  Api(boost::asio::io_context& io, App& app);
  ~Api();
  void add_routes(Router& router);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// GET and POST of /api/v1/dead-letters.
void add_dead_letter_routes(Router& router, App& app);

// POST /api/v1/replay.
void add_replay_route(Router& router, App& app);
// ?route=, empty if none is named; the error names the nearest one there is.
Parsed<std::string> route_of(const App& app, const HttpRequest& request);

// Pure: for /api/v1/sensors and the page.
std::string sensors_json(const std::vector<SensorStatus>& sensors, std::int64_t now_ns);

}  // namespace weather::gateway
