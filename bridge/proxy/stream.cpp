#include "bridge/proxy/stream.hpp"

#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

namespace weather::proxy {
namespace {

// The latest of this thread, and none is left.
std::string tls_error() {
  std::string text = "unexpected end";
  while (const auto code = ::ERR_get_error())
    if (const char* reason = ::ERR_reason_error_string(code)) text = reason;
  return text;
}

// An address is not sent to the server, and stands elsewhere in its certificate.
bool expect_name(SSL* tls, const std::string& host) {
  in6_addr parsed{};
  if (::inet_pton(AF_INET, host.c_str(), &parsed) == 1 || ::inet_pton(AF_INET6, host.c_str(), &parsed) == 1)
    return X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(tls), host.c_str()) == 1;
  return SSL_set_tlsext_host_name(tls, host.c_str()) == 1 && ::SSL_set1_host(tls, host.c_str()) == 1;
}

}  // namespace

void Stream::Free::operator()(ssl_st* stream) const {
  ::SSL_free(stream);
}
void Stream::Free::operator()(ssl_ctx_st* context) const {
  ::SSL_CTX_free(context);
}

Stream::Stream(Descriptor socket)
    : socket_(std::move(socket)), wanted_to_read_(POLLIN), wanted_to_write_(POLLOUT) {}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;

tl::expected<void, std::string> Stream::encrypt(const std::string& host, const std::string& ca_file,
                                                Time deadline, const Ends& ends) {
  ::ERR_clear_error();
  context_.reset(::SSL_CTX_new(::TLS_client_method()));
  if (!context_) return Failed(tls_error());
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                       SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  const bool trusts = ca_file.empty() ? ::SSL_CTX_set_default_verify_paths(context_.get()) == 1
                                      : ::SSL_CTX_load_verify_file(context_.get(), ca_file.c_str()) == 1;
  if (!trusts) return Failed("its ca_file " + ca_file + " cannot be used: " + tls_error());
  tls_.reset(::SSL_new(context_.get()));
  if (!tls_ || ::SSL_set_fd(tls_.get(), socket_.get()) != 1 || !expect_name(tls_.get(), host))
    return Failed(tls_error());
  for (;;) {
    ::ERR_clear_error();
    const int code = ::SSL_connect(tls_.get());
    if (code == 1) return {};
    short wanted = 0;
    if (result(code, wanted) != Result::not_now) {
      const auto verdict = ::SSL_get_verify_result(tls_.get());
      return Failed("no encrypted connection: " +
                    (verdict == X509_V_OK ? tls_error()
                                          : "its certificate is refused (" +
                                                std::string(::X509_verify_cert_error_string(verdict)) +
                                                "): check its name and ca_file"));
    }
    switch (wait_for(fd(), wanted, deadline, ends)) {
      case Woken::ended:
        return Failed("");
      case Woken::too_late:
        return Failed("takes the connection and does not answer (TLS)");
      case Woken::ready:
        break;
    }
  }
}

Stream::Result Stream::result(int code, short& wanted) const {
  switch (::SSL_get_error(tls_.get(), code)) {
    case SSL_ERROR_WANT_READ:
      wanted = POLLIN;
      return Result::not_now;
    case SSL_ERROR_WANT_WRITE:
      wanted = POLLOUT;
      return Result::not_now;
    default:
      return Result::over;
  }
}

Stream::Result Stream::read(char* bytes, std::size_t size, std::size_t& count) {
  if (tls_) {
    ::ERR_clear_error();
    const int code = ::SSL_read_ex(tls_.get(), bytes, size, &count);
    return code == 1 ? Result::done : result(code, wanted_to_read_);
  }
  const auto got = ::recv(fd(), bytes, size, MSG_DONTWAIT);
  if (got > 0) {
    count = static_cast<std::size_t>(got);
    return Result::done;
  }
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? Result::not_now : Result::over;
}

Stream::Result Stream::write(const char* bytes, std::size_t size, std::size_t& count) {
  if (tls_) {
    ::ERR_clear_error();
    const int code = ::SSL_write_ex(tls_.get(), bytes, size, &count);
    return code == 1 ? Result::done : result(code, wanted_to_write_);
  }
  const auto sent = ::send(fd(), bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) {
    count = static_cast<std::size_t>(sent);
    return Result::done;
  }
  return errno == EAGAIN || errno == EINTR ? Result::not_now : Result::over;
}

void Stream::end_writing() {
  if (tls_) ::SSL_shutdown(tls_.get());
  ::shutdown(fd(), SHUT_WR);
}

}  // namespace weather::proxy
