#include <cinttypes>
#include <fstream>
#include <future>
#include <iostream>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <signal.h>
#include <sysexits.h>

#include "bridge/log/clock.hpp"
#include "bridge/log/counted.hpp"
#include "gateway/app/app.hpp"
#include "gateway/app/line_reading.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/setup.hpp"
#include "gateway/config/files.hpp"
#include "gateway/config/source_kinds.hpp"
#include "gateway/config/values.hpp"
#include "gateway/control/client.hpp"
#include "gateway/http/message.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/progress.hpp"
#include "sensors/decoders/json_document.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;

struct Sent {
  std::uint64_t lines = 0, readings = 0, undecodable = 0;
};

// So many lines are read and decoded while those before them are stored, and become durable together.
struct Block {
  static constexpr std::size_t most_lines = 1000, most_bytes = 1U << 20;
  struct Line {
    std::string text;
    std::uint64_t number = 0;  // in the file, from 1
    sensors::Decoded decoded;
  };
  std::vector<Line> lines;
  std::uint64_t bytes = 0, last_number = 0;
};

// The lines of a file, decoded. One thread at a time.
class FileDecoder {
 public:
  FileDecoder(std::istream& in, const std::string& name, LineReading reading)
      : in_(in), name_(name), reading_(std::move(reading)) {}

  // The next ones; none: the file has ended.
  Block next() {
    Block block;
    std::string text;
    while (block.lines.size() < Block::most_lines && block.bytes < Block::most_bytes &&
           std::getline(in_, text)) {
      block.last_number = ++number_;
      block.bytes += text.size() + 1;
      if (number_ <= reading_.heading_lines) {
        heading_ += text + '\n';
        continue;
      }
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      auto& line = block.lines.emplace_back(Block::Line{std::move(text), number_, {}});
      auto message = message_of(line);
      message.heading = heading_;
      message.received_ns = log::system_clock().wall_ns();
      line.decoded =
          line.text.size() <= sensors::max_payload_bytes ? reading_.decode(message) : too_long(line.text);
    }
    return block;
  }

  sensors::Message message_of(const Block::Line& line) const {
    sensors::Message message;
    message.source = "send";
    message.topic = name_;
    message.payload = line.text;
    return message;
  }

 private:
  static sensors::Decoded too_long(const std::string& text) {
    return tl::unexpected(sensors::DecodeError{"too_large", std::to_string(text.size()) +
                                                                " bytes in a line are more than the " +
                                                                std::to_string(sensors::max_payload_bytes) +
                                                                " accepted; only its beginning is kept"});
  }

  std::istream& in_;
  const std::string& name_;
  const LineReading reading_;
  std::string heading_;
  std::uint64_t number_ = 0;
};

// Makes all lines durable. Throws StartError with the line that could not be stored.
class FileSender {
 public:
  FileSender(App& app, const SendCommand& command)
      : app_(app), command_(command), progress_("send", ProgressUnit::bytes, command.json) {}

  Sent run(FileDecoder decoder, std::uint64_t total_bytes) {
    std::uint64_t bytes = 0;
    const auto ahead = [&decoder] { return std::async(std::launch::async, &FileDecoder::next, &decoder); };
    for (auto coming = ahead();;) {
      auto block = coming.get();
      if (block.lines.empty() && block.bytes == 0) return sent_;
      coming = ahead();
      for (auto& line : block.lines) store(decoder.message_of(line), line);
      sent_.lines += block.lines.size();
      if (const auto durable = app_.ingest().wait(last_, std::chrono::seconds(30)); !durable)
        fail(block.last_number, durable.error());
      bytes += block.bytes;
      progress_.update(bytes, std::max(bytes, total_bytes));
    }
  }

 private:
  void store(const sensors::Message& message, Block::Line& line) {
    if (line.decoded) {
      sent_.readings += line.decoded->size();
    } else {
      ++sent_.readings;  // the line itself is kept
      if (++sent_.undecodable <= most_reported)
        complain(command_.file + ":" + std::to_string(line.number) + ": " + line.decoded.error().text, 0);
    }
    const auto ticket = app_.ingest().accept(
        message, [&](const sensors::Message&) { return std::move(line.decoded); }, sensors::Waits::no);
    if (!ticket) fail(line.number, ticket.error());
    last_ = std::max(last_, *ticket);
  }

  [[noreturn]] void fail(std::uint64_t number, const std::error_code& error) const {
    throw StartError(EX_IOERR, command_.file + ":" + std::to_string(number) + ": not stored: " +
                                   error.message() + "; lines before the last thousand are safe");
  }

  static constexpr std::uint64_t most_reported = 10;
  App& app_;
  const SendCommand& command_;
  Progress progress_;
  Sent sent_;
  sensors::Ticket last_ = 0;
};

// Forwards until nothing waits, the time is up, or a signal comes. Returns what
// still waits.
class Drain {
 public:
  Drain(asio::io_context& io, App& app, bool quiet)
      : io_(io),
        app_(app),
        timer_(io),
        signals_(io, SIGINT, SIGTERM),
        progress_("deliver", ProgressUnit::records, quiet) {}

  std::uint64_t run(std::chrono::milliseconds timeout) {
    end_ = std::chrono::steady_clock::now() + timeout;
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) finish();
    });
    app_.start();
    total_ = unsent_records(app_.status());
    watch();
    io_.run();
    return waiting_;
  }

 private:
  void watch() {
    timer_.expires_after(std::chrono::milliseconds(100));
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      waiting_ = unsent_records(app_.status());
      total_ = std::max(total_, waiting_);
      progress_.update(total_ - waiting_, total_);
      if (waiting_ == 0 || std::chrono::steady_clock::now() > end_)
        finish();
      else
        watch();
    });
  }

  void finish() {
    timer_.cancel();
    app_.stop([this] {
      waiting_ = unsent_records(app_.status());
      io_.stop();
    });
  }

  asio::io_context& io_;
  App& app_;
  asio::steady_timer timer_;
  asio::signal_set signals_;
  Progress progress_;
  std::chrono::steady_clock::time_point end_;
  std::uint64_t waiting_ = 0, total_ = 0;
};

// A running gateway holds the log: hand the lines to it, a few hundred at a
// time, each answered once durable.
int send_to_running(const SendCommand& command, const std::map<std::string, std::string>& table,
                    std::size_t heading_lines, const std::filesystem::path& socket, std::istream& in,
                    std::uint64_t total_bytes) {
  constexpr std::size_t most_bytes = 200U << 10;  // the server takes 256 KiB
  auto path = "/api/v1/readings?format=" + encode_query(command.format);
  for (const auto& [key, value] : table) path += "&" + encode_query(key) + "=" + encode_query(value);
  Progress progress("send", ProgressUnit::bytes, command.json);
  Sent sent;
  std::uint64_t bytes = 0;
  std::string line, body, heading;
  const auto flush = [&]() -> int {
    if (body.empty()) return EX_OK;
    const auto answer = control_call(socket, "POST", path, heading + body);
    if (!answer) return complain(answer.error(), EX_UNAVAILABLE);
    if (answer->status != 200)
      return complain("line " + std::to_string(sent.lines) + ": not stored: " + answer->body, EX_IOERR);
    const auto counts = boost::json::parse(answer->body);
    sent.undecodable += counts.at("undecodable").to_number<std::uint64_t>();
    body.clear();
    progress.update(bytes, std::max(bytes, total_bytes));
    return EX_OK;
  };
  while (std::getline(in, line)) {
    bytes += line.size() + 1;
    if (heading_lines > 0) {
      heading += line + "\n";
      --heading_lines;
      continue;
    }
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (heading.size() + line.size() + 1 > most_bytes)
      return complain("line " + std::to_string(sent.lines + 1) + " is too long", EX_DATAERR);
    if (heading.size() + body.size() + line.size() + 1 > most_bytes)
      if (const int failed = flush(); failed != EX_OK) return failed;
    body += line + "\n";
    ++sent.lines;
  }
  if (const int failed = flush(); failed != EX_OK) return failed;
  print_text(command.json ? format("{\"schema_version\":1,\"lines\":%" PRIu64 ",\"undecodable\":%" PRIu64
                                   ",\"running\":true}\n",
                                   sent.lines, sent.undecodable)
                          : log::counted(sent.lines, "line") + " stored by the running gateway, " +
                                std::to_string(sent.undecodable) + " undecodable\n");
  return sent.undecodable == 0 ? EX_OK : EX_DATAERR;
}

int report(const SendCommand& command, const Sent& sent, std::uint64_t waiting) {
  print_text(command.json
                 ? format("{\"schema_version\":1,\"lines\":%" PRIu64 ",\"readings\":%" PRIu64
                          ",\"undecodable\":%" PRIu64 ",\"waiting\":%" PRIu64 ",\"running\":false}\n",
                          sent.lines, sent.readings, sent.undecodable, waiting)
                 : log::counted(sent.lines, "line") + " stored as " + log::counted(sent.readings, "reading") +
                       ", " + std::to_string(sent.undecodable) + " undecodable; " + std::to_string(waiting) +
                       (waiting == 1 ? " waits" : " wait") + " for Kafka\n");
  if (waiting != 0 && !command.no_wait)
    return complain(
        "Kafka does not have everything yet; the log keeps it: run "
        "the gateway or send again",
        EX_TEMPFAIL);
  return sent.undecodable == 0 ? EX_OK : EX_DATAERR;
}

}  // namespace

int send_command(const SendCommand& command) {
  auto setup = read_setup(command.config_file);
  if (!setup) return setup.error();
  const auto timeout = parse_duration(command.timeout);
  if (!timeout) return complain("--timeout: " + timeout.error(), EX_USAGE);
  const auto table = table_settings(command.table);
  if (!table) return complain("--table: " + table.error(), EX_USAGE);
  auto reading = line_reading(setup->config, command.format, *table);
  if (!reading) return complain("--format: " + reading.error(), EX_USAGE);
  std::ifstream file;
  std::error_code no_size;
  std::uint64_t size = 0;
  if (command.file != "-") {
    file.open(command.file);
    if (!file) return complain(command.file + ": cannot be read", EX_NOINPUT);
    size = std::filesystem::file_size(command.file, no_size);
  }
  ::signal(SIGPIPE, SIG_IGN);
  auto& input = command.file == "-" ? std::cin : file;
  if (const auto socket = control_socket(setup->config); control_call(socket, "GET", "/healthz"))
    return send_to_running(command, *table, reading->heading_lines, socket, input, no_size ? 0 : size);
  // Only the file is a source now.
  auto& config = setup->config;
  for (const auto& kind : source_kinds()) kind.clear(config);
  asio::io_context io(1);
  try {
    App app(io, std::move(setup->config), std::move(setup->forwarder));
    const auto sent = FileSender(app, command)
                          .run(FileDecoder(input, command.file, std::move(*reading)), no_size ? 0 : size);
    if (command.no_wait) {
      if (const auto closed = app.log().close(); !closed)
        return complain_of_log(app.config().gateway.data_dir.string(), closed.error());
      return report(command, sent, unsent_records(app.status()));
    }
    return report(command, sent, Drain(io, app, command.json).run(*timeout));
  } catch (const StartError& error) {
    return complain(error.what(), error.exit_code());
  }
}

}  // namespace weather::gateway
