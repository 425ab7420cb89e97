#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <signal.h>
#include <sysexits.h>

#include "bridge/kafka/properties.hpp"
#include "bridge/kafka/settings.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/config/values.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/simulate/simulation.hpp"

namespace weather::gateway {
namespace {

tl::expected<SimulateSettings, std::string> settings_of(const SimulateCommand& command) {
  SimulateSettings settings;
  settings.gateways = command.gateways;
  settings.sensors = command.sensors;
  settings.producers = command.producers;
  settings.topic = command.topic;
  settings.cut = command.cut;
  settings.restore = command.restore;
  settings.seed = command.seed;
  settings.broker_pid = command.broker_pid;
  const auto rate = parse_rate(command.rate);
  if (!rate) return tl::unexpected("--rate: " + rate.error());
  settings.interval = *rate;
  const auto duration = parse_duration(command.duration);
  if (!duration) return tl::unexpected("--for: " + duration.error());
  settings.duration = *duration;
  const auto jitter = parse_duration(command.jitter);
  if (!jitter) return tl::unexpected("--jitter: " + jitter.error());
  settings.jitter = *jitter;
  if (!command.outage.empty()) {
    const auto outage = parse_outage(command.outage);
    if (!outage) return tl::unexpected("--outage: " + outage.error());
    settings.outage_at = outage->at;
    settings.outage_for = outage->lasts;
    if (outage->at + outage->lasts > *duration)
      return tl::unexpected(
          std::string("--outage ends after --for: the run would end before the fleet comes back"));
  }
  return settings;
}

bool read_properties(const std::string& file, bridge::Properties& properties) {
  const auto parsed = bridge::read_properties_file(file);
  const auto errors = parsed ? bridge::check_properties(*parsed, bridge::Client::producer) : parsed.error();
  if (!errors.empty()) {
    complain_of(errors, file);
    return false;
  }
  for (const auto& property : *parsed) properties[property.key] = property.value;
  return true;
}

void print_second(std::size_t number, const Second& second) {
  print_note(format("%4zu s  %llu in, %llu confirmed, %llu waiting", number,
                    static_cast<unsigned long long>(second.accepted),
                    static_cast<unsigned long long>(second.confirmed),
                    static_cast<unsigned long long>(second.waiting)));
}

}  // namespace

int simulate_command(const SimulateCommand& command) {
  auto settings = settings_of(command);
  if (!settings) return complain(settings.error(), EX_USAGE);
  if (!read_properties(command.properties_file, settings->properties)) return EX_CONFIG;
  ::signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context io(1);
  std::optional<SimulateResult> result;
  try {
    Simulation simulation(
        io, *settings,
        [&](std::size_t number, const Second& second) {
          if (!command.json) print_second(number, second);
        },
        [&](SimulateResult found) {
          result = std::move(found);
          io.stop();
        });
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& error, int) {
      if (!error) simulation.end();
      signals.clear();
    });
    io.run();
  } catch (const std::runtime_error& error) {
    return complain(error.what(), EX_CONFIG);
  }
  if (command.json)
    print_json(simulate_json(*settings, *result));
  else
    print_text(simulate_text(*settings, *result));
  return result->score.lost == 0 && result->out_of_order == 0 && result->score.accepted > 0 ? EX_OK
                                                                                            : EX_SOFTWARE;
}

}  // namespace weather::gateway
