#include "sensors/http/push.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <openssl/crypto.h>

#include "sensors/decoders/ecowitt.hpp"
#include "sensors/decoders/form.hpp"
#include "sensors/decoders/json.hpp"
#include "sensors/decoders/json_document.hpp"
#include "sensors/decoders/senml.hpp"
#include "sensors/decoders/wunderground.hpp"
#include "sensors/http/lw30x.hpp"
#include "sensors/reading/letters.hpp"
#include "sensors/sources/line_splitter.hpp"

namespace weather::sensors {
namespace {

struct Door {
  std::string_view path;
  PushRoute route;
  const char* methods;
};
constexpr Door doors[] = {
    {"/weatherstation/updateweatherstation.php", PushRoute::wunderground, "GET, POST"},
    {"/weatherstation/updateweatherstation.asp", PushRoute::wunderground, "GET, POST"},
    {"/weatherstation/updateweatherstation", PushRoute::wunderground, "GET, POST"},
    {"/weatherstation.asp", PushRoute::wunderground, "GET, POST"},
    {"/data/report", PushRoute::ecowitt, "GET, POST"},
    {"/update", PushRoute::lw30x, "GET, POST"},
    {"/v1/readings", PushRoute::readings, "POST"},
    {"/relay/v1/readings", PushRoute::relay, "POST"},
};

// Firmware ends a body with a line end or a NUL.
std::string_view trimmed_body(std::string_view body) {
  constexpr std::string_view blank(" \t\r\n\0", 5);
  const auto last = body.find_last_not_of(blank);
  return last == std::string_view::npos ? std::string_view{} : body.substr(0, last + 1);
}

Decoded decode_ndjson(const Message& message) {
  std::vector<Reading> all;
  std::optional<DecodeError> error;
  LineSplitter splitter(max_payload_bytes);
  const auto on_line = [&](const LineSplitter::Line& line) {
    if (error) return;
    Message one = message;
    one.payload = line.text;
    Account of_line;
    if (message.account != nullptr) one.account = &of_line;
    auto readings = decode_json(one);
    for (auto& leaf : of_line.leaves) {
      leaf.path = "line " + std::to_string(line.number) + " " + leaf.path;
      message.account->leaves.push_back(std::move(leaf));
    }
    const std::string where = "line " + std::to_string(line.number) + ": ";
    if (!readings) {
      error = DecodeError{readings.error().reason, where + readings.error().text};
    } else if (all.size() + readings->size() > max_readings_per_payload) {
      error = DecodeError{"too_many", where + "more than " + std::to_string(max_readings_per_payload) +
                                          " readings in one request"};
    } else {
      std::move(readings->begin(), readings->end(), std::back_inserter(all));
    }
  };
  splitter.feed(message.payload, on_line);
  splitter.finish(on_line);
  if (error) return tl::unexpected(std::move(*error));
  if (all.empty()) return tl::unexpected(DecodeError{"empty", "the body has no line"});
  return all;
}

}  // namespace

PushTarget find_push_route(std::string_view target) {
  PushTarget found;
  // As a proxy is asked, and as a path typed with one slash too many.
  if (lower(target.substr(0, 7)) == "http://")
    target.remove_prefix(std::min(target.find('/', 7), target.size()));
  while (target.starts_with("//")) target.remove_prefix(1);
  for (const auto& door : doors) {
    const bool console = is_console(door.route);
    const auto begin = target.substr(0, door.path.size());
    if (begin != door.path && !(console && lower(begin) == door.path)) continue;
    auto rest = target.substr(door.path.size());
    const bool slash = rest.starts_with('/');
    if (slash) rest.remove_prefix(1);
    if (!rest.empty() && rest.front() != '?' && rest.front() != '&') {
      // "/data/reportPASSKEY=1&tempf=50"; "/v1/readings/x" is another path
      const bool fields = console && rest.find('=') < rest.find('/');
      if (!fields) continue;
    } else if (!rest.empty()) {
      rest.remove_prefix(1);
    }
    found.route = door.route;
    found.methods = door.methods;
    found.path = std::string(door.path) + (slash ? "/" : "");
    found.query = rest;
    return found;
  }
  // Without what may be fields: they hold secrets.
  found.path = target.substr(0, target.find_first_of("?&"));
  if (const auto equals = found.path.find('='); equals != std::string::npos)
    found.path.resize(found.path.rfind('/', equals) + 1);
  return found;
}

bool PushTarget::allows(std::string_view method) const {
  const std::string_view all(methods);
  return !method.empty() &&
         (", " + std::string(all) + ", ").find(", " + std::string(method) + ", ") != std::string::npos;
}

std::string console_form(const PushTarget& target, std::string_view body) {
  std::string form = target.query;
  body = trimmed_body(body);
  if (!form.empty() && !body.empty()) form += '&';
  form += body;
  // Ambient's newer firmware calls it MAC.
  if (target.route == PushRoute::ecowitt && find_field(parse_form(form), "passkey") == nullptr)
    for (const std::string_view mac : {"MAC=", "mac="})
      if (form.starts_with(mac) || form.find('&' + std::string(mac)) != std::string::npos) {
        form.replace(form.starts_with(mac) ? 0 : form.find('&' + std::string(mac)) + 1, mac.size(),
                     "PASSKEY=");
        break;
      }
  return redact_form(form);
}

Decoded decode_console(PushRoute route, const Message& message) {
  if (route == PushRoute::wunderground) return decode_wunderground(message);
  return route == PushRoute::lw30x ? decode_lw30x(message) : decode_ecowitt(message);
}

PushType push_type(std::string_view content_type) {
  auto type = lower(content_type.substr(0, content_type.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  if (type == "application/json") return PushType::json;
  if (type == "application/x-ndjson" || type == "application/ndjson" || type == "application/jsonl") {
    return PushType::ndjson;
  }
  if (type == "application/senml+json" || type == "application/sensml+json") return PushType::senml;
  if (type == "application/x-www-form-urlencoded") return PushType::form;
  if (type == relay_type) return PushType::relay;
  if (type.empty()) return PushType::none;
  return PushType::unsupported;
}

Decoded decode_push(PushType type, const Message& message) {
  Message nameless = message;  // a path is no sensor's name
  nameless.topic = {};
  if (type == PushType::ndjson) return decode_ndjson(nameless);
  return type == PushType::senml ? decode_senml(nameless) : decode_json(nameless);
}

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (lower(authorization.substr(0, scheme.size())) != scheme) return {};
  return authorization.substr(scheme.size());
}

const HttpToken* find_token(std::string_view token, const std::vector<HttpToken>& tokens) {
  if (token.empty()) return nullptr;
  const std::string digest = sha256_hex(token);
  const HttpToken* found = nullptr;
  for (const auto& candidate : tokens)
    if (candidate.digest.size() == digest.size() &&
        CRYPTO_memcmp(candidate.digest.data(), digest.data(), digest.size()) == 0)
      found = &candidate;
  return found;
}

}  // namespace weather::sensors
