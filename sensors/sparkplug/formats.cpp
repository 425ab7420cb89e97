#include "sensors/sparkplug/formats.hpp"

#include <utility>

namespace weather::sensors {

Decoder sparkplug_decoder(std::shared_ptr<SparkplugHost> host,
                          std::function<void(const Publication&)> publish) {
  return [host = std::move(host), publish = std::move(publish)](const Message& message) {
    auto decoded = host->decode(message);
    for (const auto& publication : host->take_publications()) publish(publication);
    return decoded;
  };
}

void add_sparkplug(Registry& registry, const SparkplugOptions& options) {
  registry.add({"sparkplug", "Sparkplug B births, data and deaths",
                [options](const DecoderSettings& settings) -> tl::expected<Decoder, std::string> {
                  if (!settings.empty())
                    return tl::unexpected("this format has no setting \"" + settings.begin()->first + '"');
                  return sparkplug_decoder(std::make_shared<SparkplugHost>(options),
                                           [](const Publication&) {});
                }});
}

}  // namespace weather::sensors
