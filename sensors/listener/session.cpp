#include "sensors/listener/session.hpp"

#include <algorithm>
#include <utility>

#include "sensors/listener/encode.hpp"
#include "sensors/listener/wire.hpp"

namespace weather::sensors::listener {
namespace {

// What the answer to a packet takes at most: reasons of filters (at least three bytes each), else last words
// or a CONNACK.
std::size_t answer_bytes(const Frame& frame, std::size_t other) {
  const bool filters = frame.type == Type::subscribe || frame.type == Type::unsubscribe;
  return filters ? 16 + frame.size / 3 : other;
}

}  // namespace

Session::Session(const Limits& limits, Clients& clients, Outside& outside, TimePoint now)
    : limits_(limits),
      clients_(clients),
      outside_(outside),
      output_(clients.memory(), limits.max_output_bytes),
      acks_memory_(clients.memory(), Holder::outputs),
      aliases_memory_(clients.memory(), Holder::sessions),
      last_packet_(now) {}

void Session::last_words(Reason reason, std::string_view text) {
  if (state_ != State::connected || version_ != Version::v5 || !output_.room_for(last_words_bytes)) return;
  answer([&](std::string& out) { put_disconnect(out, reason, text, max_reply_bytes_); });
}

std::size_t Session::on_bytes(std::string_view bytes, TimePoint now) {
  std::size_t taken = 0;
  output_full_ = output_full_ && !output_.empty();
  while (!waiting()) {
    const auto frame = next_frame(bytes.substr(taken), limits_.max_packet_bytes);
    if (!frame) {
      fail(frame.error());
      break;
    }
    if (frame->size == 0) break;
    if (!output_.room_for(answer_bytes(*frame, last_words_bytes))) {
      output_full_ = true;
      if (output_.empty()) fail({Reason::quota_exceeded, "the answer would be larger than memory allows"});
      break;
    }
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
      return answer(put_pingresp) || fail(too_small);
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
    put_unsupported_version(output_.text(), *level);
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
  // Whatever it says of the session, it has this size: a client that could not read it changes nothing.
  auto connack = connack_for(connect);
  if (assigned) connack.assigned_client_id = client_id_;
  const auto before = output_.text().size();
  if (!answer([&](std::string& out) { put_connack(out, version_, connack, max_reply_bytes_); }))
    return refuse(version_, Reason::packet_too_large, too_small.text);
  output_.text().resize(before);
  const auto share = share_of(login_.user, outside_.address());
  // One that replaces a connection takes its place.
  const bool replaces = clients_.connected(client_id_);
  if (!replaces && !outside_.enter(share))
    return refuse(version_, Reason::server_busy, "CONNECT: this user or address has its share of places");
  Clients::Wanted wanted{client_id_, login_.user, outside_.address(), connect.clean_start};
  if (connect.will)
    wanted.will = StoredWill{std::string(connect.will->topic), std::string(connect.will->payload),
                             connect.will->delay_s, login_.ids};
  const auto opened = clients_.open(std::move(wanted), *this, now);
  if (!opened) {
    return refuse(version_, opened.error(),
                  opened.error() == Reason::client_id_not_valid
                      ? "CONNECT: the client identifier is another user's"
                      : "CONNECT: there are too many sessions, or too large wills");
  }
  client_ = opened->client;
  client_->expiry_s = std::min(connect.session_expiry_s, limits_.max_session_expiry_s);
  asked_expiry_s_ = connect.session_expiry_s;
  if (replaces && !outside_.enter(share))
    return refuse(version_, Reason::server_busy, "CONNECT: this user or address has its share of places");
  state_ = State::connected;
  connack.session_present = opened->session_present;
  answer([&](std::string& out) { put_connack(out, version_, connack, max_reply_bytes_); });
  aliases_.assign(version_ == Version::v5 ? limits_.topic_alias_maximum : 0, {});
  accepted_ = true;
  return true;
}

Connack Session::connack_for(const Connect& connect) {
  Connack connack;
  connack.receive_maximum = limits_.receive_maximum;
  connack.topic_alias_maximum = limits_.topic_alias_maximum;
  connack.maximum_packet_bytes = limits_.max_packet_bytes;
  if (connect.session_expiry_s > limits_.max_session_expiry_s)
    connack.session_expiry_s = limits_.max_session_expiry_s;
  std::uint16_t keep_alive_s = connect.keep_alive_s;
  const std::uint16_t most = limits_.max_keep_alive_s;
  if (version_ == Version::v5 && most != 0 && (keep_alive_s == 0 || keep_alive_s > most)) {
    keep_alive_s = most;
    connack.server_keep_alive_s = most;
  }
  keep_alive_ = std::chrono::milliseconds(1500) * keep_alive_s;
  return connack;
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
    answer([&](std::string& out) { put_connack(out, version, connack, max_reply_bytes_); });
  }
  return fail({reason, text});
}

// We send no PUBLISH, so there is nothing to acknowledge. A PUBREC still gets its PUBREL, so that a client
// that carries state of another server over comes to an end.
bool Session::on_client_ack(const Frame& frame) {
  const auto ack = decode_ack(frame, version_);
  if (!ack) return fail(ack.error());
  if (frame.type != Type::pubrec) return true;
  return answer([&](std::string& out) {
           put_ack(out, version_, Type::pubrel, ack->packet_id, Reason::packet_identifier_not_found);
         }) ||
         fail(too_small);
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
  return answer([&](std::string& out) {
           (subscribe ? put_suback : put_unsuback)(out, version_, wanted->packet_id, reasons);
         }) ||
         fail(too_small);
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
  last_words(error.reason, error.text);
  why_ = error.text;
  leave(true, last_packet_);
  return true;
}

void Session::leave(bool announce, TimePoint now) {
  state_ = State::ended;
  acks_.clear();
  if (acks_.shrink()) acks_memory_.release();
  aliases_.clear();
  aliases_memory_.release();
  if (client_ != nullptr) clients_.leave(*std::exchange(client_, nullptr), announce, now);
}

void Session::end(Reason reason, const char* text, TimePoint now) {
  if (ended()) return;
  last_words(reason, text);
  why_ = text;
  leave(reason != Reason::server_shutting_down, now);
}

void Session::taken_over() {
  client_ = nullptr;
  end(Reason::session_taken_over, "another connection took the client identifier over", last_packet_);
  outside_.taken_over();
}

void Session::give_way(const char* why) {
  end(Reason::quota_exceeded, why, last_packet_);
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
  if (acks_.shrink()) acks_memory_.release();
  output_.shrink();
  if (ended() || now < deadline()) return;
  if (state_ == State::fresh) {
    end(Reason::keep_alive_timeout, "no CONNECT in the time allowed", now);
  } else {
    end(Reason::keep_alive_timeout, "nothing came for one and a half keep-alive times", now);
  }
}

}  // namespace weather::sensors::listener
