#include "sensors/listener/session.hpp"

#include <algorithm>
#include <utility>

#include "sensors/listener/encode.hpp"
#include "sensors/listener/wire.hpp"

namespace weather::sensors::listener {

Session::Session(const Limits& limits, Clients& clients, Outside& outside, TimePoint now)
    : limits_(limits), clients_(clients), outside_(outside), last_packet_(now) {}

std::size_t Session::on_bytes(std::string_view bytes, TimePoint now) {
  std::size_t taken = 0;
  while (!waiting()) {
    const auto frame = next_frame(bytes.substr(taken), limits_.max_packet_bytes);
    if (!frame) {
      fail(frame.error());
      break;
    }
    if (frame->size == 0) break;
    last_packet_ = now;
    if (!on_frame(*frame, now)) break;
    taken += frame->size;
  }
  return ended() ? bytes.size() : taken;
}

bool Session::on_frame(const Frame& frame, TimePoint now) {
  if (frame.type == Type::publish && state_ == State::connected) return on_publish(frame);
  if (frame.type == Type::connect) return on_connect(frame, now);
  if (state_ == State::fresh) return fail({Reason::protocol_error, "the first packet is not CONNECT"});
  switch (frame.type) {
    case Type::pubrel:
      return on_pubrel(frame);
    case Type::puback:
    case Type::pubrec:
    case Type::pubcomp:
      return on_client_ack(frame);
    case Type::subscribe:
    case Type::unsubscribe:
      return on_filters(frame);
    case Type::pingreq:
      if (!frame.body.empty()) return fail({Reason::malformed_packet, "PINGREQ with a body"});
      put_pingresp(output_);
      return true;
    case Type::disconnect:
      return on_disconnect(frame, now);
    case Type::auth:
      return fail({Reason::protocol_error, "AUTH without an authentication method"});
    default:
      return fail({Reason::protocol_error, "a packet that only a server may send"});
  }
}

bool Session::on_connect(const Frame& frame, TimePoint now) {
  if (state_ != State::fresh) return fail({Reason::protocol_error, "a second CONNECT"});
  const auto level = protocol_level(frame);
  if (!level) return fail(level.error());
  if (*level != 4 && *level != 5) {
    put_unsupported_version(output_, *level);
    return fail({Reason::unsupported_version, "CONNECT: neither MQTT 3.1.1 nor MQTT 5"});
  }
  version_ = static_cast<Version>(*level);
  const auto connect = decode_connect(frame);
  if (!connect) return refuse(version_, connect.error().reason, connect.error().text);
  max_reply_bytes_ = connect->maximum_packet_bytes;
  if (connect->authentication_method) {
    return refuse(version_, Reason::bad_authentication_method, "CONNECT: no enhanced authentication here");
  }
  const bool needs_name = version_ == Version::v3_1_1 && !connect->clean_start;
  if (connect->client_id.size() > limits_.max_client_id_bytes || (connect->client_id.empty() && needs_name)) {
    return refuse(version_, Reason::client_id_not_valid,
                  "CONNECT: the client identifier is empty or too long");
  }
  if (!login_known_) {
    auto login = outside_.login({connect->client_id, connect->user_name, connect->password});
    if (!login) {
      login_open_ = true;
      return false;  // on_login comes, and this packet again
    }
    login_ = *std::move(login);
    login_known_ = true;
  }
  if (login_.reason != Reason::success) {
    return refuse(version_, login_.reason, "CONNECT: wrong user name, password or certificate");
  }
  return accept(*connect, now);
}

bool Session::accept(const Connect& connect, TimePoint now) {
  if (connect.will && !allowed(connect.will->topic)) {
    return refuse(version_, Reason::not_authorized, "CONNECT: the will is outside the user's topics");
  }
  const bool assigned = connect.client_id.empty();
  client_id_ = assigned ? outside_.random_client_id() : std::string(connect.client_id);
  const auto opened = clients_.open(client_id_, login_.user, connect.clean_start, *this, now);
  if (!opened)
    return refuse(version_, opened.error(), "CONNECT: the client identifier is another user's, or too many");
  client_ = opened->client;
  client_->expiry_s = std::min(connect.session_expiry_s, limits_.max_session_expiry_s);
  if (connect.will) {
    client_->will = StoredWill{std::string(connect.will->topic), std::string(connect.will->payload),
                               connect.will->delay_s};
  }
  asked_expiry_s_ = connect.session_expiry_s;

  Connack connack;
  connack.session_present = opened->session_present;
  connack.receive_maximum = limits_.receive_maximum;
  connack.topic_alias_maximum = limits_.topic_alias_maximum;
  connack.maximum_packet_bytes = limits_.max_packet_bytes;
  if (client_->expiry_s != connect.session_expiry_s) connack.session_expiry_s = client_->expiry_s;
  if (assigned) connack.assigned_client_id = client_id_;
  std::uint16_t keep_alive_s = connect.keep_alive_s;
  const std::uint16_t most = limits_.max_keep_alive_s;
  if (version_ == Version::v5 && most != 0 && (keep_alive_s == 0 || keep_alive_s > most)) {
    keep_alive_s = most;
    connack.server_keep_alive_s = most;
  }
  keep_alive_ = std::chrono::milliseconds(1500) * keep_alive_s;
  put_connack(output_, version_, connack, max_reply_bytes_);
  aliases_.assign(version_ == Version::v5 ? limits_.topic_alias_maximum : 0, {});
  state_ = State::connected;
  accepted_ = true;
  return true;
}

void Session::on_login(Login login, TimePoint now) {
  login_ = std::move(login);
  login_known_ = true;
  login_open_ = false;
  last_packet_ = now;
}

bool Session::refuse(Version version, Reason reason, const char* text) {
  // 3.1.1 has return codes for few reasons; for the others the connection closes without an answer.
  if (version == Version::v5 || connect_return_code(reason) != 0) {
    Connack connack;
    connack.reason = reason;
    connack.reason_string = text;
    put_connack(output_, version, connack, max_reply_bytes_);
  }
  return fail({reason, text});
}

// We send no PUBLISH, so there is nothing to acknowledge. A PUBREC still gets its PUBREL, so that a client
// that carries state of another server over comes to an end.
bool Session::on_client_ack(const Frame& frame) {
  const auto ack = decode_ack(frame, version_);
  if (!ack) return fail(ack.error());
  if (frame.type == Type::pubrec) {
    put_ack(output_, version_, Type::pubrel, ack->packet_id, Reason::packet_identifier_not_found);
  }
  return true;
}

// Nothing can be subscribed to here. Every filter gets a failure code and the connection goes on.
bool Session::on_filters(const Frame& frame) {
  const auto wanted = decode_filters(frame, version_);
  if (!wanted) return fail(wanted.error());
  const bool subscribe = frame.type == Type::subscribe;
  std::vector<Reason> reasons;
  reasons.reserve(wanted->filters.size());
  for (const std::string_view filter : wanted->filters) {
    const Reason refused = subscribe ? Reason::not_authorized : Reason::no_subscription_existed;
    reasons.push_back(valid_topic_filter(filter) ? refused : Reason::topic_filter_invalid);
  }
  if (subscribe) {
    put_suback(output_, version_, wanted->packet_id, reasons);
  } else {
    put_unsuback(output_, version_, wanted->packet_id, reasons);
  }
  return true;
}

bool Session::on_disconnect(const Frame& frame, TimePoint now) {
  const auto disconnect = decode_disconnect(frame, version_);
  if (!disconnect) return fail(disconnect.error());
  if (disconnect->session_expiry_s) {
    if (asked_expiry_s_ == 0 && *disconnect->session_expiry_s != 0) {
      return fail({Reason::protocol_error, "DISCONNECT: a session expiry after a CONNECT without one"});
    }
    client_->expiry_s = std::min(*disconnect->session_expiry_s, limits_.max_session_expiry_s);
  }
  leave(disconnect->reason != Reason::success, now);
  return true;
}

bool Session::fail(const ProtocolError& error) {
  if (ended()) return true;
  if (state_ == State::connected && version_ == Version::v5) {
    put_disconnect(output_, error.reason, error.text, max_reply_bytes_);
  }
  why_ = error.text;
  why_code_ = error.reason;
  leave(true, last_packet_);
  return true;
}

void Session::leave(bool announce, TimePoint now) {
  state_ = State::ended;
  acks_.clear();
  if (client_ != nullptr) clients_.leave(*std::exchange(client_, nullptr), announce, now);
}

void Session::end(Reason reason, const char* text, TimePoint now) {
  if (ended()) return;
  if (state_ == State::connected && version_ == Version::v5) {
    put_disconnect(output_, reason, text, max_reply_bytes_);
  }
  why_ = text;
  why_code_ = reason;
  leave(reason != Reason::server_shutting_down, now);
}

void Session::taken_over() {
  client_ = nullptr;
  end(Reason::session_taken_over, "another connection took the client identifier over", last_packet_);
  outside_.taken_over();
}

void Session::on_network_lost(TimePoint now) {
  if (ended()) return;
  why_ = "the client closed the connection without DISCONNECT";
  leave(true, now);
}

TimePoint Session::deadline() const {
  if (state_ == State::fresh) return last_packet_ + limits_.connect_timeout;
  if (ended() || keep_alive_.count() == 0 || stalled_ || window_full_) return TimePoint::max();
  return last_packet_ + keep_alive_;
}

void Session::on_time(TimePoint now) {
  if (ended() || now < deadline()) return;
  if (state_ == State::fresh) {
    end(Reason::keep_alive_timeout, "no CONNECT in the time allowed", now);
  } else {
    end(Reason::keep_alive_timeout, "nothing came for one and a half keep-alive times", now);
  }
}

}  // namespace weather::sensors::listener
