// What may be sent to which path, and what a pushed body says. Pure.
//
//   GET  /weatherstation/updateweatherstation[.php|.asp]?ID=...   Weather Underground
//   POST /data/report[/]                                          Ecowitt, a form
//   POST /v1/readings                                             JSON, NDJSON or SenML
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sensors/sink.hpp"

namespace weather::sensors {

enum class PushRoute { unknown, wunderground, ecowitt, readings };

struct PushTarget {
  PushRoute route = PushRoute::unknown;
  std::string path, query;
  const char* method = "";  // the one that is allowed
};
PushTarget find_push_route(std::string_view target);

enum class PushType { unsupported, form, json, ndjson, senml };
PushType push_type(std::string_view content_type);

// A body of /v1/readings, all of it or nothing; an NDJSON error names its line. Errors: those of the
// decoders, and "too_many".
Decoded decode_push(PushType type, const Message& message);

// What stands after "Bearer ", or nothing.
std::string_view bearer_token(std::string_view authorization);
// Compares in constant time with SHA-256 digests in hexadecimal.
bool is_known_token(std::string_view token, const std::vector<std::string>& digests);

// A browser says which page a request comes from (Fetch Metadata, RFC 6454); stations and scripts say
// nothing. Pages of other sites must not be able to push readings from inside the network.
bool comes_from_another_page(std::string_view origin, std::string_view sec_fetch_site, std::string_view host);

}  // namespace weather::sensors
