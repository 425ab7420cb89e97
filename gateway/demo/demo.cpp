#include "gateway/demo/demo.hpp"

#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <stdlib.h>
#include <sysexits.h>

#include "gateway/config/kafka.hpp"

namespace weather::gateway {
namespace {

constexpr const char* topic = "topic_weather";
constexpr std::chrono::milliseconds frame_time{200};
constexpr std::size_t most_lines = 100;

std::filesystem::path make_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "weather-gateway-demo-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw StartError(EX_CANTCREAT, pattern + ": the demo's folder cannot be made");
  return pattern;
}

SimulatorConfig stations(std::uint64_t rate) {
  SimulatorConfig config;
  config.seed = 1;
  config.flaky = true;
  config.stations = std::max<std::uint64_t>(10, rate / 20);
  config.interval = std::chrono::milliseconds(1000 * config.stations / rate);
  return config;
}

Config demo_config(const std::filesystem::path& folder, const bridge::MockCluster& cluster,
                   std::uint64_t rate) {
  const std::vector<ConfigText> texts{
      {"demo",
       "[gateway]\nid = \"demo\"\n"
       "[log]\nsegment_bytes = \"1MiB\"\nmax_bytes = \"64MiB\"\nmin_free_bytes = 0\ncommit_interval = "
       "\"200ms\"\n"
       "[web]\nenabled = false\n"
       "[kafka.properties]\n\"reconnect.backoff.max.ms\" = 500\n\"linger.ms\" = 50\n"}};
  auto config = load(texts, {}).value();
  config.gateway.data_dir = folder;
  config.simulator = {stations(rate)};
  config.kafka.topic = topic;
  config.kafka.properties["bootstrap.servers"] = cluster.bootstrap_servers();
  return config;
}

std::unique_ptr<App> make_app(boost::asio::io_context& io, Config config) {
  auto options = forwarder_options(config, gateway_id(config));
  if (!options) throw StartError(EX_SOFTWARE, to_string(options.error().front()));
  return std::make_unique<App>(io, std::move(config), std::move(*options));
}

}  // namespace

Demo::Demo(boost::asio::io_context& io, const DemoSettings& settings,
           std::function<void(const DemoView&)> show, std::function<void()> done)
    : io_(io),
      settings_(settings),
      show_(std::move(show)),
      done_(std::move(done)),
      folder_(make_folder()),
      timer_(io) {
  cluster_.create_topic(topic, 3);
  app_ = make_app(io_, demo_config(folder_, cluster_, settings_.rate));
  tally_.emplace(app_->log().id());
  consumer_ = std::make_unique<DemoConsumer>(
      demo_consume_options(cluster_.bootstrap_servers(), topic),
      [this](ConsumedEvent event) { consumed(std::move(event)); }, [this] { consumer_joined_ = true; });
  report("a Kafka of our own starts; a consumer joins its topic");
  tick();
}

Demo::~Demo() {
  consumer_.reset();
  app_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Demo::consumed(ConsumedEvent event) {
  const std::lock_guard lock(mutex_);
  tally_->consumed(event.id);
  seen_.push_back(std::move(event.line));
  if (seen_.size() > most_lines) seen_.pop_front();
}

void Demo::report(const std::string& text) {
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin_).count();
  const auto two = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  view_.story.push_back(two(elapsed / 60) + ":" + two(elapsed % 60) + "  " + text);
  if (view_.story.size() > most_lines) view_.story.pop_front();
}

void Demo::toggle_link() {
  set_link(!view_.link_up);
}

void Demo::set_link(bool up) {
  if (view_.link_up == up) return;
  view_.link_up = up;
  cluster_.set_link_up(up);
  report(up ? "link restored: what waited goes to Kafka, in order"
            : "link cut: readings are kept on the disk");
}

void Demo::end() {
  if (view_.draining) return;
  if (!begun_) begin();
  view_.draining = true;
  drain_begin_ = std::chrono::steady_clock::now();
  app_->stop_sources();
  set_link(true);
  report("the stations stop; what waits is sent");
}

Score Demo::score() const {
  const auto accepted = app_->log().status().appended;
  const std::lock_guard lock(mutex_);
  return tally_->score(accepted);
}

std::string Demo::kcat_hint() const {
  return "kcat -b " + cluster_.bootstrap_servers() + " -C -t " + topic + " -f '%k %h %s\\n'";
}

// Once the consumer sees everything as it comes, or has been given time enough to.
void Demo::begin() {
  begun_ = true;
  begin_ = std::chrono::steady_clock::now();
  app_->start();
  report("the stations begin: " + std::to_string(settings_.rate) + " readings a second");
}

void Demo::tick() {
  timer_.expires_after(frame_time);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled || finished_) return;
    const auto now = std::chrono::steady_clock::now();
    constexpr std::chrono::seconds patience{8};
    if (!begun_ && (consumer_joined_ || now - created_ > patience)) begin();
    if (begun_) step(now);
    if (!finished_) tick();
  });
}

void Demo::step(std::chrono::steady_clock::time_point now) {
  const auto elapsed = now - begin_;
  while (next_step_ < settings_.script.size() && !view_.draining &&
         elapsed >= settings_.script[next_step_].at)
    set_link(settings_.script[next_step_++].action == LinkAction::restore);
  if (settings_.duration.count() != 0 && elapsed >= settings_.duration) end();
  refresh(now);
  const auto result = score();
  const bool complete = view_.draining && result.delivered == result.accepted && view_.waiting == 0;
  if (complete || (view_.draining && now - drain_begin_ > settings_.drain_limit)) finish();
}

void Demo::refresh(std::chrono::steady_clock::time_point now) {
  const auto status = app_->status();
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - begin_);
  const double seconds = static_cast<double>((elapsed - view_.elapsed).count()) / 1000;
  view_.elapsed = elapsed;
  view_.state = verdict(status).sentence;
  view_.word = verdict(status).word;
  std::replace(view_.word.begin(), view_.word.end(), '_', ' ');
  view_.waiting = unsent_records(status);
  const auto accepted = status.log.appended;
  std::uint64_t delivered = 0;
  {
    const std::lock_guard lock(mutex_);
    delivered = tally_->events();
    view_.seen = seen_;
  }
  // A quarter of the newest rate: calm enough to read.
  const auto follow = [seconds](double rate, std::uint64_t before, std::uint64_t after) {
    return seconds <= 0 ? rate : rate * 0.75 + 0.25 * static_cast<double>(after - before) / seconds;
  };
  view_.accepted_per_s = follow(view_.accepted_per_s, view_.accepted, accepted);
  view_.delivered_per_s = follow(view_.delivered_per_s, view_.delivered, delivered);
  view_.accepted = accepted;
  view_.delivered = delivered;
  show_(view_);
}

void Demo::finish() {
  finished_ = true;
  app_->stop([this] { done_(); });
}

}  // namespace weather::gateway
