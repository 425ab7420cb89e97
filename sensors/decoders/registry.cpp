#include "sensors/decoders/registry.hpp"

#include <utility>

#include "sensors/decoders/ecowitt.hpp"
#include "sensors/decoders/json.hpp"
#include "sensors/decoders/rtl_433.hpp"
#include "sensors/decoders/senml.hpp"
#include "sensors/decoders/tempest.hpp"
#include "sensors/decoders/weatherlink.hpp"
#include "sensors/decoders/wunderground.hpp"

namespace weather::sensors {

void Registry::add(Format format) {
  std::string name = format.name;
  formats_.insert_or_assign(std::move(name), std::move(format));
}

const Format* Registry::find(std::string_view name) const {
  const auto found = formats_.find(name);
  return found == formats_.end() ? nullptr : &found->second;
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> names;
  for (const auto& [name, format] : formats_) names.push_back(name);
  return names;
}

tl::expected<Decoder, std::string> Registry::make(std::string_view name,
                                                  const DecoderSettings& settings) const {
  if (const Format* const format = find(name)) return format->make(settings);
  std::string text = "unknown format \"" + std::string(name) + "\", known are:";
  for (const auto& [known, format] : formats_) text += ' ' + known;
  return tl::unexpected(std::move(text));
}

MakeDecoder plain_decoder(Decoded (*decode)(const Message&)) {
  return [decode](const DecoderSettings& settings) -> tl::expected<Decoder, std::string> {
    if (settings.empty()) return Decoder{decode};
    return tl::unexpected("this format has no setting \"" + settings.begin()->first + '"');
  };
}

void add_decoders(Registry& registry) {
  registry.add({"json", "the article's event, or a flat JSON object", plain_decoder(decode_json)});
  registry.add({"rtl_433", "events of rtl_433: cheap radio stations at 433, 868 and 915 MHz", make_rtl_433});
  registry.add({"ecowitt", "the customized upload of Ecowitt and other Fine Offset consoles",
                plain_decoder(decode_ecowitt)});
  registry.add(
      {"wunderground", "the upload of Weather Underground stations", plain_decoder(decode_wunderground)});
  registry.add({"senml", "Sensor Measurement Lists in JSON, RFC 8428", plain_decoder(decode_senml)});
  registry.add(
      {"tempest", "the UDP broadcast of WeatherFlow's Tempest, AIR and SKY", plain_decoder(decode_tempest)});
  registry.add({"weatherlink", "a Davis WeatherLink Live: its current conditions and its UDP broadcast",
                plain_decoder(decode_weatherlink)});
}

}  // namespace weather::sensors
