// One route: its position in the log, and one or two streams over it (stream.hpp). What a person asks of it,
// and what it tells.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "bridge/core/budget.hpp"
#include "bridge/core/position.hpp"
#include "bridge/route/out_of_band_producer.hpp"
#include "bridge/route/stream.hpp"

namespace weather::bridge {

class Route final : public StreamOwner {
 public:
  Route(const RouteContext& context, const RouteOptions& options);  // throws as Forwarder does
  ~Route() override;

  void start();
  void stop(std::chrono::milliseconds flush, std::function<void()> done);
  void pause();
  void resume();
  void retry_now();
  void pump();  // there may be more to send
  void set_clock(std::shared_ptr<const ClockTable> clock);
  enum class OutOfBand : std::uint8_t {
    sent,
    later,       // the client is full
    nothing,     // this record cannot be sent: see why
    impossible,  // none can, now
  };
  // Sends one record out of band. done gets rd_kafka_resp_err_t, if it was sent.
  OutOfBand send_out_of_band(const log::Entry& entry, const Sending& sending, std::function<void(int)> done,
                             std::string& why);
  void replay(log::Sequence first, log::Sequence end, std::string topic,
              std::function<void(std::uint64_t, std::string)> done);
  RouteStatus status();
  bool is_relay() const { return options_.relay.has_value(); }
  const std::string& name() const { return options_.name; }

 private:
  Position& position() override { return position_; }
  Budget& budget() override { return budget_; }
  void at_delivered_range() override;
  void reports_came() override;
  void retired() override;
  void stopped(Part part) override;
  int produce_out_of_band(const KafkaRecord& record, std::function<void(int)> done,
                          std::string& why) override;
  void drop_out_of_band() override { out_of_band_.reset(); }

  void on_both(const core::Event& event);
  // Times of the week in which nothing is sent.
  void look_at_hold();
  void watch_certificates();
  void one_ended();
  // order = "live_first" (route_live.cpp).
  void share_window();
  void open_live();
  void close_live();
  void add_live(RouteStatus& status);
  // route_aside.cpp
  struct Replay;
  OutOfBand replay_one(const std::shared_ptr<Replay>& replay, const log::Entry& entry, std::string& why);
  void go_on_with_replay();
  void go_on_with_replay_later();
  void end_replay(std::string why);

  const RouteContext context_;
  const RouteOptions options_;
  Position position_;
  Budget budget_;
  std::unique_ptr<Stream> backlog_;  // always there
  std::unique_ptr<Stream> live_;     // while a backlog drains
  enum class Live : std::uint8_t { none, open, closing } live_state_ = Live::none;
  std::unique_ptr<OutOfBandProducer> out_of_band_;  // made when it is needed
  std::shared_ptr<Replay> replay_;
  std::shared_ptr<const ClockTable> clock_;
  std::unique_ptr<FileChanges> certificates_;
  Alarm hold_timer_, watch_timer_;
  Link::Time looked_at_live_{}, looked_at_hold_{};
  std::string hold_until_;
  // Of live streams that are gone.
  std::uint64_t past_bytes_ = 0, past_restarts_ = 0, past_resent_ = 0;
  RouteMeters past_meters_;
  int ending_ = 0;  // how many ends stop() waits for
  std::function<void()> stopped_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weather::bridge
