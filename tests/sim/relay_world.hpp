// Two gateways in simulated time: one with the real routes and the real log, whose route goes to the other;
// the other with the real log and what takes relayed records. Each on a disk of its own that loses power; the
// way between them loses requests and answers, and brings requests late.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bridge/forwarder.hpp"
#include "bridge/relay/line.hpp"
#include "gateway/ingest/relay_intake.hpp"
#include "tests/crash/sim_files.hpp"
#include "tests/sim/machine.hpp"
#include "tests/sim/pumped_log.hpp"

namespace weather::sim {

// Mistakes of either side, to prove that the world sees them.
struct RelayMistakes {
  bool forgets = false;        // the receiver does not read its log and file after a start
  bool answers_early = false;  // ... answers before its log is durable
};

class RelayWorld {
 public:
  explicit RelayWorld(std::uint64_t seed, RelayMistakes mistakes = {});
  ~RelayWorld();
  // Lives through what goes wrong, then until all is healed. Says what is wrong; empty: nothing.
  std::string run();

  std::uint64_t sent_again = 0, crashes = 0, left = 0;  // left: records that left the receiver's log

 private:
  friend class WorldLine;
  // A gateway's disk and log, and when its power goes.
  struct Side {
    std::string folder;
    std::unique_ptr<log::test::SimFiles> files;
    std::vector<log::ManualLog*> logs;
    std::unique_ptr<PumpedLog> log;
    std::optional<log::test::Disk> cut;  // the disk that will be found
    std::uint64_t cut_at_call = 0;
    std::uint64_t life = 0;
    bool up = false;
  };
  class Relays;
  class NoKafka;
  class NoSchemas;

  void start_sender();
  void start_receiver();
  void open(Side& side, log::Options options);
  void end(Side& side);
  void crash(Side& side);
  void arm_cut(Side& side);
  void step(std::int64_t end);
  void append();
  void something();
  void heal();
  void deliver(const std::string& body, std::function<void(const bridge::relay::LineAnswer&)> answer);
  void await(std::uint64_t life, sensors::RelayReply reply, int looks,
             std::function<void(const bridge::relay::LineAnswer&)> answer);
  void look_at_receiver();
  void saw(const log::Entry& entry);
  std::string verdict();
  log::Options options_of(const Side& side, std::uint64_t salt) const;

  const std::uint64_t seed_;
  const RelayMistakes mistakes_;
  log::test::Random random_;
  Loop loop_;
  LoopClock clock_{loop_};
  LoopScheduler scheduler_;
  Side sender_, receiver_;
  std::unique_ptr<bridge::Forwarder> forwarder_;
  std::unique_ptr<gateway::RelayIntake> intake_;
  std::unique_ptr<Relays> relays_;
  std::unique_ptr<NoKafka> kafka_;
  std::unique_ptr<NoSchemas> schemas_;
  bool network_ = true;
  bool quiet_ = false;  // nothing goes wrong any more
  std::uint64_t number_ = 0;
  // What the receiver's durable log has had, by the sender's sequence.
  std::set<log::Sequence> taken_, reported_;  // told: as lost
  std::set<std::pair<log::Sequence, log::Sequence>> losses_;
  log::Sequence seen_ = 0, last_ = 0, advanced_ = 0;
  std::string wrong_;
};

}  // namespace weather::sim
