#include "sensors/lorawan/formats.hpp"

#include <memory>

#include "sensors/lorawan/chirpstack.hpp"
#include "sensors/lorawan/things_stack.hpp"

namespace weather::sensors {
namespace {

template <class T>
Decoder decoder(LorawanOptions options) {
  auto state = std::make_shared<T>(std::move(options));
  return [state = std::move(state)](const Message& message) { return state->decode(message); };
}

MakeDecoder without_settings(Decoder (*make)(LorawanOptions), const LorawanOptions& options) {
  return [make, options](const DecoderSettings& settings) -> tl::expected<Decoder, std::string> {
    if (settings.empty()) return make(options);
    return tl::unexpected("this format has no setting \"" + settings.begin()->first + '"');
  };
}

}  // namespace

Decoder chirpstack_decoder(LorawanOptions options) {
  return decoder<ChirpstackDecoder>(std::move(options));
}

Decoder things_stack_decoder(LorawanOptions options) {
  return decoder<ThingsStackDecoder>(std::move(options));
}

void add_lorawan(Registry& registry, const LorawanOptions& options) {
  registry.add({"chirpstack", "ChirpStack v4 events, JSON", without_settings(chirpstack_decoder, options)});
  registry.add(
      {"things-stack", "The Things Stack v3 uplinks", without_settings(things_stack_decoder, options)});
}

}  // namespace weather::sensors
