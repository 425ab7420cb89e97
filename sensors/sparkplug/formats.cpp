#include "sensors/sparkplug/formats.hpp"

#include <utility>

namespace weather::sensors {

Decoder sparkplug_decoder(std::shared_ptr<SparkplugHost> host) {
  return [host = std::move(host)](const Message& message) { return host->decode(message); };
}

void add_sparkplug(Registry& registry) {
  registry.add({"sparkplug", "Sparkplug B births, data and deaths",
                [](const DecoderSettings& settings) -> tl::expected<Decoder, std::string> {
                  if (!settings.empty())
                    return tl::unexpected("this format has no setting \"" + settings.begin()->first + '"');
                  auto host = std::make_shared<SparkplugHost>();
                  return [host](const Message& message) {
                    auto decoded = host->decode(message);
                    host->take_publications();
                    return decoded;
                  };
                }});
}

}  // namespace weather::sensors
