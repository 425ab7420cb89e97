// The files of [web] that decide who may look: certificate, key, users.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "gateway/config/config.hpp"
#include "sensors/listener/users.hpp"

namespace boost::asio::ssl {
class context;
}

namespace weather::gateway {

struct PageAccess {
  std::shared_ptr<boost::asio::ssl::context> tls;  // none: plain HTTP
  std::optional<sensors::listener::Users> users;   // none: no password is asked
  std::size_t contents = 0;                        // of the files: another number, another content
};

// The error is a sentence that names the file and what to do.
tl::expected<PageAccess, std::string> read_page_access(const WebConfig& web);

}  // namespace weather::gateway
