// The live page: the page itself, its files, and what keeps it current.
//
//   GET /            the page, complete without JavaScript; ?find=, ?state=, ?page= of its sensors
//   GET /app.css, /app.js, /icon.svg, /icon.png, /manifest.webmanifest
//   GET /live        the same asked: server-sent events "view": everything now, then what
//                    changed, each second
//   GET /live.json   everything now, for browsers whose stream does not work
#pragma once

#include <memory>

#include "gateway/app/app.hpp"
#include "gateway/http/router.hpp"

namespace weather::gateway {

// On the io thread. One view a second is made for all viewers, none without one.
class Live {
 public:
  Live(boost::asio::io_context& io, App& app);
  ~Live();
  void add_routes(Router& router);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::gateway
