// What the connections of one listener share: the sink, the sessions, the users and who waits for what.
// Io thread only, except where it says otherwise.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "sensors/listener/clients.hpp"
#include "sensors/listener/largest.hpp"
#include "sensors/listener/logins.hpp"
#include "sensors/listener/options.hpp"
#include "sensors/listener/outside.hpp"
#include "sensors/listener/places.hpp"
#include "sensors/listener/users.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors::listener {

class MqttConnection;

class Hub final : public Announcer {
 public:
  using Verdict = Logins::Verdict;
  using PayloadHash = std::uint64_t (*)(std::string_view);

  // What one connection has of what there is not enough of for everybody.
  struct Standing {
    explicit Standing(MqttConnection& connection) : owner(&connection) {
      connecting.owner = connected.owner = owner;
    }
    MqttConnection* const owner;
    Places<MqttConnection>::Place connecting, connected;  // one of them
    Largest<MqttConnection>::Entry buffer;
  };

  // keeper null: nothing of QoS 2 exchanges outlives the process.
  Hub(boost::asio::any_io_executor io, ListenerOptions options, Users users, Sink& sink, Decoder decode,
      PayloadHash hash, ExchangeKeeper* keeper);
  ~Hub() override;

  tl::expected<Ticket, std::error_code> store(const Publication& publication);
  ExchangeKeeper::Step released(std::string_view client_id, std::uint16_t packet_id, std::uint64_t record);
  bool collects(std::string_view topic);
  // The verdict at once where no password has to be checked, else later by `later`.
  std::optional<Login> login(const Credentials& credentials, const std::string& certificate_name,
                             const std::string& address, Verdict later);
  void foreign_topic(std::string_view user, std::string_view topic);
  void went_away(const WentAway& client) override;
  void session_ended(std::string_view client_id, std::uint64_t record) override;
  void given_up(std::string_view client_id, std::uint16_t packet_id, std::uint64_t record) override;
  std::uint64_t payload_hash(std::string_view payload) const { return hash_(payload); }

  // Everything up to the ticket, and up to the keeper's step, is durable: every waiting connection writes
  // what it owes.
  void on_durable(Ticket ticket, ExchangeKeeper::Step step);
  Ticket durable() const { return durable_; }
  ExchangeKeeper::Step kept() const { return kept_; }
  void wait_for_durable(std::shared_ptr<MqttConnection> connection);
  void wait_for_room(std::shared_ptr<MqttConnection> connection);
  // The sink may have room again: stalled connections try again.
  void retry();

  // Before traffic: what the keeper knows, then the end of the log, in its order.
  void restore();
  std::uint64_t restore_from(std::uint64_t last_record) const;  // the first record of that end
  void restore(const v1::Arrival& arrival, std::uint64_t record);
  // From time to time: tells the keeper of identifiers that stay held, if there are any it does not know, and
  // the log what it need not keep for us.
  void keep_held();
  void stop_keeping();  // nothing of the log is needed any more

  // A connection was accepted: gives it a place among those without CONNECT, and its memory. Others may give
  // way. False: it must be closed.
  bool admit(MqttConnection& connection, Standing& standing, std::string_view address,
             std::size_t cost_bytes);
  // Its CONNECT is right. False: refuse it.
  bool enter(Standing& standing, const std::string& share);
  void heard(Standing& standing, bool published);
  void abandon(Standing& standing);  // it lingers: the first to give way
  void left(Standing& standing);
  void waits_no_more(const MqttConnection& connection);  // for durable or for room
  void note_buffer(Standing& standing, std::size_t bytes);
  // Ends the connection with the largest buffer, so that this one gets so many bytes soon. False: there is
  // none that is larger.
  bool make_way(const Standing& standing, std::size_t bytes);
  // Buffers of closed connections, into which a read under way still writes.
  void will_release(std::size_t bytes) { releasing_ += bytes; }
  void released(std::size_t bytes);
  void evicted(bool with_state) override;
  std::size_t connecting() const { return connecting_.size(); }

  void count_end(std::string_view why);
  void replace_users(Users users);

  const ListenerOptions& options() const { return options_; }
  Clients& clients() { return clients_; }
  const Clients& clients() const { return clients_; }
  ListenerStatus& status() { return status_; }
  const ListenerStatus& status() const { return status_; }
  std::size_t stalled() const { return stalled_.size(); }

 private:
  void hurry();
  void not_authorized(std::string_view user, const std::string& what);
  void foreign_sensor(std::string_view user, std::string_view sensor_id);
  const Decoder& decoder_for(const IdRule* ids);

  boost::asio::any_io_executor io_;
  const ListenerOptions options_;
  Sink& sink_;
  Decoder decode_;
  PayloadHash hash_;
  Clients clients_;
  ListenerStatus status_;
  Ticket durable_;
  bool hurrying_ = false;
  ExchangeKeeper* const keeper_;
  KnownExchanges known_;  // while restoring
  ExchangeKeeper::Step kept_ = 0;
  struct {
    std::uint64_t last_exchange = 0;     // the last record of a QoS 2 publication
    std::uint64_t looked = 0;            // at the identifiers held of records up to here
    std::uint64_t reported = 0;          // the keeper, of everything up to here
    ExchangeKeeper::Step reporting = 0;  // the step that did
    std::uint64_t needed_from = 0;       // the log's records
  } keeping_;
  Places<MqttConnection> connecting_, connected_;
  Largest<MqttConnection> buffers_;
  std::size_t releasing_ = 0;
  std::vector<std::shared_ptr<MqttConnection>> waiting_, stalled_;
  std::string last_topic_;  // the last one asked about: publishers repeat themselves
  bool last_collected_ = false;
  Logins logins_;
  std::map<std::string, Decoder> decoders_;  // of users with sensors of their own
  Seldom seldom_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // read on the io thread only
};

}  // namespace weather::sensors::listener
