// What a client that sends to another gateway needs, as settings of its own names: beside it the routes and
// their factories know only names and values.
#pragma once

namespace weather::bridge::relay {

inline constexpr const char* url = "relay.url";
inline constexpr const char* ca_file = "relay.ca.file";
inline constexpr const char* cert_file = "relay.certificate.file";
inline constexpr const char* key_file = "relay.key.file";
inline constexpr const char* token_file = "relay.token.file";
inline constexpr const char* gateway = "relay.gateway";  // who we are: id, log and route
inline constexpr const char* log_id = "relay.log";
inline constexpr const char* route = "relay.route";
inline constexpr const char* of_the_proxy =
    "proxy.";  // how those begin that name it: as Kafka's clients take them

}  // namespace weather::bridge::relay
