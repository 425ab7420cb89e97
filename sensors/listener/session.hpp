// One MQTT connection as a state machine. Pure: bytes, verdicts, durable tickets and times come in; bytes to
// write, and calls of Outside, go out. No socket, no clock, no thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/listener/ack_queue.hpp"
#include "sensors/listener/clients.hpp"
#include "sensors/listener/decode.hpp"
#include "sensors/listener/limits.hpp"
#include "sensors/listener/output.hpp"
#include "sensors/listener/outside.hpp"

namespace weather::sensors::listener {

class Session final : public Connection {
 public:
  Session(const Limits& limits, Clients& clients, Outside& outside, TimePoint now);

  // Takes whole packets off the front and returns how many bytes it took. Takes nothing while waiting().
  std::size_t on_bytes(std::string_view bytes, TimePoint now);
  // The verdict that Outside::login left open. Give the untaken bytes to on_bytes again.
  void on_login(Login login, TimePoint now);
  // Everything up to this ticket is durable: the acknowledgements that waited for it go to output().
  void on_durable(Ticket durable);
  void on_kept(ExchangeKeeper::Step kept);  // the same for steps of QoS 2 exchanges
  // The sink refused a publication some time ago (stalled()): try again, with on_bytes.
  void on_retry(TimePoint now);
  // Keep-alive and the time allowed for CONNECT. Call at deadline() or more often.
  void on_time(TimePoint now);
  TimePoint deadline() const;
  // The network connection is gone without a DISCONNECT: the will is due.
  void on_network_lost(TimePoint now);
  // The server ends the connection, by its own wish (shutting down, limits).
  void end(Reason reason, const char* text, TimePoint now);

  void taken_over() override;
  void give_way(const char* why) override;

  // Bytes to write; the caller takes them.
  std::string& output() { return output_.text(); }
  Output& outgoing() { return output_; }
  // Something waits for output() to be written: take that, then call on_durable and on_bytes again.
  bool held_up() const { return output_full_ || (!acks_.empty() && due(acks_.front())); }
  // Write output() and close: nothing more will come.
  bool ended() const { return state_ == State::ended; }
  // Not reading is how back-pressure works: a full window, an open login, a sink that refuses, or answers
  // that the client does not read.
  bool waiting() const {
    return login_open_ || stalled_ || window_full_ || (output_full_ && !output_.empty()) || ended();
  }
  bool stalled() const { return stalled_; }
  bool connected() const { return state_ == State::connected; }
  bool accepted() const { return accepted_; }  // CONNECT was, whatever came after
  std::size_t unacknowledged() const { return acks_.size(); }
  // Why it ended, for the log and the counters; empty while it has not or after a proper DISCONNECT.
  std::string_view why() const { return why_; }
  const std::string& client_id() const { return client_id_; }
  const std::string& user() const { return login_.user; }

 private:
  enum class State : std::uint8_t { fresh, connected, ended };
  static constexpr std::size_t last_words_bytes = 320;  // a DISCONNECT or CONNACK with its text
  static constexpr ProtocolError too_small{Reason::packet_too_large,
                                           "the client's Maximum Packet Size leaves no room for an answer"};

  // Each handler returns whether the packet was taken.
  bool on_frame(const Frame& frame, TimePoint now);
  bool on_connect(const Frame& frame, TimePoint now);
  bool on_publish(const Frame& frame);
  bool on_pubrel(const Frame& frame);
  bool on_client_ack(const Frame& frame);
  bool on_filters(const Frame& frame);
  bool on_disconnect(const Frame& frame, TimePoint now);

  bool accept(const Connect& connect, TimePoint now);
  Connack connack_for(const Connect& connect);
  template <class Put>
  bool answer(Put put);
  void last_words(Reason reason, std::string_view text);
  bool room_for_ack(std::size_t most);
  bool refuse(Version version, Reason reason, const char* text);
  bool fail(const ProtocolError& error);
  bool resolve_alias(Publish& publish);
  bool repeated(const Publish& publish);
  bool store(const Publish& publish);
  void owe(const PendingAck& ack);
  bool due(const PendingAck& ack) const { return ack.ticket <= durable_ && ack.step <= kept_; }
  void let_out();
  bool allowed(std::string_view topic) const;
  bool turn_down(const Publish& publish);
  void leave(bool announce, TimePoint now);

  const Limits& limits_;
  Clients& clients_;
  Outside& outside_;

  State state_ = State::fresh;
  Version version_ = Version::v3_1_1;
  std::string client_id_;
  Output output_;
  Login login_;
  bool login_known_ = false, login_open_ = false, stalled_ = false, window_full_ = false;
  bool output_full_ = false, accepted_ = false;
  Client* client_ = nullptr;
  AckQueue acks_;
  Reservation acks_memory_, aliases_memory_;
  Ticket durable_ = 0;
  ExchangeKeeper::Step kept_ = 0;
  std::size_t in_flight_ = 0;  // against Receive Maximum: PUBACK or PUBCOMP not yet sent
  std::vector<std::string> aliases_;
  std::uint32_t max_reply_bytes_ = 0;
  std::uint32_t asked_expiry_s_ = 0;
  std::chrono::milliseconds keep_alive_{0};
  TimePoint last_packet_;
  std::string_view why_;
};

// The one way of a packet to the client: nothing larger than its Maximum Packet Size [MQTT-3.1.2-24]. False:
// it would have been, and nothing is sent.
template <class Put>
bool Session::answer(Put put) {
  std::string& out = output_.text();
  const std::size_t before = out.size();
  put(out);
  if (max_reply_bytes_ == 0 || out.size() - before <= max_reply_bytes_) return true;
  out.resize(before);
  return false;
}

}  // namespace weather::sensors::listener
