// An HTTP request and its answer as the handlers see them: no socket, no Beast.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weather::gateway {

struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // "/api/v1/status", without the query
  std::map<std::string, std::string> query;
  std::string host, origin, accept, if_none_match, content_type, authorization, body;
  std::string address;  // of the other side; empty on the control socket
  bool tls = false;
  bool control = false;  // came over the control socket: a person with rights on this machine
};

// An answer that goes on: server-sent events, a tail. Made by a handler, fed on the io thread. It lives with
// the connection that reads it: the handler keeps it weakly, so that what was refused or hung up takes
// nothing more.
class HttpStream {
 public:
  // False: it is closed, or read too slowly; nothing more comes of it.
  bool push(std::string chunk);
  void close();

  // For the server only.
  bool closed() const { return closed_; }
  std::string take() { return std::exchange(waiting_, {}); }
  bool empty() const { return waiting_.empty(); }
  void on_push(std::function<void()> wake) { wake_ = std::move(wake); }

  static constexpr std::size_t most_waiting = 256U << 10;

 private:
  std::string waiting_;
  std::function<void()> wake_;
  bool closed_ = false;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<HttpStream> stream;  // then body is its beginning
};

// False: the reader is gone or too slow; forget it.
bool push_to(const std::weak_ptr<HttpStream>& reader, const std::string& chunk);

using Respond = std::function<void(HttpResponse)>;
// Answers now or later, once, on the io thread.
using HttpHandler = std::function<void(const HttpRequest&, Respond)>;

HttpResponse json_response(std::string body, unsigned status = 200);
HttpResponse text_response(unsigned status, std::string text);

// Pure: "/x?a=b%20c&d" -> path and query; "+" is a space.
void split_target(std::string_view target, HttpRequest& request);
// Pure: as it may stand for a name or a value of a query: "a b&c" -> "a%20b%26c".
std::string encode_query(std::string_view text);

}  // namespace weather::gateway
