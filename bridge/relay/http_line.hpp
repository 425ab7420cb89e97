// The line over HTTP/1.1 on a connection that is kept, plain or encrypted. On the io thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "bridge/http_client/address.hpp"
#include "bridge/options/options.hpp"
#include "bridge/proxy/settings.hpp"
#include "bridge/relay/line.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::bridge::relay {

struct HttpLineOptions {
  http_client::Address address;
  std::filesystem::path ca_file, cert_file, key_file;
  std::string token;
  proxy::Settings proxy;                         // on the way there; none: directly
  std::chrono::milliseconds connecting{15'000};  // for each of: name, connection, encryption
  std::chrono::milliseconds answering{40'000};   // the receiver's card may be slow
};

// Reads the token and looks at the URL. Throws std::runtime_error with a sentence for a person.
HttpLineOptions http_line_options(const RelayOptions& options);

class HttpLine final : public Line {
 public:
  // Reads the certificates. Throws std::runtime_error if a file is of no use.
  HttpLine(boost::asio::io_context& io, HttpLineOptions options);
  ~HttpLine() override;
  void post(std::string body, std::function<void(const LineAnswer&)> done) override;
  void cancel() override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::bridge::relay
