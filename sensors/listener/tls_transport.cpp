#include <boost/asio/ssl.hpp>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "sensors/listener/stream_transport.hpp"
#include "sensors/listener/transports.hpp"

namespace weather::sensors::listener {
namespace {

namespace ssl = boost::asio::ssl;
using Socket = boost::asio::ip::tcp::socket;

std::string common_name(SSL* connection) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(connection),
                                                                X509_free);
  if (!certificate) return {};
  char name[256] = {};
  const int length =
      X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  return length > 0 ? std::string(name, static_cast<std::size_t>(length)) : std::string();
}

class TlsTransport final : public StreamTransport<ssl::stream<Socket>> {
 public:
  TlsTransport(Socket socket, std::shared_ptr<ssl::context> context)
      : StreamTransport(std::move(socket), *context), context_(std::move(context)) {}

  void start(std::shared_ptr<TransportUser> user) override {
    stream_.async_handshake(
        ssl::stream_base::server, [this, user = std::move(user)](const boost::system::error_code& error) {
          user->on_ready(!error, error ? std::string() : common_name(stream_.native_handle()));
        });
  }

 private:
  std::shared_ptr<ssl::context> context_;  // outlives the stream
};

class TlsContext final : public Tls {
 public:
  explicit TlsContext(std::shared_ptr<ssl::context> context) : context_(std::move(context)) {}
  std::unique_ptr<Transport> transport(Socket socket) override {
    return std::make_unique<TlsTransport>(std::move(socket), context_);
  }

 private:
  std::shared_ptr<ssl::context> context_;
};

}  // namespace

tl::expected<std::shared_ptr<Tls>, std::string> Tls::make(const ListenerOptions& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  const auto wrong = [](const std::filesystem::path& file, const boost::system::error_code& error) {
    return tl::make_unexpected("cannot use " + file.string() + ": " + error.message());
  };
  boost::system::error_code error;
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->use_certificate_chain_file(options.cert_file.string(), error);
  if (error) return wrong(options.cert_file, error);
  context->use_private_key_file(options.key_file.string(), ssl::context::pem, error);
  if (error) return wrong(options.key_file, error);
  // Keys of another kind than the certificate's are taken without a word, and every handshake fails.
  if (SSL_CTX_check_private_key(context->native_handle()) != 1)
    return tl::make_unexpected("key_file " + options.key_file.string() + " is not the key of cert_file " +
                               options.cert_file.string());
  if (!options.client_ca_file.empty()) {
    context->load_verify_file(options.client_ca_file.string(), error);
    if (error) return wrong(options.client_ca_file, error);
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  }
  return std::make_shared<TlsContext>(std::move(context));
}

}  // namespace weather::sensors::listener
