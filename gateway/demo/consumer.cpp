#include "gateway/demo/consumer.hpp"

#include <ostream>
#include <streambuf>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "bridge/cli_client/client.hpp"
#include "gateway/output/say.hpp"
#include "sensors/decoders/json_document.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

// Hands over each complete line.
class LineBuffer final : public std::streambuf {
 public:
  explicit LineBuffer(std::function<void(const std::string&)> each) : each_(std::move(each)) {}

 protected:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    if (traits_type::to_char_type(c) == '\n') {
      each_(line_);
      line_.clear();
    } else {
      line_ += traits_type::to_char_type(c);
    }
    return c;
  }

 private:
  std::function<void(const std::string&)> each_;
  std::string line_;
};

}  // namespace

bridge::ConsumeOptions demo_consume_options(std::string bootstrap_servers, std::string topic) {
  bridge::ConsumeOptions options;
  options.properties = {{"bootstrap.servers", std::move(bootstrap_servers)},
                        {"reconnect.backoff.max.ms", "500"},
                        {"fetch.wait.max.ms", "100"},
                        {"session.timeout.ms", "6000"},
                        {"topic.metadata.refresh.interval.ms", "1000"}};
  options.topic = std::move(topic);
  options.group = "weather-gateway-demo";
  return options;
}

namespace {

std::string text_of(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  std::string text;
  sensors::append_json(text, value);
  return text;
}

}  // namespace

ConsumedEvent parse_consumed(const std::string& json_line) {
  boost::system::error_code error;
  const auto document = json::parse(json_line, error);
  const auto* event = document.if_object();
  if (error || event == nullptr) return {"", json_line};
  ConsumedEvent consumed;
  if (const auto* key = event->if_contains("key")) consumed.line = "key = " + text_of(*key);
  if (const auto* value = event->if_contains("value")) consumed.line += "  value = " + text_of(*value);
  const auto* headers = event->if_contains("headers");
  if (headers != nullptr && headers->is_object())
    if (const auto* id = headers->as_object().if_contains("ce_id")) consumed.id = text_of(*id);
  return consumed;
}

DemoConsumer::DemoConsumer(bridge::ConsumeOptions given, std::function<void(ConsumedEvent)> each,
                           std::function<void()> joined)
    : thread_(
          [this, options = std::move(given), each = std::move(each), joined = std::move(joined)]() mutable {
            options.format = bridge::ConsumeFormat::json;
            LineBuffer lines([&](const std::string& line) { each(parse_consumed(line)); });
            LineBuffer notes([&](const std::string& note) {
              if (note.starts_with("assigned")) joined();
            });
            std::ostream out(&lines), note_stream(&notes);
            options.notes = &note_stream;
            const auto done = bridge::consume(options, out, stop_);
            if (!done) say(Level::error, "the topic's reader: " + done.error().text);
          }) {}

DemoConsumer::~DemoConsumer() {
  stop_ = true;
  thread_.join();
}

}  // namespace weather::gateway
