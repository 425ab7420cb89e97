#include "gateway/app/push_sources.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "gateway/app/formats.hpp"
#include "gateway/config/check.hpp"
#include "gateway/ingest/relay_intake.hpp"
#include "gateway/output/say.hpp"
#include "sensors/access/browser.hpp"
#include "sensors/http/http_source.hpp"
#include "sensors/sources/lines.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t sha256_digits = 64;

}  // namespace

std::vector<sensors::HttpToken> read_tokens(const std::filesystem::path& path, bool need_users) {
  if (path.empty()) return {};
  std::ifstream file(path);
  if (!file) throw std::system_error(errno, std::generic_category(), "tokens_file " + path.string());
  std::vector<sensors::HttpToken> tokens;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    sensors::HttpToken token;
    if (!(words >> token.digest)) continue;
    if (token.digest.size() != sha256_digits ||
        token.digest.find_first_not_of("0123456789abcdef") != std::string::npos)
      throw std::runtime_error("tokens_file " + path.string() +
                               ": each line is the SHA-256 of a token: printf %s TOKEN | sha256sum");
    words >> token.user;
    if (token.user == "-") token.user.clear();  // sha256sum writes it behind the digest
    for (std::string prefix; words >> prefix;) token.id_prefixes.push_back(prefix);
    if (need_users && token.user.empty())
      throw std::runtime_error("tokens_file " + path.string() +
                               ": ids = \"user\" needs the user's name behind each digest");
    tokens.push_back(std::move(token));
  }
  if (tokens.empty()) throw std::runtime_error("tokens_file " + path.string() + " has no token");
  return tokens;
}

namespace {

sensors::HttpOptions options_of(const HttpConfig& config, const std::string& name) {
  const auto listen = parse_host_port(config.listen);
  if (!listen) throw std::runtime_error(listen.error());
  sensors::HttpOptions options;
  options.name = name;
  options.address = listen->host == "localhost" ? "127.0.0.1" : listen->host;
  options.port = listen->port;
  options.cert_file = config.cert_file.string();
  options.key_file = config.key_file.string();
  options.ids_of_user = config.ids == "user";
  options.client_ca_file = config.client_ca_file.string();
  options.tokens = read_tokens(config.tokens_file, options.ids_of_user);
  options.hosts = config.hosts;
  for (auto& host : sensors::machine_names()) options.hosts.push_back(std::move(host));
  options.say = [name](const std::string& text) { say(Level::warning, name + ": " + text); };
  return options;
}

class Http final : public Source {
 public:
  Http(boost::asio::io_context& io, sensors::HttpOptions options, sensors::Sink& sink,
       const std::map<std::string, std::string>& units, const RelayIntake* relay)
      : name_(options.name), relay_(relay), sink_(sink, units), source_(io, std::move(options), sink_) {}

  void start() override {
    source_.start();
    up_ = true;
    say(Level::info, name_ + ": listening for pushed readings on port " + std::to_string(source_.port()));
  }
  std::future<void> stop() override {
    source_.stop();
    up_ = false;
    return {};
  }
  SourceStatus status() const override {
    SourceStatus result{name_, "http", up_, up_ ? "" : "not listening", {}, {}};
    const auto& now = source_.status();
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    result.measures = {
        {"weather_gateway_http_connections", "Connections now.", false, count(now.connections)},
        {"weather_gateway_http_accepted_connections", "Connections accepted.", true,
         count(now.accepted_connections)},
        {"weather_gateway_http_refused_connections", "Connections beyond the limits, closed at once.", true,
         count(now.refused_connections)},
        {"weather_gateway_http_not_authorized",
         "Requests refused because a sensor in them is not the sender's.", true, count(now.not_authorized)},
        {"weather_gateway_http_requests", "Requests answered.", true}};
    for (const auto& [code, number] : now.answers)
      result.measures.push_back({"weather_gateway_http_requests", "Requests answered.", true, count(number),
                                 "code", std::to_string(code)});
    if (relay_ != nullptr) add_relay(result);
    return result;
  }

 private:
  void add_relay(SourceStatus& result) const {
    struct Kind {
      std::string_view name, help;
      std::uint64_t RelaySender::*number;
    };
    constexpr Kind kinds[] = {
        {"weather_gateway_relay_records", "Records of other gateways stored.", &RelaySender::records},
        {"weather_gateway_relay_repeats", "Records of other gateways that were here already.",
         &RelaySender::again},
        {"weather_gateway_relay_refused", "Records of other gateways refused for good.",
         &RelaySender::refused},
        {"weather_gateway_relay_put_off", "Batches of other gateways the log had no room for.",
         &RelaySender::put_off}};
    for (const auto& kind : kinds) {
      result.measures.push_back({kind.name, kind.help, true});
      for (const auto& [gateway, sender] : relay_->senders())
        result.measures.push_back(
            {kind.name, kind.help, true, static_cast<double>(sender.*kind.number), "gateway", gateway});
    }
    std::string names;
    for (const auto& [gateway, sender] : relay_->senders()) names += (names.empty() ? "" : ", ") + gateway;
    if (!names.empty()) result.place = "relays for " + names;
  }

  const std::string name_;
  const RelayIntake* const relay_;
  bool up_ = false;
  UnitsSink sink_;
  sensors::HttpSource source_;
};

class Lines final : public Source {
 public:
  Lines(sensors::LinesOptions options, sensors::Decoder decode, sensors::Sink& sink)
      : source_(std::move(options), std::move(decode), sink) {}

  void start() override { source_.start(); }
  std::future<void> stop() override {
    return std::async(std::launch::async, [this] { source_.stop(); });
  }
  SourceStatus status() const override {
    const auto now = source_.status();
    const std::string reason = now.open ? "" : now.ended ? "the input ended" : now.last_error;
    SourceStatus result{source_.name(), "lines", now.open, reason, {}, {}};
    if (!now.file) return result;
    if (now.open)
      result.place = "byte " + std::to_string(now.offset) + " of " + now.reading + ", " +
                     std::to_string(now.behind_bytes) + " behind its end";
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    result.measures = {
        {"weather_gateway_file_offset_bytes", "How far the file being read has been taken.", false,
         count(now.offset)},
        {"weather_gateway_file_behind_bytes", "Bytes of the file being read that are not taken yet.", false,
         count(now.behind_bytes)}};
    return result;
  }

 private:
  sensors::LinesSource source_;
};

}  // namespace

std::unique_ptr<Source> make_http(const HttpConfig& config, const std::string& name,
                                  boost::asio::io_context& io, sensors::Sink& sink, RelayIntake& relay,
                                  sensors::MemoryBudget* memory) {
  auto options = options_of(config, name);
  options.memory = memory;
  if (config.relay) {
    relay.open();
    options.relay = &relay;
    // A site's gateways may stand behind one address, and each keeps its connection.
    options.limits.connections_per_address = options.limits.connections;
  }
  return std::make_unique<Http>(io, std::move(options), sink, config.units, config.relay ? &relay : nullptr);
}

std::unique_ptr<Source> make_lines(const LinesConfig& config, const std::string& name,
                                   sensors::Decoder decode, std::size_t heading_lines, sensors::Sink& sink,
                                   sensors::PositionKeeper& positions) {
  sensors::LinesOptions options;
  options.name = name;
  options.path = config.path;
  options.follow = config.follow;
  options.heading_lines = heading_lines;
  options.positions = &positions;
  options.say = [name](const std::string& text) { say(Level::info, name + ": " + text); };
  return std::make_unique<Lines>(std::move(options), std::move(decode), sink);
}

}  // namespace weather::gateway
