#include "gateway/doctor/judge.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "bridge/core/topic_limits.hpp"
#include "bridge/encode/clock_table.hpp"
#include "bridge/log/limits.hpp"
#include "bridge/proxy/handshake.hpp"
#include "gateway/output/progress.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

constexpr double slow_sync_s = 0.25;
constexpr std::int64_t ns_per_day = 86'400'000'000'000;

std::string milliseconds(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), seconds < 0.01 ? "%.1f ms" : "%.0f ms", seconds * 1000);
  return text.data();
}

std::string days(double count) {
  return std::to_string(std::llround(count)) + " days";
}

Finding space(const DiskFacts& facts) {
  const auto free = static_cast<double>(facts.free_bytes), total = static_cast<double>(facts.total_bytes);
  const double room = facts.wanted_bytes != 0 ? std::min(free, static_cast<double>(facts.wanted_bytes))
                                              : std::min({free, total / 10, double{1U << 30U}});
  Finding finding{Grade::ok, "space", human_bytes(free) + " of " + human_bytes(total) + " free", ""};
  if (facts.bytes_per_day > 0)
    finding.text += "; room for " + days(room / facts.bytes_per_day) + " without Kafka at the rate so far";
  log::Options options;
  options.max_bytes = facts.wanted_bytes;
  options.min_free_bytes = facts.keep_free_bytes;
  const auto limits = log::limits_of(options, log::Space{facts.total_bytes, facts.free_bytes, false});
  const auto held = facts.free_bytes + facts.own_bytes, log_needs = limits.max_bytes + limits.min_free_bytes;
  const auto words = [](std::uint64_t bytes) { return human_bytes(static_cast<double>(bytes)); };
  if (facts.wanted_bytes != 0 && held < log_needs) {
    finding.grade = Grade::warning;
    finding.text += "; with the " + words(facts.own_bytes) +
                    " that the gateway has, less than log.max_bytes (" + words(limits.max_bytes) +
                    ") and log.min_free_bytes (" + words(limits.min_free_bytes) + ")";
    finding.todo = "make room or lower log.max_bytes";
  } else if (held < log_needs + facts.letters_bytes) {
    finding.grade = Grade::note;
    finding.text += "; beside a log of " + words(limits.max_bytes) + " dead letters have less than their " +
                    words(facts.letters_bytes);
    finding.todo =
        "make room or lower dead_letters.max_bytes: readings go first, and the oldest dead letters are "
        "dropped";
  }
  if (free < total / 50) {
    finding.grade = Grade::fault;
    finding.todo = "make room: a full file system stops the gateway from storing";
  }
  return finding;
}

}  // namespace

std::vector<Finding> judge_disk(const DiskFacts& facts) {
  if (!facts.error.empty())
    return {{Grade::fault, "disk", facts.folder + ": " + facts.error,
             "gateway.data_dir must be a folder that the gateway's user may write; run this as that user"}};
  std::vector<Finding> findings;
  if (facts.is_volatile)
    findings.push_back({Grade::warning, "disk",
                        facts.folder + " is on " + facts.file_system + ": a reboot empties it",
                        "put gateway.data_dir on a partition of its own"});
  else
    findings.push_back({Grade::ok, "disk", facts.folder + " is on " + facts.file_system, ""});
  findings.push_back(space(facts));
  if (facts.sync_max_s > 0) {
    Finding sync{Grade::ok, "fsync",
                 "writing 4 KiB for good takes " + milliseconds(facts.sync_p50_s) + ", at most " +
                     milliseconds(facts.sync_max_s),
                 ""};
    if (facts.sync_p50_s > slow_sync_s) {
      sync.grade = Grade::warning;
      sync.todo = "each acknowledgement waits that long; use a better card, or log.durability = \"interval\"";
    }
    findings.push_back(sync);
  }
  return findings;
}

std::vector<Finding> judge_clock(const ClockFacts& facts) {
  constexpr std::int64_t second_ns = 1'000'000'000;
  const auto shown = sensors::format_time(facts.wall_ns / second_ns * second_ns);
  Finding clock{Grade::ok, "clock", "synchronised", ""};
  if (facts.wall_ns < bridge::ClockTable::earliest_ns || facts.wall_ns < facts.newest_known_ns) {
    clock = {
        Grade::warning, "clock", "shows " + shown + ", which is certainly wrong",
        "readings are corrected once it is set; TLS to Kafka fails until then: reach an NTP server, or fit a "
        "battery-backed clock"};
  } else if (facts.quality == v1::CLOCK_UNSYNCHRONISED) {
    clock = {Grade::warning, "clock", "not synchronised, shows " + shown,
             facts.timesyncd ? "let this machine reach an NTP server: timedatectl timesync-status"
                             : "install systemd-timesyncd or chrony, or set clock.trust = \"always\""};
  } else if (facts.quality == v1::CLOCK_UNKNOWN) {
    clock = {Grade::note, "clock", "whether it is right is unknown, shows " + shown,
             "clock.trust or clock.synchronised_file can name who knows"};
  }
  return {clock,
          {Grade::ok, "time zone",
           (facts.time_zone.empty() ? "UTC" : facts.time_zone) +
               "; records are in UTC, stations that send local time are read in this zone",
           ""}};
}

Finding judge_certificate(const CertificateFacts& facts, std::int64_t now_ns) {
  const auto name = facts.what + " " + facts.file;
  if (!facts.error.empty() || !facts.until_ns)
    return {Grade::fault, "certificate", name + ": " + facts.error, "the file must hold a PEM certificate"};
  const auto left = (*facts.until_ns - now_ns) / ns_per_day;
  if (*facts.until_ns <= now_ns)
    return {Grade::fault, "certificate", name + " ended on " + sensors::format_time(*facts.until_ns),
            "replace it, then weather-gateway reload"};
  const auto text = name + " is good for " + std::to_string(left) + " days";
  if (left < 30) return {Grade::warning, "certificate", text, "replace it soon, then weather-gateway reload"};
  return {Grade::ok, "certificate", text, ""};
}

namespace {

Finding judge_token(const oauth::TokenStatus& token) {
  const auto text = oauth::describe(token);
  switch (token.state) {
    case oauth::Schedule::State::fresh:
      if (token.note.empty()) return {Grade::ok, "token", text, ""};
      return {Grade::warning, "token", text, "see kafka-login.md; it works as it is, for now"};
    case oauth::Schedule::State::ageing:
      return {Grade::warning, "token", text, "mend it while the token lives"};
    case oauth::Schedule::State::missing:
      return {Grade::warning, "token", text, "who gives it is slow: check with a longer --timeout"};
    case oauth::Schedule::State::blocked:
      break;
  }
  return {Grade::fault, "token", text, "nothing goes to Kafka without it; readings are kept meanwhile"};
}

Finding judge_rights(const bridge::TopicFacts& topic, const std::string& name) {
  if (topic.may_write == true) return {Grade::ok, "permission", "this user may write to " + name, ""};
  if (topic.may_write == false)
    return {Grade::fault, "permission", "this user may not write to " + name,
            "grant it: kafka-acls --add --allow-principal User:NAME --operation Write --topic " + name};
  return {Grade::note, "permission",
          "this user may see " + name + "; whether it may write shows with the first record",
          "librdkafka 2.3 or later can ask before"};
}

}  // namespace

std::vector<Finding> judge_kafka(const bridge::Inspection& found, const std::string& servers,
                                 const std::string& topic) {
  const auto& kafka = found.kafka;
  if (proxy::is_refusal(kafka.error))
    return {{Grade::fault, "kafka", servers + " is not reached: " + kafka.error,
             "check [kafka.proxy] (url, username, password_file), and what the proxy allows"}};
  std::vector<Finding> findings;
  if (found.token) findings.push_back(judge_token(*found.token));
  if (kafka.refused) {
    findings.push_back({Grade::fault, "kafka", servers + " refuses this gateway: " + kafka.error,
                        found.token
                            ? "check sasl.oauthbearer.* in [kafka.properties], and what the broker expects"
                            : "check the user, the password and the certificates in [kafka.properties]"});
    return findings;
  }
  if (!kafka.reached) {
    findings.push_back(
        {Grade::warning, "kafka", servers + " cannot be reached: " + kafka.error,
         "readings are kept until it can; check bootstrap.servers, the network and the firewall"});
    return findings;
  }
  findings.push_back(
      {Grade::ok, "kafka",
       servers + " answers, " + std::to_string(kafka.brokers) + (kafka.brokers == 1 ? " broker" : " brokers"),
       ""});
  if (found.topic.denied) {
    findings.push_back({Grade::fault, "topic", topic + ": " + found.topic.error,
                        "grant Describe and Write on it to this user"});
    return findings;
  }
  if (!found.topic.exists) {
    findings.push_back(
        {Grade::fault, "topic",
         topic + " does not exist" + (found.topic.error.empty() ? "" : " (" + found.topic.error + ")"),
         "create it: kafka-topics --create --topic " + topic + " --bootstrap-server " + servers});
    return findings;
  }
  findings.push_back(
      {Grade::ok, "topic", topic + " has " + std::to_string(found.topic.partitions) + " partitions", ""});
  if (!found.topic.settings_error.empty())
    findings.push_back({Grade::note, "topic", "its settings cannot be read: " + found.topic.settings_error,
                        "grant DescribeConfigs on it, so that retention and limits can be checked"});
  for (const auto& warning : bridge::judge_topic(topic, found.topic.settings, {}))
    findings.push_back(
        {Grade::warning, "topic", warning, "kafka-configs --alter --topic " + topic + " changes it"});
  findings.push_back(judge_rights(found.topic, topic));
  return findings;
}

Finding judge_place(const std::string& what, const std::optional<Missing>& missing) {
  if (!missing) return {Grade::ok, "listen", what + " can be listened on", ""};
  const std::string later = "the gateway starts without it, and takes it up once it is there";
  if (missing->kind == Missing::Kind::port)
    return {Grade::note, "listen", what + ": " + missing->text,
            "nothing to do if that is the running gateway; else " + later};
  return {Grade::warning, "listen", what + ": " + missing->text, later};
}

Finding judge_mqtt(const MqttFacts& facts) {
  if (!facts.reached)
    return {Grade::warning, "mqtt", facts.url + " cannot be reached: " + facts.error,
            "the gateway tries again and again; is mosquitto running there?"};
  if (facts.code == 4 || facts.code == 5)
    return {Grade::fault, "mqtt", facts.url + " refuses the user or the password",
            "check username and password_file, and the broker's password file and ACL"};
  if (facts.code != 0)
    return {Grade::warning, "mqtt",
            facts.url + " refuses a connection (code " + std::to_string(facts.code) + ")",
            "look into the broker's log"};
  return {Grade::ok, "mqtt", facts.url + (facts.error.empty() ? " answers" : " " + facts.error), ""};
}

Finding judge_watchdog(const WatchdogFacts& facts) {
  if (!facts.device)
    return {Grade::note, "watchdog", "this machine has no hardware watchdog",
            "nothing restarts it if the kernel hangs"};
  if (!facts.systemd || facts.configured)
    return {Grade::ok, "watchdog",
            facts.configured ? "the hardware watchdog is on" : "there is a hardware watchdog", ""};
  return {Grade::note, "watchdog", "there is a hardware watchdog, and it is not in use",
          "RuntimeWatchdogSec=14 in /etc/systemd/system.conf.d/ restarts the machine when it hangs"};
}

}  // namespace weather::gateway
