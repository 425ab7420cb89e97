#include "bridge/cli_client/client.hpp"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <signal.h>
#include <sysexits.h>

#include "bridge/kafka/properties.hpp"
#include "bridge/kafka/settings.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/config/values.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free);

// A first Ctrl+C ends in order; a second one ends at once.
void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

// Prints every fault of the file with its line.
std::optional<bridge::Properties> read_properties(const std::string& file, bridge::Client client) {
  const auto parsed = bridge::read_properties_file(file);
  const auto errors = parsed ? bridge::check_properties(*parsed, client) : parsed.error();
  if (!errors.empty()) {
    complain_of(errors, file);
    return std::nullopt;
  }
  bridge::Properties properties;
  for (const auto& property : *parsed) properties[property.key] = property.value;
  return properties;
}

// One batch to a command of the shell. Whether it has it for good: it read all of it and ended with 0.
bool hand_over(const std::string& command, std::string_view lines) {
  std::FILE* reader = ::popen(command.c_str(), "we");
  if (reader == nullptr) {
    complain("cannot run " + command + ": " + std::strerror(errno), 0);
    return false;
  }
  const bool read_all =
      std::fwrite(lines.data(), 1, lines.size(), reader) == lines.size() && std::fflush(reader) == 0;
  return ::pclose(reader) == 0 && read_all;
}

constexpr const char* not_a_time = ": not a time with a zone; write it like 2025-09-20T06:30:00Z";

std::optional<std::int64_t> parse_time_ms(const std::string& text) {
  const auto time = sensors::parse_time(text);
  if (!time || !time->has_zone) return std::nullopt;
  return time->ns / 1'000'000;
}

}  // namespace

int produce_command(const ProduceCommand& command) {
  const auto properties = read_properties(command.properties_file, bridge::Client::producer);
  if (!properties) return EX_CONFIG;
  bridge::ProduceOptions options;
  options.properties = *properties;
  options.topic = command.topic;
  options.key = command.key;
  options.value = command.value;
  for (const auto& header : command.headers) {
    const auto equals = header.find('=');
    if (equals == std::string::npos || equals == 0)
      return complain("--header: write it as NAME=VALUE", EX_USAGE);
    options.headers.emplace_back(header.substr(0, equals), header.substr(equals + 1));
  }
  if (!command.timestamp.empty()) {
    options.timestamp_ms = parse_time_ms(command.timestamp);
    if (!options.timestamp_ms) return complain("--timestamp " + command.timestamp + not_a_time, EX_USAGE);
  }
  const auto timeout = parse_duration(command.timeout);
  if (!timeout) return complain("--timeout: " + timeout.error(), EX_USAGE);
  options.timeout_ms = timeout->count();

  stop_on_signals();
  const auto produced = bridge::produce(options, stop);
  if (!produced) return complain(produced.error().text, EX_UNAVAILABLE);
  print_line(format("%s: partition %d, offset %lld", command.topic.c_str(), produced->partition,
                    static_cast<long long>(produced->offset)));
  return EX_OK;
}

int consume_command(const ConsumeCommand& command) {
  const auto properties = read_properties(command.properties_file, bridge::Client::consumer);
  if (!properties) return EX_CONFIG;
  bridge::ConsumeOptions options;
  options.properties = *properties;
  options.topic = command.topic;
  if (!command.group.empty()) options.group = command.group;
  options.from_beginning = command.from_beginning;
  options.count = command.count;
  options.dedup = command.dedup;
  options.raw = command.raw;
  PrintedStream notes(PrintedStream::To::error), output(PrintedStream::To::output);
  options.notes = &notes.stream();
  options.format = command.format == "json"    ? bridge::ConsumeFormat::json
                   : command.format == "table" ? bridge::ConsumeFormat::table
                                               : bridge::ConsumeFormat::text;
  if (!command.from_time.empty()) {
    options.from_time_ms = parse_time_ms(command.from_time);
    if (!options.from_time_ms) return complain("--from-time " + command.from_time + not_a_time, EX_USAGE);
  }
  if (!command.into.empty()) {
    const auto wait = parse_duration(command.wait);
    if (!wait) return complain("--wait: " + wait.error(), EX_USAGE);
    options.wait_ms = wait->count();
    options.batch = command.batch;
    ::signal(SIGPIPE, SIG_IGN);  // a command that ends before it has read all has not taken it
    options.taker = [&command](std::string_view lines) { return hand_over(command.into, lines); };
  }
  stop_on_signals();
  const auto consumed = bridge::consume(options, output.stream(), stop);
  return consumed ? EX_OK : complain(consumed.error().text, EX_UNAVAILABLE);
}

}  // namespace weather::gateway
