// The publications of a session: what is stored, what is owed for it, and when it may be said.
#include <algorithm>

#include "sensors/access/levels.hpp"
#include "sensors/listener/encode.hpp"
#include "sensors/listener/session.hpp"

namespace weather::sensors::listener {

bool Session::on_publish(const Frame& frame) {
  auto decoded = decode_publish(frame, version_);
  if (!decoded) return fail(decoded.error());
  Publish& publish = *decoded;
  if (!resolve_alias(publish)) return true;
  if (publish.topic.size() > limits_.max_topic_bytes) {
    return fail({Reason::topic_name_invalid, "PUBLISH: the topic is longer than this listener takes"});
  }
  if (publish.qos > 0 && !room_for_ack(limits_.receive_maximum)) return false;
  if (publish.qos == 2 && repeated(publish)) return true;
  if (version_ == Version::v5 && publish.qos > 0 && in_flight_ >= limits_.receive_maximum) {
    return fail(
        {Reason::receive_maximum_exceeded, "PUBLISH: more than Receive Maximum without acknowledgement"});
  }
  const Type answer = publish.qos == 2 ? Type::pubrec : Type::puback;
  const auto answer_at_once = [&](Reason reason) {
    if (publish.qos > 0) owe({.packet_id = publish.packet_id, .type = answer, .reason = reason});
  };
  if (!allowed(publish.topic)) {
    outside_.not_authorized(login_.user, publish.topic);
    return turn_down(publish);
  }
  if (publish.qos == 2) {
    switch (clients_.room_to_hold(*client_, version_ == Version::v5, last_packet_)) {
      case Clients::Room::yes:
        break;
      case Clients::Room::later:
        stalled_ = true;
        return false;
      case Clients::Room::no:
        outside_.refused_to_hold();
        answer_at_once(Reason::quota_exceeded);
        return true;
    }
  }
  if (!outside_.collects(publish.topic)) {
    // 0x10 ends a QoS 1 exchange; for QoS 2 the client goes on with PUBREL, so the identifier is held.
    if (publish.qos == 2) clients_.hold(*client_, publish.packet_id, {.since = last_packet_});
    answer_at_once(Reason::no_matching_subscribers);
    return true;
  }
  return store(publish);
}

bool Session::store(const Publish& publish) {
  const auto ticket = outside_.store({client_id_, publish.topic, publish.payload, publish.qos,
                                      publish.duplicate, publish.packet_id, publish.traceparent,
                                      publish.tracestate, login_.ids.get(), client_->place.share->name});
  if (!ticket && ticket.error() == AccessErrc::foreign_id) return turn_down(publish);
  if (!ticket) {
    stalled_ = true;
    return false;
  }
  if (publish.qos == 1) owe({.ticket = *ticket, .packet_id = publish.packet_id, .type = Type::puback});
  if (publish.qos == 2) {
    clients_.hold(*client_, publish.packet_id,
                  {.ticket = *ticket,
                   .payload_hash = outside_.payload_hash(publish.payload),
                   .record = ticket->refused == 0 ? ticket->sequence : 0,
                   .since = last_packet_});
    owe({.ticket = *ticket, .packet_id = publish.packet_id, .type = Type::pubrec});
  }
  return true;
}

// What the user may not say is not stored, and not asked for again. A 3.1.1 client cannot be answered so: it
// is acknowledged, as by other brokers [MQTT-3.3.5-2].
bool Session::turn_down(const Publish& publish) {
  if (publish.qos > 0)
    owe({.packet_id = publish.packet_id,
         .type = publish.qos == 2 ? Type::pubrec : Type::puback,
         .reason = version_ == Version::v3_1_1 ? Reason::success : Reason::not_authorized});
  return true;
}

// A QoS 2 publication that is already stored: its PUBREC again, nothing stored [MQTT-4.3.3-10].
bool Session::repeated(const Publish& publish) {
  Held* const held = client_->held.find(publish.packet_id);
  if (held == nullptr) return false;
  if (held->after_restart) {
    if (!publish.duplicate || held->payload_hash != outside_.payload_hash(publish.payload)) {
      // The client has forgotten the one it had.
      (void)outside_.released(client_id_, publish.packet_id, held->record);
      clients_.release(*client_, publish.packet_id);
      return false;
    }
    held->after_restart = false;
  }
  owe({.ticket = held->ticket, .packet_id = publish.packet_id, .type = Type::pubrec});
  return true;
}

bool Session::resolve_alias(Publish& publish) {
  if (publish.topic_alias == 0) return true;
  if (publish.topic_alias > aliases_.size()) {
    fail({Reason::topic_alias_invalid, "PUBLISH: a topic alias above the maximum"});
    return false;
  }
  std::string& name = aliases_[publish.topic_alias - 1U];
  if (!publish.topic.empty()) {
    const auto topic = publish.topic.substr(0, limits_.max_topic_bytes + 1);
    if (topic.size() > name.capacity() && !aliases_memory_.grow(topic.size() - name.capacity() + 16)) {
      fail({Reason::quota_exceeded, "PUBLISH: no memory for a topic alias"});
      return false;
    }
    name = topic;
  } else if (name.empty()) {
    fail({Reason::protocol_error, "PUBLISH: a topic alias that names no topic"});
    return false;
  } else {
    publish.topic = name;
  }
  return true;
}

// Of what waits to become durable. False: not until some of it is.
bool Session::room_for_ack(std::size_t most) {
  if (acks_.size() < most && (acks_memory_.resize(acks_.bytes_for_one_more()) || acks_.empty())) {
    acks_.make_room();
    return true;
  }
  window_full_ = true;
  return false;
}

bool Session::on_pubrel(const Frame& frame) {
  const auto released = decode_ack(frame, version_);
  if (!released) return fail(released.error());
  // A full window of publications must not keep their releases out.
  if (!room_for_ack(2 * std::size_t{limits_.receive_maximum})) return false;
  const auto id = released->packet_id;
  const Held* const held = client_->held.find(id);
  if (held == nullptr) {
    owe({.packet_id = id, .type = Type::pubcomp, .reason = Reason::packet_identifier_not_found});
    return true;
  }
  PendingAck answer{.ticket = held->ticket, .packet_id = id, .type = Type::pubcomp};
  // After PUBCOMP the client may use the identifier for the very same bytes again: a redelivery of those
  // after a crash must not be taken for this one, so the release is durable before PUBCOMP.
  if (held->record != 0) answer.step = outside_.released(client_id_, id, held->record);
  clients_.release(*client_, id);
  owe(answer);
  return true;
}

void Session::owe(const PendingAck& ack) {
  acks_.push(ack);
  if (ack.type != Type::pubcomp) ++in_flight_;
  if (due(ack)) let_out();
}

void Session::on_durable(Ticket durable) {
  durable_ = durable;
  let_out();
}

void Session::on_kept(ExchangeKeeper::Step kept) {
  kept_ = kept;
  let_out();
}

void Session::let_out() {
  constexpr std::size_t ack_bytes = 8;
  while (!acks_.empty() && due(acks_.front()) && output_.room_for(ack_bytes)) {
    const PendingAck& ack = acks_.front();
    const bool fits =
        answer([&](std::string& out) { put_ack(out, version_, ack.type, ack.packet_id, ack.reason); });
    if (!fits) {
      fail(too_small);
      return;
    }
    window_full_ = false;
    // A PUBREC that is no error leaves its publication in flight until PUBCOMP.
    const bool settled = ack.type != Type::pubrec || ack.reason >= Reason::unspecified;
    if (settled && in_flight_ > 0) --in_flight_;
    acks_.pop();
  }
}

void Session::on_retry(TimePoint now) {
  stalled_ = false;
  last_packet_ = now;  // we did not read, so silence is not the client's
}

bool Session::allowed(std::string_view topic) const {
  const auto& prefixes = login_.topic_prefixes;
  return prefixes.empty() || std::any_of(prefixes.begin(), prefixes.end(),
                                         [&](const std::string& prefix) { return is_within(prefix, topic); });
}

}  // namespace weather::sensors::listener
