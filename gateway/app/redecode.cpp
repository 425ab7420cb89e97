#include "gateway/app/redecode.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bridge/dead_letters/store.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/config/source_names.hpp"
#include "sensors/buses/nmea.hpp"
#include "sensors/decoders/json.hpp"
#include "sensors/http/push.hpp"
#include "sensors/listener/wire.hpp"

namespace weather::gateway {
namespace {

using Done = std::function<void(std::string)>;

constexpr std::chrono::milliseconds look_again{20};
constexpr int most_looks = 500;  // ten seconds

struct Found {
  const SourceKind& kind;
  std::size_t index = 0;
};

// The source that goes by this name now.
std::optional<Found> source_called(const Config& config, std::string_view name) {
  for (const auto& kind : source_kinds()) {
    const auto count = kind.names(config).size();
    for (std::size_t i = 0; i < count; ++i)
      if (source_name(config, std::string(kind.section), i) == name) return Found{kind, i};
  }
  return std::nullopt;
}

sensors::Decoder decoder_of_path(std::string_view path) {
  const auto route = sensors::find_push_route(path).route;
  if (route == sensors::PushRoute::readings || route == sensors::PushRoute::unknown)
    return sensors::decode_json;
  return [route](const sensors::Message& message) { return sensors::decode_console(route, message); };
}

bool is_undecoded(const sensors::Reading& reading) {
  return (reading.flags() & v1::FLAG_PARSE_PARTIAL) != 0 && !reading.raw().empty();
}

// Durability comes from the log thread; a person waits, so looking now and then is soon enough.
void settle_when_durable(App& app, std::uint64_t id, sensors::Ticket ticket, Done done) {
  const auto timer = std::make_shared<boost::asio::steady_timer>(app.io());
  const auto look = std::make_shared<std::function<void(int)>>();
  *look = [&app, id, ticket, timer, done = std::move(done), self = std::weak_ptr(look)](int looks) {
    if (app.ingest().durable() >= ticket) {
      const auto settled = app.forwarder().settle_dead_letter(id);
      return done(settled ? "" : "stored, but its dead letter stays: " + settled.error().message());
    }
    if (looks == 0) return done("not durable yet: look at `weather-gateway status`, and try again later");
    timer->expires_after(look_again);
    timer->async_wait(
        [again = self.lock(), looks](const boost::system::error_code&) { (*again)(looks - 1); });
  };
  (*look)(most_looks);
}

}  // namespace

bool subscribed(const std::vector<std::string>& filters, std::string_view topic) {
  return std::any_of(filters.begin(), filters.end(), [topic](const std::string& filter) {
    return sensors::listener::topic_matches(filter, topic);
  });
}

bool takes_topic(const Reads& source, std::string_view topic) {
  if (!source.topics.empty()) return subscribed(source.topics, topic);
  if (!source.topic.empty()) return source.topic == topic;
  boost::system::error_code no_address;
  (void)boost::asio::ip::make_address(topic, no_address);
  return !no_address;
}

tl::expected<sensors::Decoder, std::string> decoder_of_source(const Config& config, std::string_view source,
                                                              std::string_view topic) {
  if (source == "send") return make_registry(config, nullptr).make("json");
  const auto found = source_called(config, source);
  if (found && found->kind.reads != nullptr) {
    const auto reads = found->kind.reads(config).at(found->index);
    if (reads.format.empty()) return with_units(decoder_of_path(topic), reads.units);
    const auto registry = make_registry(config, nullptr);
    auto decoder = make_decoder(registry, reads);
    if (!decoder) return decoder;
    if (registry.find(reads.format)->heading_lines > 0 && !reads.table.contains("columns"))
      return tl::unexpected("a line of a table says nothing without its heading: name table.columns of " +
                            std::string(source));
    return with_units(std::move(*decoder), reads.units);
  }
  if (found && found->kind.section == "nmea")
    return sensors::Decoder(
        [options = sensors::NmeaOptions{config.nmea.at(found->index).fixed_mast}](
            const sensors::Message& message) { return sensors::decode_nmea(message, options); });
  return tl::unexpected("it came from \"" + std::string(source) +
                        "\", and no source has this name any more: give one that name");
}

tl::expected<std::vector<sensors::Reading>, std::string> redecode(const Config& config,
                                                                  const sensors::Reading& letter) {
  sensors::Message message;
  message.source = letter.arrival().source();
  message.topic = letter.arrival().topic();
  message.payload = letter.raw();
  message.received_ns = static_cast<std::int64_t>(letter.received_time_ns());
  const auto decoder = decoder_of_source(config, message.source, message.topic);
  if (!decoder) return tl::unexpected(decoder.error());
  auto readings = (*decoder)(message);
  if (!readings) return tl::unexpected("it still cannot be decoded: " + readings.error().text);
  if (readings->empty())
    return tl::unexpected(std::string("its decoder now says that it carries no reading; drop it"));
  const auto& owner = letter.arrival().owner();
  const sensors::IdRule rule{owner.user(), {owner.id_prefixes().begin(), owner.id_prefixes().end()}};
  sensors::IdCheck check{letter.arrival().has_owner() ? &rule : nullptr};
  if (!check.allows(*readings))
    return tl::unexpected("sensor \"" + check.refused + "\" is not one of user \"" + rule.user +
                          "\", who sent it; drop it");
  for (auto& reading : *readings) reading.set_flags(reading.flags() | v1::FLAG_HISTORICAL);
  return std::move(*readings);
}

void retry_dead_letter(App& app, std::uint64_t id, Done done) {
  sensors::Reading kept;
  const auto letter = app.forwarder().dead_letter(id);
  if (!letter || letter->type != log::Type::reading || !kept.ParseFromString(letter->payload) ||
      !is_undecoded(kept))
    return app.forwarder().retry_dead_letter(id, std::move(done));
  auto readings = redecode(app.config(), kept);
  if (!readings) return done(readings.error());
  sensors::Message message;
  message.source = kept.arrival().source();
  message.topic = kept.arrival().topic();
  message.payload = kept.raw();
  message.received_ns = static_cast<std::int64_t>(kept.received_time_ns());
  message.traceparent = kept.arrival().traceparent();
  message.tracestate = kept.arrival().tracestate();
  const auto hand_over = [&](const sensors::Message&) -> sensors::Decoded { return std::move(*readings); };
  const auto ticket = app.ingest().accept(message, hand_over, sensors::Waits::yes);
  if (!ticket) return done("the log does not take it: " + ticket.error().message());
  settle_when_durable(app, id, *ticket, std::move(done));
}

}  // namespace weather::gateway
