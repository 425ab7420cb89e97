// Which handler answers which request, and what every answer carries. Pure but for what the handlers do.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/http/message.hpp"

namespace weather::gateway {

class Router {
 public:
  explicit Router(std::vector<std::string> allowed_hosts) : allowed_hosts_(std::move(allowed_hosts)) {}

  // Answered for everybody who may talk to us.
  void get(const std::string& path, HttpHandler handler);
  // What a person does on the page: answered for those who have logged in, and to the page itself only.
  void post(const std::string& path, HttpHandler handler);
  // Answered on the control socket only: what changes something, or shows more than the page does.
  void control(const std::string& method, const std::string& path, HttpHandler handler);

  // Asked before any answer but those of the control socket: calls let_in, or answers itself.
  using Gate = std::function<void(const HttpRequest&, std::function<void()> let_in, const Respond& refuse)>;
  void set_gate(Gate gate) { gate_ = std::move(gate); }

  // 403 for a foreign Host or Origin, what the gate refuses, 404, 405 with Allow; adds the security headers
  // to every answer.
  void handle(const HttpRequest& request, Respond respond) const;

 private:
  void dispatch(const HttpRequest& request, const Respond& answer) const;
  struct Route {
    HttpHandler handler;
    bool control_only = false, acts = false;
  };
  std::vector<std::string> allowed_hosts_;
  Gate gate_;
  std::map<std::string, std::map<std::string, Route>> routes_;  // path -> method
};

}  // namespace weather::gateway
