// A producer for what is sent out of band: dead letters sent again, their copies, replays. The stream's
// own may send nothing outside of a transaction, and a record that is refused stops it. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "bridge/core/ports.hpp"

namespace weather::bridge {

class OutOfBandProducer : private ReportsOnly {
 public:
  // Throws std::runtime_error if librdkafka refuses the settings.
  OutOfBandProducer(ClientFactory& clients, Properties properties);
  ~OutOfBandProducer() override;  // what has no answer yet gets _DESTROY

  // As KafkaClient::produce. done gets rd_kafka_resp_err_t.
  int produce(const KafkaRecord& record, std::function<void(int)> done);
  bool finished() const { return finished_; }  // a fatal error: make a new one
  bool busy() const { return !waiting_.empty(); }
  // As KafkaClient::flush.
  void flush(std::chrono::milliseconds timeout, std::function<void()> done) {
    client_->flush(timeout, std::move(done));
  }

 private:
  void on_report(Window::Id id, int code) override;
  void on_fatal(int code, const std::string& text) override;

  std::unique_ptr<KafkaClient> client_;
  std::map<Window::Id, std::function<void(int)>> waiting_;
  Window::Id next_ = 1;
  bool finished_ = false;
};

}  // namespace weather::bridge
