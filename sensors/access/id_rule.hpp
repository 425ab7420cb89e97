// Whose readings are whose: sensor ids bound to the user who sends them (ids = "user"). Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

// One user's sensors: those whose id is the user's name or begins with it at a level. Levels are separated by
// "/" and ":". The family that a decoder writes in front ("zigbee2mqtt:", "spb:") is no level: what follows
// it counts. Where prefixes are given, they count in place of the name, and each stands for the whole id, the
// family with it.
//
//   user "roof"                 roof, roof/1, roof:t, zigbee2mqtt:roof, spb:roof/node      not roofs, x/roof
//   prefix "spb:site/node-1"    spb:site/node-1, spb:site/node-1/pump                      not
//   spb:site/node-10
struct IdRule {
  std::string user;
  std::vector<std::string> prefixes = {};

  bool owns(std::string_view sensor_id) const;
};

// What stands behind the family of one of the gateway's decoders; the whole id if there is none.
std::string_view without_family(std::string_view sensor_id);

// The rule that the readings of one message must keep, and the first id that did not. All or none of a
// message's readings are stored.
struct IdCheck {
  const IdRule* rule = nullptr;
  std::string refused = {};  // the id, as it came

  bool allows(std::span<const v1::Reading> readings);
};

// What a sink answers to a message whose readings are another's: it is refused for good, not for the moment.
enum class AccessErrc { foreign_id = 1 };
std::error_code make_error_code(AccessErrc error);

}  // namespace weather::sensors

template <>
struct std::is_error_code_enum<weather::sensors::AccessErrc> : std::true_type {};
