#include "gateway/commands/init.hpp"

#include <atomic>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

#include <sysexits.h>
#include <unistd.h>

#include "gateway/app/formats.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/kafka_look.hpp"
#include "gateway/commands/setup.hpp"
#include "gateway/config/values.hpp"
#include "gateway/doctor/judge.hpp"
#include "gateway/init/ask.hpp"
#include "gateway/init/hear_bluetooth.hpp"
#include "gateway/init/look.hpp"
#include "gateway/init/staged.hpp"
#include "gateway/init/tell.hpp"
#include "gateway/init/write.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/time_text.hpp"
#include "sensors/sources/mqtt_listen.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds broker_wait{2};
constexpr std::size_t most_names_asked = 12;

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string first_line(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

class Init {
 public:
  Init(const InitCommand& options, std::chrono::milliseconds listen, std::chrono::milliseconds timeout)
      : options_(options),
        listen_(listen),
        timeout_(timeout),
        file_(fs::absolute(options.config_file).lexically_normal()),
        asker_(options.yes, std::cin, print_prompt) {
    answers_.id = options.id.empty() ? host_name() : options.id;
    answers_.kafka.topic = options.topic;
    answers_.data_dir = options.data_dir;
    if (answers_.data_dir.empty())
      answers_.data_dir = file_.parent_path() == fs::path(default_config_file).parent_path()
                              ? "/var/lib/weather-gateway"
                              : (file_.parent_path() / "data").string();
  }

  int run() {
    if (const int code = may_write(); code != EX_OK) return code;
    print_line("This sets up " + file_.string() + ".");
    print_line("Nothing is written before the end. An empty answer takes what is in [brackets].");
    answers_.id = asker_.text("\nName of this gateway", answers_.id);
    find_mqtt();
    find_local();
    find_bluetooth();
    name_sensors();
    if (!asker_.ended()) find_kafka();
    if (asker_.ended()) return complain("the answers ended early; nothing was written", EX_NOINPUT);
    if (const int code = write(); code != EX_OK) return code;
    if (const int code = open_page(); code != EX_OK) return code;
    print_line("");
    CheckOptions check{file_.string(), options_.timeout};
    const int good = check_command(check);
    print_line("");
    print_line(good == EX_OK
                   ? "Next: sudo systemctl restart weather-gateway; weather-gateway top"
                   : "Mend what is a fault above, then: weather-gateway check -c " + file_.string());
    return good;
  }

 private:
  int may_write() {
    const auto there = those_there({{file_.filename(), "", false}}, file_.parent_path());
    if (there.empty() || options_.replace) return EX_OK;
    if (!options_.yes &&
        asker_.yes(file_.string() + " is there already. Replace it? It is kept under another name.", false))
      return EX_OK;
    return complain(
        file_.string() +
            " is there already and stays as it is; --replace keeps it under another name, -c FILE "
            "writes elsewhere",
        EX_CANTCREAT);
  }

  // ---- MQTT

  void find_mqtt() {
    print_line("");
    print_line("MQTT");
    auto urls = options_.brokers;
    if (urls.empty())
      for (const auto& url : possible_brokers(options_.root))
        if (urls.empty() && ask_broker(url, broker_wait) != BrokerAnswer::none) urls.push_back(url);
    if (urls.empty()) {
      print_line("  No broker answers on this machine.");
      const auto url = asker_.text("  Broker on another (mqtt://HOST:1883), or empty for none", "");
      if (!url.empty()) urls.push_back(url);
    }
    for (const auto& url : urls) take_broker(url);
  }

  void take_broker(const std::string& url) {
    InitBroker broker;
    broker.url = url;
    broker.username = options_.username;
    if (!options_.password_file.empty()) broker.password = first_line(options_.password_file);
    for (;;) {
      Heard heard;
      const auto done = hear(broker, heard);
      if (done) {
        choose(broker, heard);
        break;
      }
      print_line("  " + url + ": " + done.error().text);
      if (!done.error().log_in || options_.yes) {
        if (!asker_.yes("  Write it down all the same?", options_.yes)) return;
        break;
      }
      broker.username = asker_.text("  User name", "");
      if (broker.username.empty() || asker_.ended()) return;
      broker.password = asker_.secret("  Password");
    }
    answers_.brokers.push_back(std::move(broker));
  }

  tl::expected<void, sensors::ListenError> hear(const InitBroker& broker, Heard& heard) {
    sensors::MqttOptions mqtt;
    mqtt.url = broker.url;
    mqtt.username = broker.username;
    mqtt.password = broker.password;
    print_line("  " + broker.url + ": listening for " + human_seconds(listen_) + " ...");
    flush_output();
    std::mutex mutex;
    return sensors::listen_to_broker(mqtt, listen_, stop_,
                                     [&](std::string_view topic, std::string_view payload, bool retained) {
                                       const std::lock_guard lock(mutex);
                                       heard.add(topic, payload, retained);
                                     });
  }

  void choose(InitBroker& broker, const Heard& heard) {
    const auto config = load({}, {});
    if (!config) return;
    const auto found = propose(heard, make_registry(*config, nullptr));
    print_text(to_text(heard, found));
    for (const auto& source : found.sources)
      if (asker_.yes("  Take in what " + source.format + " sends?", true)) broker.sources.push_back(source);
    if (found.sources.empty()) print_line("  Until then weather/# is taken as JSON.");
  }

  // ---- Buses and names

  void find_local() {
    print_line("");
    print_line("Sensors wired to this machine");
    for (auto& bus : find_buses(options_.root)) {
      for (const auto& sensor : bus.sensors) print_text(to_text(sensor));
      if (asker_.yes("  Read " + bus.kind + "?", true)) answers_.buses.push_back(std::move(bus));
    }
    if (answers_.buses.empty()) print_line("  None on I2C and 1-Wire that the kernel knows.");
    answers_.serial_adapters = serial_adapters(options_.root);
    print_text(adapters_text(answers_.serial_adapters));
    for (const auto& bus : i2c_buses(options_.root))
      print_line("  " + bus +
                 ": for BME680, SCD4x, SEN5x and others see [[i2c]] in man weather-gateway.toml");
    answers_.rtl_433 = has_rtl_433(options_.root);
    if (answers_.rtl_433) print_line("  rtl_433 is installed: conf.d/programs.toml has what it takes");
    for (const auto& chip : gpio_chips(options_.root))
      print_line("  " + chip + ": for rain gauges and anemometers see [[pulse]] in man weather-gateway.toml");
  }

  void find_bluetooth() {
    auto found = hear_bluetooth(listen_);
    if (found.adapter.empty()) return;
    print_line("");
    print_line("Sensors heard by Bluetooth LE");
    for (const auto& sensor : found.sensors) print_text(to_text(sensor));
    if (!found.obstacle.empty())
      print_line("  " + found.obstacle);
    else if (found.sensors.empty())
      print_line("  " + found.adapter +
                 ": none was heard; for later see [[bluetooth]] in man weather-gateway.toml");
    else if (asker_.yes("  Take in these?", true))
      answers_.bluetooth = std::move(found);
  }

  void name_sensors() {
    std::vector<const FoundSensor*> all;
    for (const auto& broker : answers_.brokers)
      for (const auto& source : broker.sources)
        for (const auto& sensor : source.sensors) all.push_back(&sensor);
    for (const auto& bus : answers_.buses)
      for (const auto& sensor : bus.sensors) all.push_back(&sensor);
    for (const auto& sensor : answers_.bluetooth.sensors) all.push_back(&sensor);
    if (all.empty() || all.size() > most_names_asked || asker_.assumes()) return;
    print_line("");
    print_line("Names: the key of a sensor's records in Kafka. Empty keeps the id.");
    for (const auto* sensor : all) {
      print_text(to_text(*sensor));
      const auto proposed = name_from_id(sensor->id);
      const auto name = asker_.text("  Name" + (proposed.empty() ? "" : ", as \"" + proposed + "\""), "");
      if (!name.empty() && name != sensor->id) answers_.names[sensor->id] = name;
      if (asker_.ended()) return;
    }
  }

  // ---- Kafka

  void find_kafka() {
    print_line("");
    print_line("Kafka");
    answers_.kafka.bootstrap = options_.kafka;
    answers_.kafka.proxy = options_.proxy;
    if (!options_.properties_file.empty()) answers_.kafka.properties = text_of_file(options_.properties_file);
    for (bool first = true;; first = false) {
      if (!first || (options_.kafka.empty() && options_.properties_file.empty())) ask_kafka();
      answers_.kafka.topic = first ? asker_.text("  Topic", answers_.kafka.topic) : answers_.kafka.topic;
      if (asker_.ended() || test_kafka() || options_.yes) return;
      if (asker_.yes("  Write it down all the same?", true)) return;
    }
  }

  void ask_kafka() {
    const std::string usual = "127.0.0.1:9092";
    answers_.kafka.properties.clear();
    const auto answer = asker_.text("  Address (HOST:PORT,...), or p to paste a client.properties", usual);
    if (answer == "p" || answer == "P")
      answers_.kafka.properties = asker_.lines("  Paste it, then an empty line:");
    else
      answers_.kafka.bootstrap = answer;
  }

  bool test_kafka() {
    const Staged staged(plan_files(answers_, file_.filename()));
    const auto setup = load_setup((staged.folder() / file_.filename()).string());
    if (!setup) {
      for (const auto& line : setup.error().lines) print_line("  " + staged.without_folder(line));
      return false;
    }
    const auto& forwarder = setup->forwarder;
    print_line("  Asking " + forwarder.properties.at("bootstrap.servers") + " ...");
    flush_output();
    const auto found = look_at_kafka(forwarder, forwarder.properties, answers_.kafka.topic, timeout_);
    const auto findings =
        judge_kafka(found, forwarder.properties.at("bootstrap.servers"), answers_.kafka.topic);
    print_text(indented(to_text(findings)));
    return found.kafka.reached && !any_fault(findings);
  }

  // ---- The files

  int write() {
    const auto files = plan_files(answers_, file_.filename());
    const Staged staged(files);
    if (const auto setup = load_setup((staged.folder() / file_.filename()).string()); !setup) {
      for (const auto& line : setup.error().lines) complain(staged.without_folder(line), 0);
      return complain("nothing was written", EX_CONFIG);
    }
    const auto folder = file_.parent_path();
    const auto there = those_there(files, folder);
    print_line("");
    print_line("Files");
    for (const auto& file : files) print_line("  " + (folder / file.path).string());
    for (const auto& file : there) print_line("  kept as .before-...: " + file.string());
    if (!there.empty() && options_.yes && !options_.replace)
      return complain(there.front().string() + " is there already; --replace keeps it under another name",
                      EX_CANTCREAT);
    if (!asker_.yes("Write them?", true) || asker_.ended())
      return complain("nothing was written", EX_CANTCREAT);
    const auto written = write_files(files, folder, file_stamp());
    return written ? EX_OK : complain(written.error() + "; nothing was written", EX_CANTCREAT);
  }

  int open_page() {
    PageAccessCommand page;
    page.config_file = file_.string();
    page.hosts = options_.page_hosts;
    page.user = options_.page_user;
    page.password_file = options_.page_password_file;
    page.replace = options_.replace;
    if (page.hosts.empty() && !options_.yes &&
        asker_.yes("\nOpen the page to other machines, with TLS and a password?", false)) {
      page.hosts = {asker_.text("  What browsers call this machine", host_name() + ".lan")};
      page.user = asker_.text("  User", "me");
    }
    return page.hosts.empty() ? EX_OK : page_access_command(page);
  }

  const InitCommand& options_;
  const std::chrono::milliseconds listen_, timeout_;
  const fs::path file_;
  Asker asker_;
  InitAnswers answers_;
  std::atomic<bool> stop_{false};
};

}  // namespace

int init_command(const InitCommand& options) {
  const auto listen = parse_duration(options.listen), timeout = parse_duration(options.timeout);
  if (!listen) return complain("--listen: " + listen.error(), EX_USAGE);
  if (!timeout) return complain("--timeout: " + timeout.error(), EX_USAGE);
  if (!options.page_hosts.empty() && options.page_user.empty())
    return complain("--page-host needs --page-user", EX_USAGE);
  for (const auto* file : {&options.properties_file, &options.password_file, &options.page_password_file})
    if (!file->empty() && !std::ifstream(*file)) return complain(*file + ": cannot be read", EX_NOINPUT);
  return Init(options, *listen, *timeout).run();
}

}  // namespace weather::gateway
