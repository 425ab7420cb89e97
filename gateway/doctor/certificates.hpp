// The certificates that the configuration names, and how long they are good for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bridge/options/options.hpp"
#include "gateway/config/config.hpp"

namespace weather::gateway {

struct CertificateFacts {
  std::string what, file;  // "web.cert_file", "kafka ssl.ca.location"
  std::string error;       // it cannot be read: why
  std::optional<std::int64_t> until_ns;
};

// Of every certificate that the configuration and the Kafka settings name; of a file with several the first.
// Reads small files.
std::vector<CertificateFacts> look_at_certificates(const Config& config, const bridge::Properties& kafka);

// Pure: the one that ends first, null if none is known.
const CertificateFacts* first_to_end(const std::vector<CertificateFacts>& certificates);
// Pure: whole days; -1 once it has ended.
std::int64_t days_left(const CertificateFacts& certificate, std::int64_t now_ns);

}  // namespace weather::gateway
