#include "bridge/kafka/client_settings.hpp"

#include <algorithm>
#include <cstdint>

#include <librdkafka/rdkafka.h>

#include "bridge/core/link.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/kafka/properties.hpp"
#include "bridge/kafka/setting_names.hpp"

namespace weather::bridge {

// librdkafka's rd_kafka_conf_finalize: receive.message.max.bytes >= fetch.max.bytes + 512, fetch.max.bytes >=
// message.max.bytes (1,000,000 by default).
void fit_fetches(Properties& consumer) {
  constexpr std::int64_t head_bytes = 512, default_record_bytes = 1'000'000;
  const auto bound = number(consumer, "receive.message.max.bytes");
  if (!bound) return;  // not set, or something that librdkafka refuses by itself
  const auto record = number(consumer, "message.max.bytes").value_or(default_record_bytes);
  const auto answer = std::max(*bound, record + head_bytes);
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
  if (classify(code_) == ErrorClass::blocked) text = explain(code_, text_);
  return text;
}

std::string LastError::explain(int code, const std::string& text) {
  if (text.starts_with(token_mark)) return text;  // says all there is to say
  return bridge::explain(code) + " (" + steady_text(text) + ")";
}

}  // namespace weather::bridge
