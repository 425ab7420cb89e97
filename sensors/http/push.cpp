#include "sensors/http/push.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include <openssl/crypto.h>

#include "sensors/decoders/form.hpp"
#include "sensors/decoders/json.hpp"
#include "sensors/decoders/json_document.hpp"
#include "sensors/decoders/senml.hpp"
#include "sensors/sources/line_splitter.hpp"

namespace weather::sensors {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

Decoded decode_ndjson(const Message& message) {
  std::vector<Reading> all;
  std::optional<DecodeError> error;
  LineSplitter splitter(max_payload_bytes);
  const auto on_line = [&](const LineSplitter::Line& line) {
    if (error) return;
    Message one = message;
    one.payload = line.text;
    auto readings = decode_json(one);
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
  const auto question = target.find('?');
  found.path = target.substr(0, question);
  if (question != std::string_view::npos) found.query = target.substr(question + 1);
  std::string_view path = found.path;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/weatherstation/updateweatherstation" || path == "/weatherstation/updateweatherstation.php" ||
      path == "/weatherstation/updateweatherstation.asp" || path == "/weatherstation.asp") {
    found.route = PushRoute::wunderground;
    found.method = "GET";
  } else if (path == "/data/report" || path == "/v1/readings") {
    found.route = path == "/v1/readings" ? PushRoute::readings : PushRoute::ecowitt;
    found.method = "POST";
  }
  return found;
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

bool is_known_token(std::string_view token, const std::vector<std::string>& digests) {
  if (token.empty()) return false;
  const std::string digest = sha256_hex(token);
  bool known = false;
  for (const auto& candidate : digests) {
    known = (candidate.size() == digest.size() &&
             CRYPTO_memcmp(candidate.data(), digest.data(), digest.size()) == 0) ||
            known;
  }
  return known;
}

bool comes_from_another_page(std::string_view origin, std::string_view sec_fetch_site,
                             std::string_view host) {
  if (!sec_fetch_site.empty() && sec_fetch_site != "same-origin" && sec_fetch_site != "none") return true;
  if (origin.empty()) return false;
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos || origin.substr(scheme + 3) != host;
}

}  // namespace weather::sensors
