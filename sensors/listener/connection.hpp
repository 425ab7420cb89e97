// One client's socket and session: moves bytes between them. Io thread only.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sensors/listener/hub.hpp"
#include "sensors/listener/receive_buffer.hpp"
#include "sensors/listener/session.hpp"
#include "sensors/listener/transport.hpp"

namespace weather::sensors::listener {

class MqttConnection final : public TransportUser,
                             public Outside,
                             public std::enable_shared_from_this<MqttConnection> {
 public:
  // cost_bytes: what it takes of memory by itself, its transport included.
  MqttConnection(Hub& hub, std::unique_ptr<Transport> transport, std::string address);

  // Takes a place and what it costs by itself. False: there is none; it is closed.
  bool admit(std::size_t cost_bytes);
  bool reserve(std::size_t cost_bytes) { return memory_.resize(cost_bytes); }

  void start();
  void on_durable();  // as far as the hub says
  void on_retry();
  void on_time(TimePoint now);
  void end(Reason reason, const char* text);
  void close();  // at once, without a word
  // Others need its place or its memory more.
  void give_way(const char* why);

  bool closed() const { return closed_; }
  bool connected() const { return session_.connected(); }
  std::size_t unacknowledged() const { return session_.unacknowledged(); }

  void on_ready(bool ok, const std::string& certificate_name) override;
  void on_read(bool ok, std::size_t count) override;
  void on_written(bool ok) override;

  tl::expected<Ticket, std::error_code> store(const Publication& publication) override;
  ExchangeKeeper::Step released(std::string_view client_id, std::uint16_t packet_id,
                                std::uint64_t record) override {
    return hub_.released(client_id, packet_id, record);
  }
  void not_authorized(std::string_view user, std::string_view topic) override {
    hub_.foreign_topic(user, topic);
  }
  void refused_to_hold() override { ++hub_.status().identifiers_refused; }
  bool collects(std::string_view topic) override { return hub_.collects(topic); }
  std::optional<Login> login(const Credentials& credentials) override;
  bool enter(const std::string& share) override;
  std::string_view address() const override { return address_; }
  std::string random_client_id() override;
  void taken_over() override;
  std::uint64_t payload_hash(std::string_view payload) override { return hub_.payload_hash(payload); }

 private:
  void process();
  void read();
  bool make_room();
  void settle();
  void flush();
  void finish_if_ended();
  void count_end();

  Hub& hub_;
  std::unique_ptr<Transport> transport_;
  Session session_;
  Reservation memory_;
  const std::string address_;
  std::string certificate_name_;
  ReceiveBuffer buffer_;
  Hub::Standing standing_;
  TimePoint write_since_{};
  bool ready_ = false, reading_ = false, write_open_ = false, finished_ = false, closed_ = false;
  bool listed_waiting_ = false, listed_stalled_ = false, published_ = false;
  std::optional<TimePoint> linger_until_;
  std::uint32_t allowance_ = 0;  // publications left in this second
  TimePoint allowance_since_;
};

}  // namespace weather::sensors::listener
