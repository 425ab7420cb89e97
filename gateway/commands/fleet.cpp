#include "gateway/commands/fleet.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "bridge/cli_client/client.hpp"
#include "bridge/kafka/settings.hpp"
#include "gateway/commands/file_text.hpp"
#include "gateway/config/values.hpp"
#include "gateway/downlink/progress.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

using downlink::Kind;
using downlink::Message;

const std::atomic<bool> never{false};  // a signal ends these commands at once

// Both kinds of client are made of it. Every fault is printed.
tl::expected<bridge::LastWordsOptions, int> options_of(const std::string& file, const std::string& topic,
                                                       const std::string& timeout) {
  const auto parsed = bridge::read_properties_file(file);
  const auto errors = parsed ? bridge::check_properties(*parsed, bridge::Client::consumer) : parsed.error();
  if (!errors.empty()) {
    complain_of(errors, file);
    return tl::unexpected(EX_CONFIG);
  }
  const auto patience = parse_duration(timeout);
  if (!patience) return tl::unexpected(complain("--timeout: " + patience.error(), EX_USAGE));
  bridge::LastWordsOptions options{{}, topic, patience->count()};
  for (const auto& property : *parsed) options.properties[property.key] = property.value;
  return options;
}

tl::expected<std::string, int> text_of(const std::string& file) {
  auto text = file_text(file);
  if (!text) return tl::unexpected(complain(text.error(), EX_NOINPUT));
  return std::move(*text);
}

int no_kafka(const std::string& properties_file, const std::string& why) {
  return complain(why + "; check what " + properties_file + " says of the brokers and of the log-in",
                  EX_UNAVAILABLE);
}

tl::expected<std::int64_t, int> seconds_of(const char* option, const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) return tl::unexpected(complain(std::string(option) + ": " + duration.error(), EX_USAGE));
  return std::max<std::int64_t>(1, duration->count() / 1000);
}

// What is to be said, without its target, serial and times.
tl::expected<Message, int> what_of(const FleetSendCommand& command) {
  Message message;
  message.topic = command.topic;
  const int kinds = static_cast<int>(!command.set.empty()) + static_cast<int>(!command.remove.empty()) +
                    static_cast<int>(command.reload) + static_cast<int>(!command.log_level.empty()) +
                    static_cast<int>(!command.drain.empty()) + static_cast<int>(!command.replay.empty()) +
                    static_cast<int>(command.bundle);
  if (kinds != 1)
    return tl::unexpected(complain(
        "say one of --set, --remove, --reload, --log-level, --drain, --replay and --bundle", EX_USAGE));
  if (!command.set.empty()) {
    message.kind = Kind::config_set;
    message.name = command.set;
    const auto text = text_of(command.file);
    if (!text) return tl::unexpected(text.error());
    message.toml = *text;
  } else if (!command.remove.empty()) {
    message.kind = Kind::config_remove;
    message.name = command.remove;
  } else if (!command.log_level.empty() || !command.drain.empty()) {
    const bool level = !command.log_level.empty();
    message.kind = level ? Kind::log_level : Kind::drain;
    message.level = command.log_level;
    const auto for_s = level ? seconds_of("--for", command.level_for) : seconds_of("--drain", command.drain);
    if (!for_s) return tl::unexpected(for_s.error());
    message.for_s = *for_s;
  } else if (command.bundle) {
    message.kind = Kind::bundle;
  } else if (!command.replay.empty()) {
    message.kind = Kind::replay;
    message.from = command.replay;
    message.until = command.until;
    message.route = command.route;
    message.target = command.target;
  }
  return message;
}

int say_sent(const FleetSendCommand& command, const Message& message, const bridge::Produced& produced) {
  namespace json = boost::json;
  if (command.json)
    return print_json(json::serialize(json::value{{"schema_version", 1},
                                                  {"key", command.key_id},
                                                  {"serial", message.serial},
                                                  {"to", message.to},
                                                  {"subject", subject_of(message)},
                                                  {"offset", produced.offset}}))
               ? EX_OK
               : EX_IOERR;
  print_line("serial " + std::to_string(message.serial) + " of " + command.key_id + " for " + message.to +
             ": " + subject_of(message));
  return EX_OK;
}

}  // namespace

int fleet_keygen_command(const FleetKeygenCommand& command) {
  if (!downlink::is_key_id(command.key_id))
    return complain("--key-id: letters, digits, '.', '_' and '-', at most 64", EX_USAGE);
  const auto key = downlink::SecretKey::make();
  const auto pem = key.pem();
  const int file = ::open(command.key_file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return complain(command.key_file + ": cannot be made: " + std::strerror(errno) +
                        (errno == EEXIST ? "; a key is never written over" : ""),
                    EX_CANTCREAT);
  const bool whole =
      ::write(file, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size()) && ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  if (!whole) {
    ::unlink(command.key_file.c_str());
    return complain(command.key_file + ": cannot be written: " + std::strerror(error), EX_IOERR);
  }
  print_line("[downlink.keys]");
  print_line(command.key_id + " = \"" + key.public_key().text() + "\"");
  return EX_OK;
}

int fleet_send_command(const FleetSendCommand& command) {
  auto message = what_of(command);
  if (!message) return message.error();
  const auto options = options_of(command.properties_file, command.topic, command.timeout);
  if (!options) return options.error();
  const auto pem = text_of(command.key_file);
  if (!pem) return pem.error();
  const auto key = downlink::SecretKey::from_pem(*pem);
  if (!key) return complain(command.key_file + ": " + key.error(), EX_NOINPUT);
  message->to = downlink::target_from(command.to);
  const auto lasts_s = seconds_of("--expires", !command.expires.empty() ? command.expires
                                               : message->name.empty()  ? "1d"
                                                                        : "30d");
  if (!lasts_s) return lasts_s.error();
  message->issued_s = std::time(nullptr);
  message->expires_s = message->issued_s + *lasts_s;
  if (const auto made = bridge::make_compacted_topic(*options); !made)
    return no_kafka(command.properties_file, made.error().text);
  message->serial = command.serial;
  if (command.serial == 0) {
    const auto words = bridge::last_words(*options, never);
    if (!words) return no_kafka(command.properties_file, words.error().text);
    message->serial = next_serial(*words, command.key_id, key->public_key(), message->to);
  }
  const auto payload = to_json(*message);
  if (const auto read = downlink::message_from(payload); !read || !downlink::is_key_id(command.key_id))
    return complain("this cannot be sent: " + (read ? "--key-id is no id of a key" : read.error()), EX_USAGE);
  bridge::ProduceOptions produce;
  produce.properties = options->properties;
  produce.topic = command.topic;
  produce.key = record_key(*message);
  produce.value = downlink::sealed(command.key_id, *key, payload);
  produce.partition = 0;  // the one that gateways read
  produce.timeout_ms = options->timeout_ms;
  if (produce.value->size() > downlink::most_message_bytes)
    return complain("this cannot be sent: it has more than 128 KiB", EX_USAGE);
  const auto produced = bridge::produce(produce, never);
  return produced ? say_sent(command, *message, *produced)
                  : no_kafka(command.properties_file, produced.error().text);
}

int fleet_status_command(const FleetStatusCommand& command) {
  auto options = options_of(command.properties_file, command.topic, command.timeout);
  if (!options) return options.error();
  const auto sent = bridge::last_words(*options, never);
  if (!sent) return no_kafka(command.properties_file, sent.error().text);
  options->topic = command.fleet_topic;
  const auto said = bridge::last_words(*options, never);
  if (!said) return no_kafka(command.properties_file, said.error().text);
  const auto all = downlink::progress(*sent, *said);
  if (command.json) return print_json(to_json(all)) ? EX_OK : EX_IOERR;
  print_text(to_text(all, command.gateways));
  return EX_OK;
}

}  // namespace weather::gateway
