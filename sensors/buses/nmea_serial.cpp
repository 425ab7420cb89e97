#include "sensors/buses/nmea_serial.hpp"

#include <utility>

namespace weather::sensors {

SerialOptions nmea_serial(SerialOptions line, NmeaOptions nmea) {
  line.decode = [nmea](const Message& message) { return decode_nmea(message, nmea); };
  line.starts = [](std::string_view text) { return text.front() == '$' || text.front() == '!'; };
  // Empty: it is decoded, or no sentence at all, which is counted elsewhere.
  line.undecoded_name = [](std::string_view text) {
    const auto sentence = parse_nmea(text);
    if (!sentence || is_decoded_sentence(sentence->type)) return std::string();
    return sentence->talker + sentence->type;
  };
  return line;
}

}  // namespace weather::sensors
