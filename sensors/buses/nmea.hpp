// Weather sentences of NMEA 0183, as ultrasonic stations send them.
//
//   $<talker><type>,<field>,...*<checksum>   the checksum is the exclusive or of what is between $ and *, and
//   may be absent MDA  inHg,I,bar,B,air,C,water,C,RH,AH,dew,C,dir,T,dir,M,knots,N,m/s,M MWV
//   angle,R|T,speed,K|M|N|S,A|V        R: as the instrument feels it, T: true; status V: invalid MWD
//   dir,T,dir,M,knots,N,m/s,M XDR  type,value,unit,name, repeated     type C temperature, H humidity, P
//   pressure, U voltage
// MTA, MTW air and water, C    MMB inHg,I,bar,B    MHU RH,AH,dew,C    VWR, VWT angle,L|R,knots,N,m/s,M,km/h,K
// An unknown transducer keeps its name and its unit: "ENGINETEMP_C". Empty fields are normal. 999.9
// is an instrument's error code (Lambrecht), not a value. No sentence here has a time.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sensors/sink.hpp"

namespace weather::sensors {

struct NmeaOptions {
  // On a mast that stands still and points north what the instrument feels is the wind; on a ship it is
  // "apparent", a part of its own.
  bool fixed_mast = true;
};

struct NmeaSentence {
  std::string talker, type;  // "WI", "MDA"
  std::vector<std::string> fields;
  bool has_checksum = false;
};
// Errors: nmea_syntax, nmea_checksum.
tl::expected<NmeaSentence, DecodeError> parse_nmea(std::string_view line);

// The sentences that decode_nmea reads; of others nothing becomes a reading.
bool is_decoded_sentence(std::string_view type);

// Topic: the device ("/dev/ttyUSB0"), whose last level is in the id "nmea:<talker>:ttyUSB0"; payload: one
// line. Sentences that say nothing of the weather, and those with empty fields only, give no reading.
Decoded decode_nmea(const Message& message, const NmeaOptions& options = {});

}  // namespace weather::sensors
