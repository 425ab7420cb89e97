#include "sensors/listener/hub.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "sensors/listener/connection.hpp"
#include "sensors/listener/wire.hpp"
#include "sensors/reading/builder.hpp"

namespace weather::sensors::listener {
namespace {

constexpr std::size_t most_logins_open = 64, most_remembered_passwords = 4096;
// crypt(3) takes no longer password; a longer name is nobody's. They would be held while they wait.
constexpr std::size_t most_password_bytes = 511, most_name_bytes = 1024;

// Connections by what they are worth, and how long one that published nothing may be silent before it gives
// way to another of its own share.
constexpr std::uint8_t silent = 0, published_before = 1;
constexpr std::chrono::seconds patience{1};

std::string random_key() {
  std::string key(32, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size()));
  return key;
}

std::string digest(const std::string& key, std::string_view text) {
  unsigned char made[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), made, &size);
  return {reinterpret_cast<const char*>(made), size};
}

}  // namespace

Hub::Hub(boost::asio::any_io_executor io, ListenerOptions options, Users users, Sink& sink, Decoder decode,
         PayloadHash hash, ExchangeKeeper* keeper)
    : io_(std::move(io)),
      options_(std::move(options)),
      users_(std::make_shared<const Users>(std::move(users))),
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
      digest_key_(random_key()) {}

Hub::~Hub() {
  *alive_ = false;
  passwords_.join();
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
  auto ticket = sink_.accept(message, decode_, Waits::no);
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

Login Hub::login_of(const std::string& user) const {
  Login login{.user = user};
  if (const User* known = users_->find(user)) login.topic_prefixes = known->topic_prefixes;
  return login;
}

void Hub::replace_users(Users users) {
  users_ = std::make_shared<const Users>(std::move(users));
  right_passwords_.clear();
}

std::optional<Login> Hub::remembered_login(const Credentials& credentials) const {
  const auto right = right_passwords_.find(*credentials.user_name);
  if (right == right_passwords_.end() || right->second != digest(digest_key_, *credentials.password))
    return {};
  return login_of(right->first);
}

std::optional<Login> Hub::login(const Credentials& credentials, const std::string& certificate_name,
                                Verdict later) {
  if (!options_.client_ca_file.empty()) {
    const bool listed = users_->empty() || users_->find(certificate_name) != nullptr;
    if (certificate_name.empty() || !listed) return Login{.reason = Reason::not_authorized};
    return login_of(certificate_name);
  }
  if (users_->empty()) return Login{};
  if (!credentials.user_name || !credentials.password)
    return Login{.reason = Reason::bad_user_name_or_password};
  if (credentials.password->size() > most_password_bytes || credentials.user_name->size() > most_name_bytes)
    return Login{.reason = Reason::bad_user_name_or_password};
  if (auto known = remembered_login(credentials)) return known;
  if (logins_open_ >= most_logins_open) return Login{.reason = Reason::server_busy};
  ++logins_open_;
  boost::asio::post(passwords_, [this, alive = alive_, io = io_, users = users_,
                                 name = std::string(*credentials.user_name),
                                 password = std::string(*credentials.password),
                                 later = std::move(later)]() mutable {
    const bool right = users->verify(name, password);
    boost::asio::post(io, [this, alive = std::move(alive), users = std::move(users), name = std::move(name),
                           password = std::move(password), later = std::move(later), right] {
      if (!*alive) return;
      --logins_open_;
      if (right && users == users_ && right_passwords_.size() < most_remembered_passwords) {
        right_passwords_[name] = digest(digest_key_, password);
      }
      later(right && users == users_ ? login_of(name) : Login{.reason = Reason::bad_user_name_or_password});
    });
  });
  return {};
}

}  // namespace weather::sensors::listener
