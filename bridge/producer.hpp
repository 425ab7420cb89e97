// A librdkafka producer on the io thread: its events arrive through an eventfd, nothing polls, nothing
// blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/encoder.hpp"
#include "bridge/options.hpp"
#include "bridge/window.hpp"

namespace boost::asio {
class io_context;
}
struct rd_kafka_s;

namespace weather::bridge {

class Background;
using TopicTroubles = std::vector<std::pair<std::string, int>>;

// All on the io thread.
class ProducerEvents {
 public:
  virtual ~ProducerEvents() = default;
  // code: rd_kafka_resp_err_t, 0 when delivered.
  virtual void on_report(Window::Id id, int code) = 0;
  virtual void on_reports_end() = 0;  // after a run of on_report
  virtual void on_error(int code, const std::string& text) = 0;
  virtual void on_fatal(int code, const std::string& text) = 0;
  virtual void on_statistics(std::string_view json) = 0;
  // code: rd_kafka_resp_err_t for this topic; settings are empty unless it is 0.
  virtual void on_topic_settings(const std::string& topic, int code, const Properties& settings) = 0;
  virtual void on_no_topic_settings(int code) = 0;  // no answer for any that was asked
  // Which of the topics this producer knows the cluster does not give: rd_kafka_resp_err_t by name. Empty
  // without an answer.
  virtual void on_topics_looked_at(bool answered, const TopicTroubles& troubles) = 0;
  // The open transaction can only be aborted, because of this code. A refused record is reported as well.
  virtual void on_transaction_failed(int code, const std::string& text) = 0;
  virtual void on_log(int severity, std::string_view text) = 0;  // severity as in syslog
};

class Producer {
 public:
  // Throws std::runtime_error if librdkafka refuses the settings. background outlives the producer.
  Producer(boost::asio::io_context& io, const Properties& properties, ProducerEvents& events,
           Background& background);
  ~Producer();  // no event comes after this; librdkafka's threads end in the background
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // 0: taken, a report with this id will come. Else why not (rd_kafka_resp_err_t): nothing will come.
  int produce(const KafkaRecord& record, Window::Id id);
  // Gives back what was not sent yet, and with in_flight_too also what no answer has come for.
  void purge(bool in_flight_too);
  // Whether what is sent next goes together with others, so that a refusal must hold those back (gate.hpp).
  void send_together(bool together);
  bool idempotent() const;
  bool cut_by_us() const;  // shut because of a refusal, not by the network: this producer is finished
  // Sends what lingers; calls done on the io thread when all is reported or the time is over.
  void flush(std::chrono::milliseconds timeout, std::function<void()> done);
  void know_topic(const std::string& topic);  // asks for its metadata, so that the link is tried at once
  // Asks the cluster for the topics known here; on_topics_looked_at() answers.
  void look_at_topics();
  // Runs a call that waits; what it returns is then called on the io thread, unless this producer is gone.
  void in_background(std::function<std::function<void()>(rd_kafka_s*)> call);
  // Asks for the topic's settings; on_topic_settings() or on_no_topic_settings() answers.
  void describe_topic(const std::string& topic);
  rd_kafka_s* handle();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
  Background& background_;
};

}  // namespace weather::bridge
