// What may be sent to which path, and what a pushed body says. Pure.
//
//   GET, POST /weatherstation/updateweatherstation[.php|.asp]?ID=...   Weather Underground
//   GET, POST /data/report[/]                                          Ecowitt (a form), Ambient (a query)
//   GET, POST /update                                                       LW301, LW302 (a form)
//   POST /v1/readings                                                  JSON, NDJSON or SenML
//   POST /relay/v1/readings                                            another gateway's records
// Consoles put their fields behind the path that a person typed: after "?", after "&", or after nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sensors/http/http_source.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

enum class PushRoute { unknown, wunderground, ecowitt, lw30x, readings, relay };
constexpr bool is_console(PushRoute route) {
  return route == PushRoute::wunderground || route == PushRoute::ecowitt || route == PushRoute::lw30x;
}

struct PushTarget {
  PushRoute route = PushRoute::unknown;
  std::string path, query;
  const char* methods = "";  // the allowed ones, as the header Allow has them
  bool allows(std::string_view method) const;
};
PushTarget find_push_route(std::string_view target);

// What a console sent: its query and its body as one form, without secrets and without what stands behind the
// last field.
std::string console_form(const PushTarget& target, std::string_view body);
// How the console's form is decoded.
Decoded decode_console(PushRoute route, const Message& message);

enum class PushType {
  unsupported,
  none,
  form,
  json,
  ndjson,
  senml,
  relay
};  // none: there is no Content-Type
inline constexpr std::string_view relay_type = "application/vnd.weather-gateway.relay";
PushType push_type(std::string_view content_type);

// A body of /v1/readings, all of it or nothing; an NDJSON error names its line. Errors: those of the
// decoders, and "too_many".
Decoded decode_push(PushType type, const Message& message);

// What stands after "Bearer ", or nothing.
std::string_view bearer_token(std::string_view authorization);
// Compares in constant time; null: no user's.
const HttpToken* find_token(std::string_view token, const std::vector<HttpToken>& tokens);

}  // namespace weather::sensors
