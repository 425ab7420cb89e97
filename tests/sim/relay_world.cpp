#include "tests/sim/relay_world.hpp"

#include <algorithm>
#include <stdexcept>

#include "bridge/core/relay_settings.hpp"
#include "bridge/log/bytes.hpp"
#include "bridge/log/keep.hpp"
#include "bridge/log/loss.hpp"
#include "bridge/relay/client.hpp"
#include "sensors/reading/reading.pb.h"
#include "tests/sim/relay_line.hpp"

namespace weather::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t ns_per_s = 1'000'000'000;
constexpr int unreadable_in = 60;  // one in so many is no reading: a dead letter of the sender

}  // namespace

class RelayWorld::Relays final : public bridge::ClientFactory {
 public:
  explicit Relays(RelayWorld& world) : world_(world) {}
  bridge::Properties settings(const bridge::Properties& own, bridge::Profile, bridge::Delivery) override {
    return own;
  }
  std::string login_hint(const bridge::Properties&) override { return {}; }
  std::unique_ptr<bridge::KafkaClient> make(const bridge::Properties& properties,
                                            bridge::KafkaEvents& events) override {
    log::Sender from;
    from.gateway = properties.at(bridge::relay::gateway);
    from.log_id = properties.at(bridge::relay::log_id);
    from.route = properties.at(bridge::relay::route);
    return std::make_unique<bridge::relay::Client>(world_.scheduler_, std::make_unique<WorldLine>(world_),
                                                   from, "site:8443", events);
  }
  std::unique_ptr<bridge::FileChanges> watch_certificates(const bridge::Properties&) override {
    struct None final : bridge::FileChanges {
      bool any_watched() const override { return false; }
      bool changed() override { return false; }
    };
    return std::make_unique<None>();
  }

 private:
  RelayWorld& world_;
};

class RelayWorld::NoKafka final : public bridge::ClientFactory {
 public:
  bridge::Properties settings(const bridge::Properties& own, bridge::Profile, bridge::Delivery) override {
    return own;
  }
  std::string login_hint(const bridge::Properties&) override { return {}; }
  std::unique_ptr<bridge::KafkaClient> make(const bridge::Properties&, bridge::KafkaEvents&) override {
    throw std::runtime_error("there is no Kafka here");
  }
  std::unique_ptr<bridge::FileChanges> watch_certificates(const bridge::Properties&) override {
    return nullptr;
  }
};

class RelayWorld::NoSchemas final : public bridge::SchemaSource {
 public:
  std::optional<registry::SchemaId> known(const registry::SchemaKey&) override { return std::nullopt; }
  void ask(const registry::SchemaKey&, std::function<void(Answer)>) override {}
  log::Result<void> keep(const registry::SchemaKey&, const registry::SchemaId&) override { return {}; }
};

RelayWorld::RelayWorld(std::uint64_t seed, RelayMistakes mistakes)
    : seed_(seed),
      mistakes_(mistakes),
      random_(log::test::derive(seed, 21)),
      scheduler_(loop_, log::test::derive(seed, 22)),
      relays_(std::make_unique<Relays>(*this)),
      kafka_(std::make_unique<NoKafka>()),
      schemas_(std::make_unique<NoSchemas>()) {
  sender_.folder = "/sender";
  receiver_.folder = "/receiver";
  for (auto* side : {&sender_, &receiver_})
    side->files = std::make_unique<log::test::SimFiles>(log::test::Disk(64U << 20),
                                                        log::test::derive(seed, side == &sender_ ? 23 : 24));
  start_sender();
  start_receiver();
}

RelayWorld::~RelayWorld() {
  if (sender_.up) end(sender_);
  if (receiver_.up) end(receiver_);
}

log::Options RelayWorld::options_of(const Side& side, std::uint64_t salt) const {
  log::test::Random choice(log::test::derive(seed_, salt));
  log::Options options;
  options.dir = side.folder + "/log";
  options.segment_bytes = 64U << 10;
  options.max_bytes = choice.one_in(2) ? 512U << 10 : 8U << 20;
  options.random_seed = log::test::derive(seed_, salt + side.life) | 1U;
  return options;
}

void RelayWorld::open(Side& side, log::Options options) {
  (void)side.files->make_dir(side.folder);
  auto opened = log::open_manual(std::move(options), *side.files, clock_);
  if (!opened) throw std::runtime_error(side.folder + ": " + opened.error().message());
  side.log = std::make_unique<PumpedLog>(std::move(*opened), side.logs);
  side.up = true;
  ++side.life;
}

void RelayWorld::start_sender() {
  auto options = options_of(sender_, 31);
  options.on_full = log::OnFull::drop_oldest;
  options.cursors = {"site"};
  open(sender_, std::move(options));
  bridge::ForwarderOptions forwarder;
  forwarder.gateway_id = "pi";
  forwarder.window_records = 200;
  bridge::RouteOptions route;
  route.name = "site";
  route.topic = "https://site:8443";
  route.relay = bridge::RelayOptions{"https://site:8443", {}, {}, {}, {}};
  forwarder.routes.push_back(route);
  const auto letters = [this](bool make) -> log::Result<std::unique_ptr<bridge::DeadLetters>> {
    const auto there = sender_.files->list("/letters");
    if (!make && (!there || there->empty())) return log::fail(log::Errc::not_found);
    log::Options store;
    store.dir = "/letters";
    store.segment_bytes = 64U << 10U;
    store.max_bytes = 16U << 20U;
    store.cursors = {"open"};
    store.random_seed = log::test::derive(seed_, 33 + sender_.life) | 1U;
    auto opened = log::open_manual(store, *sender_.files, clock_);
    if (!opened) return log::fail(opened.error());
    return bridge::DeadLetters::over(std::make_unique<PumpedLog>(std::move(*opened), sender_.logs));
  };
  forwarder_ = std::make_unique<bridge::Forwarder>(
      bridge::Ports{scheduler_, *kafka_, *schemas_, letters, relays_.get()}, *sender_.log, clock_,
      std::move(forwarder), bridge::ForwarderObserver{});
  forwarder_->start();
}

void RelayWorld::start_receiver() {
  auto options = options_of(receiver_, 32);
  options.on_full = log::OnFull::block;  // what does not fit is put off
  open(receiver_, std::move(options));
  gateway::RelayIntakeOptions intake;
  intake.gateway_id = "site";
  intake.path = receiver_.folder + "/relay-senders";
  intake.records = 300;
  intake.own_thread = false;
  advanced_ = 0;
  intake_ = std::make_unique<gateway::RelayIntake>(*receiver_.files, *receiver_.log, std::move(intake),
                                                   nullptr, nullptr);
  if (!mistakes_.forgets) intake_->open();
  log::before_leaving(*receiver_.logs.front(), [this](log::Sequence first) {
    left = first;
    if (!mistakes_.forgets) intake_->leaving(first);
  });
}

void RelayWorld::end(Side& side) {
  side.up = false;
  side.files->watch({});
  if (&side == &sender_) {
    forwarder_.reset();
  } else {
    log::before_leaving(*receiver_.logs.front(), {});
    for (const auto& [gateway, sender] : intake_->senders()) sent_again += sender.again;
    intake_.reset();
  }
  side.log.reset();
}

// The process is gone, and with a power cut what was not synced; a moment later it is there again.
void RelayWorld::crash(Side& side) {
  ++crashes;
  auto found = side.cut ? std::move(*side.cut) : side.files->disk();
  side.cut.reset();
  side.cut_at_call = 0;
  end(side);
  side.files = std::make_unique<log::test::SimFiles>(std::move(found), random_.next());
  loop_.after(milliseconds(random_.between(1, 20'000)), [this, &side] {
    if (&side == &sender_)
      start_sender();
    else
      start_receiver();
  });
}

void RelayWorld::arm_cut(Side& side) {
  side.cut_at_call = side.files->calls() + 1 + random_.below(12);
  side.files->watch([this, &side](const log::test::Disk& disk) {
    if (side.cut_at_call == 0 || side.files->calls() < side.cut_at_call || side.cut) return;
    side.cut =
        disk.after_power_cut(static_cast<log::test::Cut>(random_.below(log::test::cut_kinds)), random_);
  });
}

void RelayWorld::append() {
  if (!sender_.up) return;
  const auto count = random_.between(1, 20);
  std::vector<std::string> bytes;
  std::vector<log::Record> records;
  for (std::uint64_t i = 0; i < count; ++i) {
    v1::Reading reading;
    reading.set_sensor_id("roof");
    reading.set_source_sequence(++number_);
    reading.add_quantities()->set_name("air_temperature");
    reading.set_raw(std::string(random_.below(600), 'x'));
    bytes.push_back(random_.one_in(unreadable_in) ? std::string("\xFF\xFF") : reading.SerializeAsString());
  }
  for (const auto& one : bytes) records.push_back({clock_.wall_ns(), log::Type::reading, log::bytes_of(one)});
  (void)sender_.log->append(records, random_.one_in(2) ? log::Wait::now : log::Wait::grouped);
}

void RelayWorld::something() {
  auto& side = random_.one_in(2) ? sender_ : receiver_;
  switch (random_.below(6)) {
    case 0:
      if (side.up) crash(side);
      break;
    case 1:
      if (side.up && !side.cut) arm_cut(side);
      break;
    case 2:
      network_ = !network_;
      break;
    case 3:
      if (sender_.up) forwarder_->retry_now();
      break;
    default:
      break;
  }
}

void RelayWorld::step(std::int64_t end) {
  if (!loop_.step(end)) return;
  for (auto* side : {&sender_, &receiver_}) {
    for (std::size_t i = 0; i < side->logs.size(); ++i) side->logs[i]->pump();
    if (side->cut) crash(*side);
  }
  look_at_receiver();
}

void RelayWorld::deliver(const std::string& body, std::function<void(const LineAnswer&)> answer) {
  if (!receiver_.up) return answer(broken(bridge::code::transport, "connection refused"));
  await(receiver_.life, intake_->take(body, {}), 0, std::move(answer));
}

// As the HTTP server: after the commit, or not at all.
void RelayWorld::await(std::uint64_t life, sensors::RelayReply reply, int looks,
                       std::function<void(const LineAnswer&)> answer) {
  LineAnswer said;
  said.status = reply.status;
  said.body = reply.body;
  if (!receiver_.up || receiver_.life != life)
    return answer(broken(bridge::code::transport, "the connection ended"));
  const bool durable = receiver_.log->durable() >= reply.ticket.sequence;
  if (reply.status != 200 || durable || mistakes_.answers_early) return answer(said);
  if (looks == 1000) {
    said.status = 503;
    return answer(said);
  }
  loop_.after(milliseconds(10), [this, life, reply, looks, answer = std::move(answer)]() mutable {
    await(life, reply, looks + 1, std::move(answer));
  });
}

// What is durable there stays; it is looked at once.
void RelayWorld::look_at_receiver() {
  if (!receiver_.up) return;
  const auto durable = receiver_.log->durable();
  if (durable > seen_) {
    const auto reader = receiver_.log->reader(seen_ + 1);
    while (reader->position() <= durable) {
      const auto entries = reader->read(256, 1U << 20);
      if (!entries || entries->empty()) break;
      for (const auto& entry : *entries) saw(entry);
    }
    seen_ = durable;
  }
  // Its own route takes them, sooner or later.
  if (quiet_ ? advanced_ == seen_ + 1 : !random_.one_in(20)) return;
  log::Cursor cursor;
  cursor.next = advanced_ = seen_ + 1;
  receiver_.log->advance("kafka", cursor);
}

void RelayWorld::saw(const log::Entry& entry) {
  const auto origin = entry.type == log::Type::imported ? log::decode_origin(entry.payload) : std::nullopt;
  if (!origin || !origin->sender) {
    wrong_ = "the receiver's log has a record that nobody sent, number " + std::to_string(entry.sequence);
    return;
  }
  const auto sequence = origin->sender->sequence;
  if (const auto loss = log::decode_loss(origin->payload); origin->type == log::Type::loss && loss) {
    // It may reach over what came before it was lost, as on any route.
    if (!losses_.insert({loss->first, loss->last}).second) wrong_ = "a loss is told twice";
    for (auto one = loss->first; one <= loss->last; ++one) reported_.insert(one);
    last_ = std::max(last_, sequence);
    return;
  }
  if (sequence <= last_) wrong_ = std::to_string(sequence) + " comes behind " + std::to_string(last_);
  last_ = std::max(last_, sequence);
  if (!taken_.insert(sequence).second) wrong_ = std::to_string(sequence) + " is here twice";
}

void RelayWorld::heal() {
  quiet_ = true;
  network_ = true;
  for (auto* side : {&sender_, &receiver_}) {
    side->cut_at_call = 0;
    side->files->watch({});
  }
}

// Every record that the sender's log has or had: taken, told as lost, or a dead letter. Once.
std::string RelayWorld::verdict() {
  if (!wrong_.empty()) return wrong_;
  const auto status = forwarder_->status();
  const auto& route = status.routes.front();
  if (route.waiting != 0 || route.state != bridge::RouteState::online)
    return std::to_string(route.waiting) + " records wait: " + std::string(to_string(route.state)) + ", " +
           route.reason + ", " + route.last_error;
  std::set<log::Sequence> given_up;
  if (const auto letters = forwarder_->dead_letters(1'000'000))
    for (const auto& letter : *letters) given_up.insert(letter.sequence);
  const auto durable = sender_.log->durable();
  for (log::Sequence one = 1; one <= durable; ++one)
    if (taken_.count(one) == 0 && reported_.count(one) == 0 && given_up.count(one) == 0)
      return std::to_string(one) + " of " + std::to_string(durable) + " is nowhere";
  return {};
}

std::string RelayWorld::run() {
  const std::int64_t troubled = 600 * ns_per_s, healed = troubled + 3600 * ns_per_s;
  for (std::int64_t at = 0; at < troubled;
       at += static_cast<std::int64_t>(random_.between(1, 4'000)) * 1'000'000) {
    loop_.after(Duration(at), [this] {
      append();
      if (random_.one_in(5)) something();
    });
  }
  while (loop_.now() < troubled && wrong_.empty()) step(troubled);
  heal();
  while (loop_.now() < healed && wrong_.empty()) step(healed);
  return verdict();
}

}  // namespace weather::sim
