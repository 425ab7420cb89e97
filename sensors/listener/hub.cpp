#include "sensors/listener/hub.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "sensors/listener/connection.hpp"
#include "sensors/listener/wire.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::sensors::listener {
namespace {

// Connections by what they are worth, and how long one that published nothing may be silent before it gives
// way to another of its own share.
constexpr std::uint8_t silent = 0, published_before = 1;
constexpr std::chrono::seconds patience{1};

}  // namespace

Hub::Hub(boost::asio::any_io_executor io, ListenerOptions options, Users users, Sink& sink, Decoder decode,
         PayloadHash hash, ExchangeKeeper* keeper)
    : io_(std::move(io)),
      options_(std::move(options)),
      sink_(sink),
      decode_(std::move(decode)),
      hash_(hash),
      clients_(options_.limits, *this, options_.memory),
      durable_(sink.durable()),
      keeper_(keeper),
      connecting_({.most = options_.max_connecting}),
      connected_({.most = options_.max_connections,
                  .margin = 1,
                  .gives_way_upto = published_before,
                  .gives_way_upto_within = silent,
                  .patience = patience}),
      logins_(io_, options_, std::move(users), status_) {}

Hub::~Hub() {
  *alive_ = false;
}

// Once what lies ready of every connection is stored. A commit for the first publication of a window alone
// would hold up the others of it for a whole flush.
void Hub::hurry() {
  if (std::exchange(hurrying_, true)) return;
  boost::asio::post(io_, [this, alive = alive_] {
    if (!*alive) return;
    hurrying_ = false;
    sink_.hurry();
  });
}

tl::expected<Ticket, std::error_code> Hub::store(const Publication& publication) {
  Message message;
  message.source = options_.name;
  message.topic = publication.topic;
  message.payload = publication.payload;
  // QoS 2 repeats are recognised by the session, exactly; of QoS 1 the sink may know some after a crash.
  message.duplicate = publication.duplicate && publication.qos == 1;
  message.packet_id = publication.packet_id;
  message.exactly_once = publication.qos == 2;
  if (publication.qos > 0) message.client = publication.client_id;
  message.traceparent = publication.traceparent;
  message.tracestate = publication.tracestate;
  message.party = publication.party;
  IdCheck check{publication.ids};
  if (check.rule != nullptr) message.ids = &check;
  auto ticket = sink_.accept(message, decoder_for(publication.ids), Waits::no);
  if (!ticket && ticket.error() == AccessErrc::foreign_id) {
    foreign_sensor(publication.ids->user, check.refused);
    return ticket;
  }
  if (ticket) {
    if (publication.qos > 0) hurry();
    if (publication.qos == 2 && ticket->refused == 0)
      keeping_.last_exchange = std::max(keeping_.last_exchange, ticket->sequence);
    ++status_.messages;
  } else {
    ++status_.refused[ticket.error().message()];
  }
  return ticket;
}

bool Hub::collects(std::string_view topic) {
  if (topic != last_topic_) {
    last_topic_ = topic;
    last_collected_ = std::any_of(options_.topics.begin(), options_.topics.end(),
                                  [&](const std::string& filter) { return topic_matches(filter, topic); });
  }
  if (!last_collected_) ++status_.not_collected;
  return last_collected_;
}

// The will is no measurement: what is stored says which client is gone and what it wanted to be said.
void Hub::went_away(const WentAway& client) {
  if (client.ids != nullptr && !client.ids->owns(client.client_id))
    return foreign_sensor(client.ids->user, client.client_id);
  ++status_.went_away;
  Reading reading;
  reading.set_sensor_id(std::string(client.client_id));
  reading.mutable_source()->set_adapter(options_.name);
  reading.mutable_arrival()->set_source(options_.name);
  reading.mutable_arrival()->set_topic(std::string(client.topic));
  add_quantity(reading, {.name = "available"}, false);
  std::string extra = "{\"will_topic\":";
  append_json_string(extra, client.topic);
  extra += ",\"will_payload\":";
  append_json_string(extra, to_utf8(client.payload));
  reading.set_extra_json(extra + "}");
  if (const auto stored = sink_.store({std::move(reading)}, Waits::no); !stored) {
    ++status_.refused[stored.error().message()];
  }
}

// --- who waits

void Hub::wait_for_durable(std::shared_ptr<MqttConnection> connection) {
  waiting_.push_back(std::move(connection));
}
void Hub::wait_for_room(std::shared_ptr<MqttConnection> connection) {
  stalled_.push_back(std::move(connection));
}

void Hub::on_durable(Ticket ticket, ExchangeKeeper::Step step) {
  durable_ = std::max(durable_, ticket);
  kept_ = std::max(kept_, step);
  // Connections that go on waiting put themselves on the list again.
  for (const auto& connection : std::exchange(waiting_, {})) connection->on_durable();
  retry();
}

void Hub::retry() {
  for (const auto& connection : std::exchange(stalled_, {})) connection->on_retry();
}

void Hub::count_end(std::string_view why) {
  if (why.empty()) return;
  // The texts are fixed, so the map stays small.
  ++status_.ended[std::string(why)];
}

// --- who is who

void Hub::replace_users(Users users) {
  logins_.replace(std::move(users));
}

std::optional<Login> Hub::login(const Credentials& credentials, const std::string& certificate_name,
                                const std::string& address, Verdict later) {
  return logins_.ask(credentials, certificate_name, address, std::move(later));
}

// One line a minute for each user.
void Hub::not_authorized(std::string_view user, const std::string& what) {
  ++status_.not_authorized;
  if (const auto count = seldom_.event(std::string(user), Seldom::Clock::now()); count && options_.say)
    options_.say("refused of user \"" + to_utf8(user, 64) + "\": " + what + and_more(*count));
}

void Hub::foreign_topic(std::string_view user, std::string_view topic) {
  not_authorized(user, "topic \"" + std::string(topic) + "\" is not within its prefixes");
}

void Hub::foreign_sensor(std::string_view user, std::string_view sensor_id) {
  not_authorized(user, "sensor \"" + to_utf8(sensor_id, 256) + "\" is not one of its own");
}

// A decoder remembers (births, repeats). What it learns from one user's publications, refused ones too, is
// for that user's alone.
const Decoder& Hub::decoder_for(const IdRule* ids) {
  if (ids == nullptr || !options_.fresh_decoder) return decode_;
  auto& own = decoders_[ids->user];
  if (!own) own = options_.fresh_decoder();
  return own;
}

}  // namespace weather::sensors::listener
