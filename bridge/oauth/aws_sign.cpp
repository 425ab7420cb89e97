#include "bridge/oauth/aws_sign.hpp"

#include <array>
#include <ctime>

#include "bridge/http_client/encoding.hpp"
#include "bridge/oauth/signing.hpp"

namespace weather::oauth {
namespace {

constexpr std::string_view service = "kafka-cluster", hashing = "AWS4-HMAC-SHA256",
                           last_scope = "aws4_request";

std::string basic_time(std::int64_t now_s) {
  const std::time_t seconds = now_s;
  std::tm time{};
  ::gmtime_r(&seconds, &time);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &time)};
}

}  // namespace

std::string msk_token(const AwsKeys& keys, std::string_view region, std::int64_t now_s,
                      std::string_view agent) {
  const auto time = basic_time(now_s), day = time.substr(0, 8), place = std::string(region);
  const auto scope = day + "/" + place + "/" + std::string(service) + "/" + std::string(last_scope);
  const auto host = "kafka." + place + ".amazonaws.com";
  // In the order of the names, which is the canonical one as well.
  std::string query = "Action=" + http_client::percent_encoded("kafka-cluster:Connect") +
                      "&X-Amz-Algorithm=" + std::string(hashing) +
                      "&X-Amz-Credential=" + http_client::percent_encoded(keys.access_key_id + "/" + scope) +
                      "&X-Amz-Date=" + time + "&X-Amz-Expires=" + std::to_string(msk_token_life.count());
  const std::string signed_headers = "&X-Amz-SignedHeaders=host";
  const auto session = keys.session_token.empty()
                           ? ""
                           : "&X-Amz-Security-Token=" + http_client::percent_encoded(keys.session_token);
  const auto canonical = "GET\n/\n" + query + session + signed_headers + "\nhost:" + host + "\n\nhost\n" +
                         http_client::to_hex(sha256(""));
  const auto to_sign =
      std::string(hashing) + "\n" + time + "\n" + scope + "\n" + http_client::to_hex(sha256(canonical));
  auto key = "AWS4" + keys.secret_access_key;
  for (const std::string_view part : {std::string_view(day), region, service, last_scope})
    key = hmac_sha256(key, part);
  const auto url = "https://" + host + "/?" + query + signed_headers + session +
                   "&X-Amz-Signature=" + http_client::to_hex(hmac_sha256(key, to_sign)) +
                   "&User-Agent=" + http_client::percent_encoded(agent);
  return http_client::to_base64url(url);
}

}  // namespace weather::oauth
