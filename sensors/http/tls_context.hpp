// What an HTTPS server shows who connects.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

namespace weather::sensors {

// TLS 1.2 and newer. Throws std::system_error that names the file which cannot be used, or is none of the
// certificate's. client_ca_file: a client may show a certificate, which it must have signed; empty: none is
// asked for.
std::shared_ptr<boost::asio::ssl::context> make_tls_context(const std::string& cert_file,
                                                            const std::string& key_file,
                                                            const std::string& client_ca_file = {});
// Who is at the other end, by the name in the certificate that was asked for; empty: none was shown.
std::string peer_name(SSL* connection);

}  // namespace weather::sensors
