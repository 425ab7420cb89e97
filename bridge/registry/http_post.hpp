// One HTTP or HTTPS POST, through a proxy if one is set. Blocks the calling thread, at most `limit` for each
// of: name, connection, answer.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include <tl/expected.hpp>

#include "bridge/proxy/settings.hpp"
#include "bridge/registry/protocol.hpp"

namespace weather::registry {

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

struct HttpPost {
  Address address;
  std::string target, body, authorization;  // authorization: may be empty
  std::filesystem::path ca_file;            // of https; empty: the system's
  proxy::Settings proxy;                    // on the way there; none: directly
  std::chrono::milliseconds limit{10000};
};

// The error: "connection refused", "its certificate is not trusted (...)".
tl::expected<HttpAnswer, std::string> http_post(const HttpPost& post);

}  // namespace weather::registry
