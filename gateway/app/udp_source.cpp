#include "gateway/app/udp_source.hpp"

#include <utility>

#include "gateway/config/check.hpp"
#include "gateway/output/say.hpp"
#include "sensors/sources/udp.hpp"

namespace weather::gateway {
namespace {

class Udp final : public Source {
 public:
  Udp(boost::asio::io_context& io, const sensors::UdpOptions& options, sensors::Decoder decode,
      sensors::Sink& sink)
      : name_(options.name), source_(io, options, std::move(decode), sink) {}

  void start() override {
    source_.start();
    up_ = true;
    say(Level::info, name_ + ": taking datagrams on port " + std::to_string(source_.port()));
  }
  std::future<void> stop() override {
    source_.stop();
    up_ = false;
    return {};
  }
  SourceStatus status() const override {
    const auto now = source_.status();
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    return {name_,
            "udp",
            up_,
            up_ ? "" : "not listening",
            {},
            {{"weather_gateway_udp_datagrams", "Datagrams taken.", true, count(now.datagrams)},
             {"weather_gateway_udp_foreign", "Datagrams from addresses that are not in from.", true,
              count(now.foreign)},
             {"weather_gateway_udp_overflown", "Datagrams the kernel had no room for.", true,
              count(now.overflown)}}};
  }

 private:
  const std::string name_;
  bool up_ = false;
  sensors::UdpSource source_;
};

}  // namespace

std::unique_ptr<Source> make_udp(const UdpConfig& config, const std::string& name, sensors::Decoder decode,
                                 boost::asio::io_context& io, sensors::Sink& sink) {
  const auto listen = parse_host_port(config.listen);
  if (!listen) throw std::runtime_error(listen.error());
  auto from = sensors::AddressList::parse(config.from);
  if (!from) throw std::runtime_error("from: " + from.error());
  sensors::UdpOptions options;
  options.name = name;
  options.address = listen->host == "localhost" ? "127.0.0.1" : listen->host;
  options.port = listen->port;
  options.lines = config.lines;
  options.from = std::move(*from);
  options.buffer_bytes = config.buffer;
  return std::make_unique<Udp>(io, options, std::move(decode), sink);
}

}  // namespace weather::gateway
