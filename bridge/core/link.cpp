#include "bridge/core/link.hpp"

#include "bridge/core/kafka_codes.hpp"
#include "bridge/proxy/handshake.hpp"

namespace weather::bridge {
namespace {

// librdkafka reports a refused certificate and a cut TLS connection under the same code.
bool is_certificate_problem(const std::string& text) {
  return text.find("certificate") != std::string::npos || text.find("verify") != std::string::npos;
}

// With TLS 1.3 a broker that refuses our certificate says so after the handshake, on a connection that is
// then reported as broken.
bool is_tls_refusal(const std::string& text) {
  return text.find("alert") != std::string::npos &&
         (is_certificate_problem(text) || text.find("unknown ca") != std::string::npos);
}

}  // namespace

std::string steady_text(const std::string& text) {
  // The first question on a connection. librdkafka takes the silence for a broker of before 2016.
  if (const auto at = text.find("ApiVersionRequest failed: Local: Timed out"); at != std::string::npos)
    return text.substr(0, at) + "takes the connection and does not answer: no Kafka is there, or it hangs";
  std::string result = text.substr(0, text.find(" (after "));
  // "GroupCoordinator: " or "127.0.0.1:9092/bootstrap: " in front names the connection, not the cause.
  while (!result.empty() && (result.back() == ' ' || result.back() == ':')) result.pop_back();
  return result;
}

std::optional<Link::Change> Link::become(State state, Time now, const std::string& reason) {
  if (state == state_) {
    if (!reason.empty()) reason_ = reason;
    return std::nullopt;
  }
  Change change{state, std::chrono::duration_cast<std::chrono::milliseconds>(now - since_)};
  state_ = state;
  since_ = now;
  reason_ = reason;
  return change;
}

std::optional<Link::Change> Link::brokers_up(int count, Time now) {
  if (count > 0) return become(State::up, now, {});
  return std::nullopt;  // an idle connection may be closed; an error event tells when the line is gone
}

std::optional<Link::Change> Link::error(int code, const std::string& text, Time now) {
  const std::string reason = steady_text(text);
  switch (code) {
    case code::authentication:
    case code::sasl_authentication_failed:
    case code::unsupported_sasl_mechanism:
      if (text.starts_with(token_mark)) return become(State::refused, now, text);
      return become(State::refused, now, reason + words_.check_login + login_hint_);
    case code::tls:
      if (is_certificate_problem(text))
        return become(State::refused, now, reason + words_.check_certificates);
      return state_ == State::refused ? std::nullopt : become(State::down, now, reason);
    case code::all_brokers_down:
      // Says how many, not why; the errors before it said why.
      if (state_ == State::refused) return std::nullopt;
      return become(proxy::is_refusal(last_transport_) ? State::refused : State::down, now,
                    last_transport_.empty() ? reason : last_transport_);
    case code::resolve:
    case code::transport:
      if (is_tls_refusal(text)) return become(State::refused, now, reason + words_.check_certificates);
      // One connection of several: the state changes with _ALL_BROKERS_DOWN, the reason is this one.
      last_transport_ = reason;
      if (state_ == State::down) reason_ = reason;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace weather::bridge
