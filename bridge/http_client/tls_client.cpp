#include "bridge/http_client/tls_client.hpp"

#include <stdexcept>

#include <openssl/ssl.h>

namespace weather::http_client {
namespace {

namespace ssl = boost::asio::ssl;

void must_work(const boost::system::error_code& error, const std::string& key,
               const std::filesystem::path& file) {
  if (error)
    throw std::runtime_error(key + " " + file.string() + " cannot be used (" + error.message() + ")");
}

}  // namespace

std::shared_ptr<ssl::context> tls_client(const TlsFiles& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(ssl::verify_peer);
  boost::system::error_code error;
  if (files.ca_file.empty())
    context->set_default_verify_paths(error);
  else
    context->load_verify_file(files.ca_file.string(), error);
  must_work(error, files.ca_setting, files.ca_file);
  if (files.cert_file.empty()) return context;
  context->use_certificate_chain_file(files.cert_file.string(), error);
  must_work(error, "cert_file", files.cert_file);
  context->use_private_key_file(files.key_file.string(), ssl::context::pem, error);
  must_work(error, "key_file", files.key_file);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1)
    throw std::runtime_error("key_file " + files.key_file.string() + " is not the key of cert_file " +
                             files.cert_file.string());
  return context;
}

}  // namespace weather::http_client
