// What an HTTPS server shows who connects.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

namespace weather::sensors {

// TLS 1.2 and newer. Throws std::system_error that names the file which cannot be used, or is none of the
// certificate's.
std::shared_ptr<boost::asio::ssl::context> make_tls_context(const std::string& cert_file,
                                                            const std::string& key_file);

}  // namespace weather::sensors
