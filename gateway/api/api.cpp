#include "gateway/api/api.hpp"

#include <algorithm>
#include <atomic>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "gateway/api/metrics.hpp"
#include "gateway/app/line_reading.hpp"
#include "gateway/app/progress_watch.hpp"
#include "gateway/status/reading_members.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {

namespace asio = boost::asio;

namespace {

std::string tail_line(const sensors::Reading& reading, const std::string& log_id, log::Sequence sequence) {
  sensors::JsonMembers members;
  members.add("id", std::string_view(log_id + "-" + std::to_string(sequence)));
  add_reading(members, reading);
  return sensors::printable_json(members.take()) + "\n";
}

std::string error_json(std::string_view why) {
  sensors::JsonMembers members;
  members.add("error", why);
  return members.take();
}

}  // namespace

struct Api::Impl : std::enable_shared_from_this<Api::Impl> {
  struct TailReader {
    std::string sensor;  // empty: all
    std::weak_ptr<HttpStream> stream;
  };

  struct WaitingSender {
    sensors::Ticket ticket = 0;
    std::string body;
    unsigned status = 200;
    Respond respond;
  };

  Impl(asio::io_context& context, App& owner) : io(context), app(owner) {}

  // ---- tail
  void watch_tail(const HttpRequest& request, const Respond& respond) {
    HttpResponse response;
    response.content_type = "application/x-ndjson";
    response.stream = std::make_shared<HttpStream>();
    const auto sensor = request.query.find("sensor");
    tails.push_back({sensor == request.query.end() ? "" : sensor->second, response.stream});
    respond(std::move(response));
    if (tails.size() != 1) return;
    // Called on whatever thread stores: rendered there, pushed here.
    app.sensors().set_tail([weak = weak_from_this(), &io = io, id = app.log().id()](
                               const sensors::Reading& reading, log::Sequence sequence) {
      asio::post(io, [weak, key = reading.sensor_id(), line = tail_line(reading, id, sequence)] {
        if (const auto self = weak.lock()) self->push_tail(key, line);
      });
    });
  }

  void push_tail(const std::string& key, const std::string& line) {
    std::erase_if(tails, [&](const TailReader& reader) {
      const bool wanted = reader.sensor.empty() || reader.sensor == key;
      return reader.stream.expired() || (wanted && !push_to(reader.stream, line));
    });
    if (tails.empty()) app.sensors().set_tail({});
  }

  // ---- readings sent by command: answered once durable
  void take_readings(const HttpRequest& request, const Respond& respond) {
    std::uint64_t lines = 0, undecodable = 0;
    sensors::Ticket last = 0;
    auto table = request.query;
    const auto format = table.extract("format");
    const auto reading = line_reading(app.config(), format.empty() ? "json" : format.mapped(), table);
    if (!reading) return respond(json_response(error_json(reading.error()), 400));
    std::string_view rest = request.body;
    std::size_t heading = 0;  // bytes
    for (std::size_t i = 0; i < reading->heading_lines; ++i)
      heading = std::min(rest.find('\n', heading), rest.size() - 1) + 1;
    const auto head = rest.substr(0, heading);
    rest.remove_prefix(heading);
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const auto line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      sensors::Message message;
      message.source = "send";
      message.topic = "control";
      message.payload = line;
      message.heading = head;
      const auto decode = [&](const sensors::Message& m) {
        auto decoded = reading->decode(m);
        if (!decoded) ++undecodable;
        return decoded;
      };
      const auto ticket = app.ingest().accept(message, decode, sensors::Waits::yes);
      if (!ticket) return respond(json_response(error_json(ticket.error().message()), 503));
      ++lines;
      last = std::max(last, *ticket);
    }
    auto body = "{\"schema_version\":1,\"lines\":" + std::to_string(lines) +
                ",\"undecodable\":" + std::to_string(undecodable) + "}";
    senders.push_back({last, std::move(body), 200, respond});
    waiting = senders.size();
    answer_senders(app.ingest().durable());
  }

  void answer_senders(sensors::Ticket durable) {
    std::vector<WaitingSender> ready;
    std::erase_if(senders, [&](WaitingSender& sender) {
      if (sender.ticket > durable) return false;
      ready.push_back(std::move(sender));
      return true;
    });
    waiting = senders.size();
    for (auto& sender : ready) sender.respond(json_response(std::move(sender.body), sender.status));
  }

  asio::io_context& io;
  App& app;
  ProgressWatch watch{std::chrono::seconds(30)};
  std::vector<TailReader> tails;
  std::vector<WaitingSender> senders;
  std::atomic<std::size_t> waiting{0};  // of them: the log thread need not wake the loop for none
};

Api::Api(asio::io_context& io, App& app) : impl_(std::make_shared<Impl>(io, app)) {
  app.ingest().on_durable([weak = std::weak_ptr(impl_), &io](sensors::Ticket durable) {
    const auto self = weak.lock();
    if (!self || self->waiting == 0) return;
    asio::post(io, [self, durable] { self->answer_senders(durable); });
  });
}

Api::~Api() {
  impl_->app.sensors().set_tail({});
}

void Api::add_routes(Router& router) {
  const auto self = impl_;
  router.get("/healthz", [self](const HttpRequest&, const Respond& respond) {
    const bool healthy = self->watch.healthy(self->app.log().status(), std::chrono::steady_clock::now());
    respond(text_response(healthy ? 200 : 503, healthy ? "ok" : "the log does not move"));
  });
  router.get("/readyz", [self](const HttpRequest&, const Respond& respond) {
    const auto status = self->app.log().status();
    respond(text_response(status.writable ? 200 : 503,
                          status.writable ? "ready" : "not storing: " + status.reason));
  });
  router.get("/metrics", [self](const HttpRequest& request, const Respond& respond) {
    const auto format = metrics_format(request.accept);
    HttpResponse response;
    response.content_type = std::string(metrics_content_type(format));
    response.body = metrics(self->app.status(), self->app.sensors().snapshot(), format);
    respond(std::move(response));
  });
  router.get("/api/v1/status", [self](const HttpRequest&, const Respond& respond) {
    respond(json_response(to_json(self->app.status())));
  });
  router.get("/api/v1/sensors", [self](const HttpRequest&, const Respond& respond) {
    respond(json_response(sensors_json(self->app.sensors().snapshot(), self->app.status().now_ns)));
  });
  router.control("POST", "/api/v1/sensors/forget",
                 [self](const HttpRequest& request, const Respond& respond) {
                   const auto asked = request.query.find("id");
                   const auto id = asked == request.query.end() ? std::string() : asked->second;
                   self->app.history().forget(id);
                   self->app.sensor_store().forget(id, [respond, id](bool known, const std::string& error) {
                     if (!known)
                       return respond(text_response(404, "no sensor \"" + id + "\"; `sensors` lists them"));
                     if (!error.empty()) return respond(text_response(500, error));
                     sensors::JsonMembers members;
                     members.add("schema_version", std::int64_t{1});
                     members.add("forgotten", std::string_view(id));
                     respond(json_response(members.take()));
                   });
                 });
  router.control("GET", "/api/v1/status.txt", [self](const HttpRequest&, const Respond& respond) {
    auto response = text_response(200, "");
    response.body = to_text(self->app.status());
    respond(std::move(response));
  });
  router.control("GET", "/api/v1/tail", [self](const HttpRequest& request, const Respond& respond) {
    self->watch_tail(request, respond);
  });
  router.control("POST", "/api/v1/readings", [self](const HttpRequest& request, const Respond& respond) {
    self->take_readings(request, respond);
  });
  const auto command = [&](const std::string& name, auto act) {
    router.control("POST", "/api/v1/" + name,
                   [self, act](const HttpRequest& request, const Respond& respond) {
                     const auto route = route_of(self->app, request);
                     if (!route) return respond(text_response(404, route.error()));
                     act(self->app.forwarder(), *route);
                     respond(json_response(to_json(self->app.status())));
                   });
  };
  command("pause", [](bridge::Forwarder& forwarder, const std::string& route) { forwarder.pause(route); });
  command("resume", [](bridge::Forwarder& forwarder, const std::string& route) { forwarder.resume(route); });
  router.control("POST", "/api/v1/reload", [self](const HttpRequest&, const Respond& respond) {
    respond(json_response(to_json(self->app.request_reload())));
  });
  command("retry", [](bridge::Forwarder& forwarder, const std::string&) { forwarder.retry_now(); });
}

}  // namespace weather::gateway
