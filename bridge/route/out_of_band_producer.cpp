#include "bridge/route/out_of_band_producer.hpp"

#include <utility>

#include "bridge/core/kafka_codes.hpp"

namespace weather::bridge {
namespace {

// No transaction, and none of what stops an idempotent producer for good: each record stands alone.
Properties plain(Properties properties) {
  properties.erase("transactional.id");
  properties["enable.idempotence"] = "false";
  properties.erase("enable.gapless.guarantee");
  properties["max.in.flight.requests.per.connection"] = "1";
  properties["statistics.interval.ms"] = "0";
  return properties;
}

}  // namespace

OutOfBandProducer::OutOfBandProducer(ClientFactory& clients, Properties properties)
    : client_(clients.make(plain(std::move(properties)), *this)) {
  client_->send_together(false);  // a refusal has nothing to hold back: the connection stays
}

OutOfBandProducer::~OutOfBandProducer() {
  for (auto& [id, done] : std::exchange(waiting_, {})) done(code::destroyed);
}

int OutOfBandProducer::produce(const KafkaRecord& record, std::function<void(int)> done) {
  const Window::Id id = next_++ & Window::id_mask;
  const int code = client_->produce(record, id);
  if (code == 0) waiting_.emplace(id, std::move(done));
  return code;
}

void OutOfBandProducer::on_report(Window::Id id, int code) {
  const auto it = waiting_.find(id);
  if (it == waiting_.end()) return;
  const auto done = std::move(it->second);
  waiting_.erase(it);
  done(code);
}

void OutOfBandProducer::on_fatal(int, const std::string&) {
  finished_ = true;
  client_->purge(true);
}

}  // namespace weather::bridge
