// One HTTP or HTTPS POST, through a proxy if one is set. Blocks the calling thread, at most `limit` for each
// of: name, connection, answer.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include <tl/expected.hpp>

#include "bridge/http_client/address.hpp"
#include "bridge/proxy/settings.hpp"

namespace weather::http_client {

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::string date;  // as the server writes it; may be empty
};

struct HttpPost {
  Address address;
  std::string target, body, content_type, accept, authorization;  // authorization: may be empty
  std::filesystem::path ca_file;                                  // of https; empty: the system's
  std::string ca_setting;                                         // what a person calls ca_file
  proxy::Settings proxy;                                          // on the way there; none: directly
  std::chrono::milliseconds limit{10000};
};

// The error: "connection refused", "its certificate is not trusted (...)".
tl::expected<HttpAnswer, std::string> http_post(const HttpPost& post);

}  // namespace weather::http_client
