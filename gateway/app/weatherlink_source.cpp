#include "gateway/app/weatherlink_source.hpp"

#include <utility>

#include "gateway/output/say.hpp"
#include "sensors/sources/weatherlink_live.hpp"

namespace weather::gateway {
namespace {

class Weatherlink final : public Source {
 public:
  Weatherlink(boost::asio::io_context& io, sensors::WeatherlinkOptions options, sensors::Sink& sink)
      : name_(options.name), source_(io, std::move(options), sink) {}

  void start() override { source_.start(); }
  std::future<void> stop() override {
    source_.stop();
    return {};
  }
  SourceStatus status() const override {
    const auto now = source_.status();
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    return {
        name_,
        "weatherlink",
        now.up,
        now.up               ? ""
        : now.reason.empty() ? "not asked yet"
                             : now.reason,
        {},
        {{"weather_gateway_weatherlink_requests", "Questions put to the station.", true, count(now.asked)},
         {"weather_gateway_weatherlink_unanswered", "Questions without a whole answer.", true,
          count(now.unanswered)},
         {"weather_gateway_weatherlink_refused",
          "Answers that were an error, a redirection or something else.", true, count(now.refused)},
         {"weather_gateway_weatherlink_repeated", "Conditions and wind that were known already.", true,
          count(now.repeated)},
         {"weather_gateway_weatherlink_dropped", "Conditions that waited for the log behind too many others.",
          true, count(now.dropped)},
         {"weather_gateway_weatherlink_datagrams", "Datagrams of the station's broadcast.", true,
          count(now.datagrams)},
         {"weather_gateway_weatherlink_foreign", "Datagrams of another address or another device.", true,
          count(now.foreign)}}};
  }

 private:
  const std::string name_;
  sensors::WeatherlinkLive source_;
};

}  // namespace

std::unique_ptr<Source> make_weatherlink(const WeatherlinkConfig& config, const std::string& name,
                                         sensors::Decoder decode, boost::asio::io_context& io,
                                         sensors::Sink& sink) {
  auto place = sensors::HttpPlace::parse(config.address);
  if (!place) throw std::runtime_error("address: " + place.error());
  sensors::WeatherlinkOptions options;
  options.name = name;
  options.place = std::move(*place);
  options.poll.interval = config.interval;
  options.poll.wind = config.wind;
  options.decode = std::move(decode);
  options.say = [name](bool good, const std::string& text) {
    say(good ? Level::info : Level::warning, name + ": " + text);
  };
  return std::make_unique<Weatherlink>(io, std::move(options), sink);
}

}  // namespace weather::gateway
