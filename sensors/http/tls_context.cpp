#include "sensors/http/tls_context.hpp"

#include <system_error>

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace weather::sensors {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> make_tls_context(const std::string& cert_file, const std::string& key_file,
                                               const std::string& client_ca_file) {
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
  if (client_ca_file.empty()) return context;
  // Asked for, not demanded: a token will do, and consoles have neither.
  context->load_verify_file(client_ca_file, error);
  if (error) throw std::system_error(error, "client_ca_file " + client_ca_file);
  context->set_verify_mode(ssl::verify_peer);
  return context;
}

std::string peer_name(SSL* connection) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(connection),
                                                                X509_free);
  if (!certificate || SSL_get_verify_result(connection) != X509_V_OK) return {};
  char name[256] = {};
  const int length =
      X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  return length > 0 ? std::string(name, static_cast<std::size_t>(length)) : std::string();
}

}  // namespace weather::sensors
