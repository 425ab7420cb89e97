#include "gateway/app/listener_source.hpp"

#include <stdexcept>
#include <utility>

#include "gateway/app/crowd_watch.hpp"
#include "gateway/app/minute_watch.hpp"
#include "gateway/config/check.hpp"
#include "gateway/ingest/redelivery_filter.hpp"
#include "gateway/ingest/stored_readings.hpp"
#include "gateway/output/say.hpp"
#include "sensors/listener/server.hpp"

namespace weather::gateway {
namespace {

namespace listener = sensors::listener;

HostPort address_of(const ListenerConfig& config) {
  auto listen = parse_host_port(config.listen);
  if (!listen) throw std::runtime_error(listen.error());
  if (listen->host == "localhost") listen->host = "127.0.0.1";
  return *listen;
}

listener::ListenerOptions options_of(const ListenerConfig& config, const std::string& name) {
  listener::ListenerOptions options;
  const auto listen = address_of(config);
  options.address = listen.host;
  options.port = listen.port;
  options.name = name;
  options.topics = config.topics;
  options.cert_file = config.cert_file;
  options.key_file = config.key_file;
  options.client_ca_file = config.client_ca_file;
  options.users_file = config.users_file;
  options.ids_of_user = config.ids == "user";
  options.say = [name](const std::string& text) { say(Level::warning, name + ": " + text); };
  options.limits.max_packet_bytes = static_cast<std::uint32_t>(config.max_packet_bytes);
  options.limits.receive_maximum = static_cast<std::uint16_t>(config.receive_maximum);
  options.max_messages_per_s = static_cast<std::uint32_t>(config.max_messages_per_s);
  return options;
}

// A publication that is durable but was not acknowledged when the gateway died comes again; the log knows it.
void restore(listener::Server& server, log::Log& log) {
  const auto read = for_each_stored_reading(log, server.restore_from(log.status().appended),
                                            [&](const v1::Reading& reading, const log::Entry& entry) {
                                              server.restore(reading.arrival(), entry.sequence);
                                            });
  if (!read)
    say(Level::error, "the newest records of the log cannot be read: " + read.error().message() +
                          "; a publication that a client sends again may be stored twice");
}

std::vector<SourceMeasure> measures_of(const listener::ListenerStatus& now) {
  const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
  std::vector<SourceMeasure> measures{
      {"weather_gateway_listener_connections", "Connections now.", false, count(now.connections)},
      {"weather_gateway_listener_sessions", "Sessions kept, with or without a connection.", false,
       count(now.sessions)},
      {"weather_gateway_listener_waiting_acknowledgements", "Publications taken and not yet acknowledged.",
       false, count(now.waiting_acknowledgements)},
      {"weather_gateway_listener_stalled_connections", "Connections that wait for the log.", false,
       count(now.stalled)},
      {"weather_gateway_listener_accepted_connections", "Connections accepted.", true,
       count(now.accepted_connections)},
      {"weather_gateway_listener_refused_connections", "Connections closed before they were let in.", true,
       count(now.refused_connections)},
      {"weather_gateway_listener_held_back", "Times a client was not read because it sent too fast.", true,
       count(now.held_back)},
      {"weather_gateway_listener_messages", "Publications that came in.", true, count(now.messages)},
      {"weather_gateway_listener_acknowledged", "Publications acknowledged, all of them durable.", true,
       count(now.acknowledged)},
      {"weather_gateway_listener_not_collected", "Publications to topics that no source collects.", true,
       count(now.not_collected)},
      {"weather_gateway_listener_not_authorized",
       "Publications and wills refused because their topic or sensor is not the user's.", true,
       count(now.not_authorized)},
      {"weather_gateway_listener_refused_logins", "Log-ins refused.", true, count(now.refused_logins)},
      {"weather_gateway_listener_held_identifiers", "QoS 2 identifiers whose PUBREL has not come.", false,
       count(now.identifiers_held)},
      {"weather_gateway_listener_given_up_identifiers",
       "QoS 2 identifiers given up because too many were held; a redelivery would be stored again.", true,
       count(now.identifiers_given_up)},
      {"weather_gateway_listener_refused_identifiers",
       "QoS 2 publications refused because their session holds too many identifiers.", true,
       count(now.identifiers_refused)},
      {"weather_gateway_listener_evicted_sessions",
       "Sleeping sessions without identifiers or will that gave way to others.", true, count(now.evicted)},
      {"weather_gateway_listener_evicted_sessions_with_state",
       "Sleeping sessions with identifiers or a will that gave way to others.", true,
       count(now.evicted_with_state)},
      {"weather_gateway_listener_went_away", "Clients that went without a goodbye and left a will.", true,
       count(now.went_away)},
  };
  const auto by_reason = [&](std::string_view name, std::string_view help, const auto& numbers) {
    measures.push_back({name, help, true});
    for (const auto& [reason, number] : numbers)
      measures.push_back({name, help, true, count(number), "reason", reason});
  };
  by_reason("weather_gateway_listener_ended_connections", "Connections that ended.", now.ended);
  by_reason("weather_gateway_listener_refused",
            "Publications the log refused for the moment; not acknowledged.", now.refused);
  return measures;
}

class Listener final : public Source {
 public:
  Listener(boost::asio::io_context& io, std::unique_ptr<listener::Server> server)
      : server_(std::move(server)), crowd_(io, [this, reported = listener::ListenerStatus{}]() mutable {
          const auto now = server_->status();
          return crowd_line(std::exchange(reported, now), now);
        }) {}

  void start() override {
    server_->start();
    const auto now = server_->status();
    crowd_.start();
    say(Level::info, now.name + ": listening for publishers on port " + std::to_string(now.port));
  }
  std::future<void> stop() override {
    crowd_.stop();
    server_->stop();
    return {};
  }
  bool read_files_again() override {
    const auto done = server_->reload();
    if (!done)
      say(Level::error, server_->status().name + ": " + done.error() + "; what was read before holds");
    return true;
  }
  SourceStatus status() const override {
    const auto now = server_->status();
    SourceStatus status;
    status.name = now.name;
    status.kind = "listener";
    status.up = now.listening;
    status.reason = now.listening ? "" : "not listening";
    status.measures = measures_of(now);
    return status;
  }

 private:
  std::unique_ptr<listener::Server> server_;
  MinuteWatch crowd_;
};

}  // namespace

std::unique_ptr<Source> make_listener(const ListenerConfig& config, const std::string& name,
                                      std::function<sensors::Decoder()> make_decoder,
                                      boost::asio::io_context& io, sensors::Sink& sink, log::Log& log,
                                      sensors::ExchangeKeeper& exchanges, sensors::MemoryBudget& memory,
                                      ConnectionPlaces places) {
  auto options = options_of(config, name);
  options.memory = &memory;
  options.max_connections = places.connections;
  options.max_connecting = places.connecting;
  if (places.connections < config.max_connections)
    say(Level::warning, options.name + ": " + std::to_string(places.connections) +
                            " connections at most, not max_connections: this process may open " +
                            std::to_string(descriptor_limit()) + " files (LimitNOFILE= of the unit)");
  options.fresh_decoder = make_decoder;
  auto server =
      listener::Server::make(io, std::move(options), sink, make_decoder(), payload_hash, &exchanges);
  if (!server) throw std::runtime_error(server.error());
  restore(**server, log);
  return std::make_unique<Listener>(io, std::move(*server));
}

}  // namespace weather::gateway
