#include "sensors/http/tls_context.hpp"

#include <system_error>

#include <openssl/ssl.h>

namespace weather::sensors {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> make_tls_context(const std::string& cert_file, const std::string& key_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  boost::system::error_code error;
  context->use_certificate_chain_file(cert_file, error);
  if (error) throw std::system_error(error, "cert_file " + cert_file);
  context->use_private_key_file(key_file, ssl::context::pem, error);
  if (error) throw std::system_error(error, "key_file " + key_file);
  // Keys of another kind than the certificate's are taken without a word, and every handshake fails.
  if (SSL_CTX_check_private_key(context->native_handle()) != 1)
    throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                            "key_file " + key_file + " is not the key of cert_file " + cert_file);
  return context;
}

}  // namespace weather::sensors
