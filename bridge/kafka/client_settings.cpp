#include "bridge/kafka/client_settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <librdkafka/rdkafka.h>

#include "bridge/error_class.hpp"
#include "bridge/link.hpp"
#include "bridge/setting_names.hpp"

namespace weather::bridge {

namespace {

std::uint64_t number_of(const Properties& properties, const char* name, std::uint64_t otherwise) {
  const auto found = properties.find(name);
  if (found == properties.end()) return otherwise;
  std::uint64_t number = otherwise;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

}  // namespace

// librdkafka's rd_kafka_conf_finalize: receive.message.max.bytes >= fetch.max.bytes + 512, fetch.max.bytes >=
// message.max.bytes (1,000,000 by default).
void fit_fetches(Properties& consumer) {
  constexpr std::uint64_t head_bytes = 512, default_record_bytes = 1'000'000;
  if (!consumer.contains("receive.message.max.bytes")) return;
  const auto answer = std::max(number_of(consumer, "receive.message.max.bytes", 0),
                               number_of(consumer, "message.max.bytes", default_record_bytes) + head_bytes);
  consumer["receive.message.max.bytes"] = std::to_string(answer);
  consumer["fetch.max.bytes"] = std::to_string(answer - head_bytes);
}

Properties client_properties(const Properties& own, const Properties& defaults, bool producer) {
  Properties result = defaults;
  for (const auto& [name, value] : own) {
    const SettingName* known = find_setting(name);
    if (!known) {
      result[name] = value;  // librdkafka says what is wrong with it
    } else if (producer ? known->producer : known->consumer) {
      result[known->canonical] = value;
    }
  }
  if (!producer) fit_fetches(result);
  return result;
}

void LastError::note(int code, const std::string& text) {
  // "all brokers down" says that something is wrong, the errors before it what.
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !text_.empty()) return;
  code_ = code;
  text_ = steady_text(text);
}

std::string LastError::explain(const Properties& properties) const {
  const auto servers = properties.find("metadata.broker.list");
  const std::string where = servers == properties.end() ? std::string("(none given)") : servers->second;
  if (code_ == 0) return "no answer from Kafka at " + where + ": check bootstrap.servers and the network";
  std::string text = text_;
  if (classify(code_) == ErrorClass::transient) text += "; is Kafka running at " + where + "?";
  if (classify(code_) == ErrorClass::blocked) text = bridge::explain(code_) + " (" + text_ + ")";
  return text;
}

}  // namespace weather::bridge
