#include "gateway/commands/control_commands.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <thread>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <sysexits.h>
#include <unistd.h>

#include "bridge/log/counted.hpp"
#include "gateway/app/reload.hpp"
#include "gateway/commands/sensor_columns.hpp"
#include "gateway/config/files.hpp"
#include "gateway/config/values.hpp"
#include "gateway/control/ask.hpp"
#include "gateway/control/client.hpp"
#include "gateway/output/columns.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/progress.hpp"
#include "gateway/output/style.hpp"
#include "gateway/output/terminal.hpp"
#include "gateway/output/time_text.hpp"
#include "gateway/status/value_text.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;
using sensors::printable;

// As part of a query: a '+' of a time zone would come out as a space.
std::string escaped(const std::string& text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_') {
      result += c;
    } else {
      (result += '%') += digits[byte >> 4U];
      result += digits[byte & 15U];
    }
  }
  return result;
}

int print(const tl::expected<std::string, int>& body) {
  if (!body) return body.error();
  const bool is_json = body->starts_with('{') || body->starts_with('[');
  if (is_json)
    print_json(*body);
  else
    print_text(*body);
  return EX_OK;
}

int status_check(const StatusCommand& command) {
  constexpr int unknown = 3;
  const auto body = ask(command, "GET", "/api/v1/status");
  if (!body) return unknown;
  const auto status = json::parse(*body);
  const auto health = status.at("health").as_string();
  print_line(status.at("verdict").as_string());
  return health == "ok" ? 0 : health == "warning" ? 1 : 2;
}

int status_watch(const StatusCommand& command) {
  for (;;) {
    const auto body = ask(command, "GET", "/api/v1/status.txt");
    if (!body) return body.error();
    // In place on a terminal, one after the other elsewhere.
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    if (terminal) print_screen(std::string(screen::home) + std::string(screen::clear));
    print_text(terminal ? *body : *body + "\n");
    if (!flush_output()) return EX_OK;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

int route_command(const RouteCommand& command, const std::string& name) {
  const auto body = ask(
      command, "POST", "/api/v1/" + name + (command.route.empty() ? "" : "?route=" + escaped(command.route)));
  if (!body || command.json) return print(body);
  print_line(json::parse(*body).at("verdict").as_string());
  return EX_OK;
}

}  // namespace

int status_command(const StatusCommand& command) {
  if (command.check) return status_check(command);
  if (command.watch) return status_watch(command);
  return print(ask(command, "GET", command.json ? "/api/v1/status" : "/api/v1/status.txt"));
}

int sensors_command(const SensorsCommand& command) {
  const auto body = ask(command, "GET", "/api/v1/sensors");
  if (!body || command.json) return print(body);
  // Fitted to a terminal, whole for whatever else reads it.
  const auto width = !command.full && ::isatty(STDOUT_FILENO) != 0 ? terminal_width() : 0;
  for (const auto& line : sensor_table(json::parse(*body), width, colour_wanted())) print_styled(line);
  return EX_OK;
}

int sensors_forget_command(const ForgetCommand& command) {
  const auto body = ask(command, "POST", "/api/v1/sensors/forget?id=" + escaped(command.sensor));
  if (!body || command.json) return print(body);
  print_line(command.sensor + " is forgotten until it is heard of again");
  return EX_OK;
}

int tail_command(const TailCommand& command) {
  const auto place = socket_of(command);
  const auto target = "/api/v1/tail" + (command.sensor.empty() ? "" : "?sensor=" + escaped(command.sensor));
  const auto ended = control_stream(place.socket, target, [&](const std::string& line) {
    if (command.json) {
      print_json(line);
    } else {
      const auto document = json::parse(line);
      const auto& reading = document.as_object();
      print_line(time_text(std::string(reading.at("time").as_string())) + "  " +
                 fit(printable(reading.at("key").as_string()), 24) + "  " + value_text(reading));
    }
    return flush_output();
  });
  return ended ? EX_OK : no_answer(command, place, ended.error());
}

int pause_command(const RouteCommand& command) {
  return route_command(command, "pause");
}

int resume_command(const RouteCommand& command) {
  return route_command(command, "resume");
}

int retry_command(const RouteCommand& command) {
  return route_command(command, "retry");
}

int reload_command(const ControlCommand& command) {
  // With faults the socket cannot be known from the file; the gateway would say
  // the same of it.
  ReloadReport faulty;
  if (command.socket.empty())
    if (const auto config = read_config(command.config_file); !config) faulty.faults = config.error().lines;
  const auto body = faulty.faults.empty() ? ask(command, "POST", "/api/v1/reload")
                                          : tl::expected<std::string, int>(to_json(faulty));
  if (!body) return body.error();
  const auto report = json::parse(*body);
  const bool good = report.at("good").as_bool();
  const auto list = [&](const char* name, const std::string& before) {
    for (const auto& entry : report.at(name).as_array()) print_line(before + std::string(entry.as_string()));
  };
  if (command.json) {
    print_json(*body);
  } else {
    for (const auto& fault : report.at("faults").as_array()) complain(std::string(fault.as_string()), 0);
    list("applied", "applied: ");
    list("needs_restart", "needs a restart: ");
    print_line(good ? "good" : "nothing has changed");
  }
  return good ? EX_OK : EX_CONFIG;
}

int replay_command(const ReplayCommand& command) {
  constexpr std::chrono::hours longest{24};  // a backlog of days takes its time
  std::string target = "/api/v1/replay?from=" + escaped(command.from);
  for (const auto& [name, text] :
       {std::pair("to", &command.to), {"route", &command.route}, {"topic", &command.topic}})
    if (!text->empty()) target += std::string("&") + name + "=" + escaped(*text);
  const auto body = ask(command, "POST", target, longest);
  if (!body || command.json) return print(body);
  const auto document = json::parse(*body);
  const auto& result = document.as_object();
  const auto records = result.at("delivered").to_number<std::int64_t>();
  print_line(format("%lld %s of route %s sent again", static_cast<long long>(records),
                    records == 1 ? "record" : "records", printable(result.at("route").as_string()).c_str()));
  if (const auto* note = result.if_contains("note")) print_line(note->as_string());
  return EX_OK;
}

int dead_letters_ls_command(const DeadLetterCommand& command) {
  const auto body = ask(command, "GET", "/api/v1/dead-letters");
  if (!body || command.json) return print(body);
  const auto document = json::parse(*body);
  print_line(format("%8s  %-19s  %-16s  %s", "ID", "TIME", "REASON", "WHAT"));
  for (const auto& entry : document.at("dead_letters").as_array())
    print_line(
        format("%8lld  %-19s  %-16s  %s", static_cast<long long>(entry.at("id").to_number<std::int64_t>()),
               time_text(std::string(entry.at("time").as_string())).c_str(),
               entry.at("reason").as_string().c_str(), printable(entry.at("error").as_string()).c_str()));
  return EX_OK;
}

int dead_letters_show_command(const DeadLetterCommand& command) {
  return print(ask(command, "GET", "/api/v1/dead-letters?id=" + std::to_string(command.id)));
}

int dead_letters_retry_command(const DeadLetterCommand& command) {
  return print(ask(command, "POST", "/api/v1/dead-letters/retry?id=" + std::to_string(command.id)));
}

int dead_letters_drop_command(const DeadLetterCommand& command) {
  return print(ask(command, "POST", "/api/v1/dead-letters/drop?id=" + std::to_string(command.id)));
}

int drain_command(const DrainCommand& command) {
  const auto timeout = parse_duration(command.timeout);
  if (!timeout) return complain("--timeout: " + timeout.error(), EX_USAGE);
  const auto end = std::chrono::steady_clock::now() + *timeout;
  Progress progress("drain", ProgressUnit::records, command.json);
  std::uint64_t most = 0;
  for (;;) {
    const auto body = ask(command, "GET", "/api/v1/status");
    if (!body) return body.error();
    const auto status = json::parse(*body);
    const auto unsent = status.at("unsent").to_number<std::uint64_t>();
    if (unsent == 0) return command.json ? print(body) : EX_OK;
    if (std::chrono::steady_clock::now() > end)
      return complain(log::counted(unsent, "reading") + (unsent == 1 ? " still waits: " : " still wait: ") +
                          status.at("verdict").as_string().c_str(),
                      EX_TEMPFAIL);
    most = std::max(most, unsent);
    progress.update(most - unsent, most);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

}  // namespace weather::gateway
