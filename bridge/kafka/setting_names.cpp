#include "bridge/kafka/setting_names.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "bridge/kafka/proxied.hpp"
#include "bridge/oauth/settings.hpp"
#include "sensors/reading/edit_distance.hpp"

namespace weather::bridge {
namespace {

using Names = std::map<std::string, SettingName, std::less<>>;

std::string properties_table() {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  if (!out) return {};
  rd_kafka_conf_properties_show(out);
  std::fclose(out);
  std::string table(text, size);
  std::free(text);  // NOLINT(cppcoreguidelines-no-malloc): made by open_memstream
  return table;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// One line of the table: "name | C/P | range | default | importance | Alias for `other`: description".
void add_line(Names& names, std::string_view line) {
  const std::size_t bar = line.find('|');
  if (bar == std::string_view::npos) return;
  const std::string_view name = trimmed(line.substr(0, bar));
  const std::string_view who = trimmed(line.substr(bar + 1, line.find('|', bar + 1) - bar - 1));
  if (name.empty() || (who != "*" && who != "C" && who != "P")) return;
  SettingName& entry = names[std::string(name)];
  if (entry.canonical.empty()) entry.canonical = std::string(name);
  entry.producer |= who != "C";
  entry.consumer |= who != "P";
  constexpr std::string_view alias = "Alias for `";
  if (const auto at = line.find(alias); at != std::string_view::npos) {
    const auto from = at + alias.size();
    entry.canonical = std::string(line.substr(from, line.find('`', from) - from));
  }
}

const Names& names() {
  static const Names known = [] {
    Names result;
    const std::string table = properties_table();
    std::string_view rest = table;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      add_line(result, rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    for (const auto name : proxy_setting_names()) result[std::string(name)] = {std::string(name), true, true};
    for (const auto& ours : oauth::names())
      result[std::string(ours.name)] = {std::string(ours.canonical), true, true};
    // The old name of a consumer's topic setting hides the global one of the same meaning.
    result["enable.auto.commit"].canonical = "enable.auto.commit";
    return result;
  }();
  return known;
}

constexpr JavaName java_names[] = {
    {"auto.include.jmx.reporter", "", "is the Java client's: remove it"},
    {"buffer.memory", "", "is the Java client's: use queue.buffering.max.kbytes"},
    {"client.dns.lookup", "", "is the Java client's: remove it"},
    {"default.api.timeout.ms", "", "is the Java client's: remove it"},
    {"interceptor.classes", "", "is the Java client's: remove it"},
    {"key.deserializer", "", "is the Java client's: keys are bytes here, remove it"},
    {"key.serializer", "", "is the Java client's: keys are bytes here, remove it"},
    {"max.block.ms", "", "is the Java client's: remove it, nothing blocks here"},
    {"max.poll.records", "", "is the Java client's: remove it"},
    {"max.request.size", "message.max.bytes", "is the Java client's: use message.max.bytes"},
    {"metric.reporters", "", "is the Java client's: remove it"},
    {"metrics.num.samples", "", "is the Java client's: remove it"},
    {"metrics.recording.level", "", "is the Java client's: remove it"},
    {"metrics.sample.window.ms", "", "is the Java client's: remove it"},
    {"partitioner.class", "",
     "is the Java client's: use partitioner (default here: murmur2_random, as in Java)"},
    {"receive.buffer.bytes", "socket.receive.buffer.bytes",
     "is the Java client's: use socket.receive.buffer.bytes"},
    {"sasl.client.callback.handler.class", "", "is the Java client's: remove it"},
    {"sasl.jaas.config", "", "is the Java client's: use sasl.username and sasl.password"},
    {"sasl.login.callback.handler.class", "",
     "is the Java client's: remove it; sasl.oauthbearer.* say where a token comes from"},
    {"sasl.login.class", "", "is the Java client's: remove it"},
    {"sasl.login.connect.timeout.ms", "", "is the Java client's: remove it"},
    {"sasl.login.read.timeout.ms", "", "is the Java client's: remove it"},
    {"sasl.login.refresh.buffer.seconds", "", "is the Java client's: remove it"},
    {"sasl.login.refresh.min.period.seconds", "", "is the Java client's: remove it"},
    {"sasl.login.refresh.window.factor", "", "is the Java client's: remove it"},
    {"sasl.login.refresh.window.jitter", "", "is the Java client's: remove it"},
    {"sasl.login.retry.backoff.max.ms", "", "is the Java client's: remove it"},
    {"sasl.login.retry.backoff.ms", "", "is the Java client's: remove it"},
    {"sasl.oauthbearer.clock.skew.seconds", "", "is the Java client's: remove it"},
    {"sasl.oauthbearer.header.urlencode", "", "is the Java client's: remove it"},
    {"sasl.oauthbearer.jwt.retriever.class", "", "is the Java client's: remove it"},
    {"sasl.oauthbearer.jwt.validator.class", "", "is the Java client's: remove it"},
    {"sasl.oauthbearer.scope.claim.name", "", "is the Java client's: remove it"},
    {"sasl.oauthbearer.sub.claim.name", "", "is the Java client's: remove it"},
    {"security.providers", "", "is the Java client's: remove it"},
    {"send.buffer.bytes", "socket.send.buffer.bytes", "is the Java client's: use socket.send.buffer.bytes"},
    {"ssl.enabled.protocols", "", "is the Java client's: remove it, OpenSSL's defaults hold"},
    {"ssl.keymanager.algorithm", "", "is the Java client's: remove it"},
    {"ssl.keystore.certificate.chain", "", "is the Java client's: use ssl.certificate.pem"},
    {"ssl.keystore.key", "", "is the Java client's: use ssl.key.pem"},
    {"ssl.keystore.type", "", "is the Java client's: ssl.keystore.location must be PKCS#12, remove it"},
    {"ssl.protocol", "", "is the Java client's: remove it, OpenSSL's defaults hold"},
    {"ssl.provider", "", "is the Java client's: remove it"},
    {"ssl.secure.random.implementation", "", "is the Java client's: remove it"},
    {"ssl.trustmanager.algorithm", "", "is the Java client's: remove it"},
    {"ssl.truststore.certificates", "", "is the Java client's: use ssl.ca.pem"},
    {"ssl.truststore.location", "", "is the Java client's: use ssl.ca.location with a PEM file"},
    {"ssl.truststore.password", "",
     "is the Java client's: a PEM file in ssl.ca.location needs none, remove it"},
    {"ssl.truststore.type", "", "is the Java client's: ssl.ca.location is always PEM, remove it"},
    {"value.deserializer", "", "is the Java client's: values are bytes here, remove it"},
    {"value.serializer", "", "is the Java client's: values are bytes here, remove it"},
};

}  // namespace

const SettingName* find_setting(std::string_view name) {
  const auto it = names().find(name);
  return it == names().end() ? nullptr : &it->second;
}

std::string nearest_setting(std::string_view name) {
  constexpr std::size_t longest = 80;
  const auto has_letters_of_names = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-' || c == ' ';
  };
  if (name.size() > longest || !std::all_of(name.begin(), name.end(), has_letters_of_names)) return {};
  std::string best;
  std::size_t best_distance = 1 + std::min<std::size_t>(name.size(), 40) / 4;  // farther away is no help
  for (const auto& [candidate, entry] : names()) {
    // The lengths alone are that far apart: a line of a file may be long.
    const auto apart = std::max(name.size(), candidate.size()) - std::min(name.size(), candidate.size());
    if (apart > best_distance) continue;
    const std::size_t distance = sensors::edit_distance(name, candidate);
    if (distance < best_distance || (distance == best_distance && best.empty())) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

const JavaName* find_java_name(std::string_view name) {
  const auto* it = std::ranges::find(java_names, name, &JavaName::name);
  return it == std::end(java_names) ? nullptr : it;
}

}  // namespace weather::bridge
