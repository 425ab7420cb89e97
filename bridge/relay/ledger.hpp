// Which records of which senders a log has: of each route of each gateway that sends, up to which number of
// the sender's log. A sender goes on only with what follows what was answered, so one number is all. Pure;
// one thread at a time.
//
// It is made of the log itself: each relayed record carries the sender's number, and comes into the log in
// one piece with it. A loss of the sender's log is known by its range: it may reach over records that came
// before they were lost, and tells of others among them that never did. What of that has left the log is kept
// in a file, whose content encode() makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bridge/log/identity.hpp"

namespace weather::bridge::relay {

class Ledger {
 public:
  struct Stand {
    log::Sequence taken = 0;  // of the sender's log, this one and all before
    log::Sequence own = 0;    // the record of this log that holds it: once that is durable, all of it is
    std::vector<std::pair<log::Sequence, log::Sequence>> losses = {};  // the newest, by first and last
    friend bool operator==(const Stand&, const Stand&) = default;
  };
  static constexpr std::size_t most_losses = 8;  // a sender tells those again that it did not hear of

  // So many senders, a few hundred bytes each. Beyond that the one that has sent nothing for the longest is
  // forgotten: what it sends again would be stored again, under the same ids.
  explicit Ledger(std::size_t most_senders = 1000) : most_senders_(most_senders) {}

  Stand of(const log::Sender& sender) const;
  bool has(const log::Origin& relayed) const;
  // The record lies in the log under `own`. What was sent out of band says nothing of what is there.
  void take(const log::Origin& relayed, log::Sequence own);
  void learn(const log::Entry& entry);  // from the log, in its order

  std::size_t size() const { return stands_.size(); }
  std::string encode() const;
  static std::optional<Ledger> decode(std::span<const std::byte> bytes, std::size_t most_senders = 1000);

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // gateway, log id, route
  void drop_one_too_many();
  static Key key_of(const log::Sender& sender) { return {sender.gateway, sender.log_id, sender.route}; }

  std::size_t most_senders_;
  std::map<Key, Stand> stands_;
};

}  // namespace weather::bridge::relay
