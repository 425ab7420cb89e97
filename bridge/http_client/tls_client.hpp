// The TLS of a client: whom it trusts, and the certificate it shows. Any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

namespace weather::http_client {

struct TlsFiles {
  std::filesystem::path ca_file;                  // empty: the system's certificates
  std::string ca_setting = "ca_file";             // what people call it
  std::filesystem::path cert_file{}, key_file{};  // none: the client shows no certificate
};

// TLS 1.2 or newer; the server's certificate is verified, its name is checked by the code that connects.
// Throws std::runtime_error with a sentence that names the file.
std::shared_ptr<boost::asio::ssl::context> tls_client(const TlsFiles& files);

}  // namespace weather::http_client
