#include "bridge/kafka/client_settings.hpp"

#include <librdkafka/rdkafka.h>

#include "bridge/error_class.hpp"
#include "bridge/link.hpp"
#include "bridge/setting_names.hpp"

namespace weather::bridge {

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
