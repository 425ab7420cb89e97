#include "gateway/doctor/relay.hpp"

#include <stdexcept>

#include <boost/asio/io_context.hpp>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/core/relay_codes.hpp"
#include "bridge/relay/answer.hpp"
#include "bridge/relay/batch.hpp"
#include "bridge/relay/http_line.hpp"

namespace weather::gateway {
namespace {

namespace code = bridge::code;
namespace relay = bridge::relay;

std::string what_to_do(int code) {
  switch (code) {
    case code::resolve:
      return "correct the name in \"to\", or give it to the resolver of this network";
    case code::tls:
      return "check ca_file, cert_file and key_file of the route, and that the receiver's certificate names "
             "the host in \"to\"";
    default:
      return "check the address in \"to\", and that its port is open from here";
  }
}

}  // namespace

Finding judge_relay(const relay::LineAnswer& answer, const std::string& url) {
  const auto check = "relay " + url;
  if (answer.status == 0) return {Grade::fault, check, answer.text, what_to_do(answer.code)};
  const auto said = answer.status == 200 ? relay::answer_from(answer.body) : std::nullopt;
  if (said) return {Grade::ok, check, "gateway \"" + said->gateway + "\" takes what is relayed to it", ""};
  auto code = answer.status == 200 ? relay::not_a_relay : relay::code_of(answer.status);
  if (relay::problem_error(answer.body) == "unknown_version") code = relay::other_version;
  const auto detail = relay::problem_text(answer.body);
  const bool passes = relay::classify(code) == bridge::ErrorClass::transient;
  return {passes ? Grade::warning : Grade::fault, check,
          relay::explain(code) + (detail.empty() ? "" : " (" + detail + ")"),
          passes ? "nothing is lost: the route tries again and again"
                 : "mend it there, or the route's settings here"};
}

Finding look_at_relay(const bridge::RouteOptions& route, const std::string& gateway_id,
                      const proxy::Settings& proxy, std::chrono::milliseconds timeout) try {
  auto options = relay::http_line_options(*route.relay);
  if (route.relay->proxied) options.proxy = proxy;
  options.connecting = options.answering = timeout;
  boost::asio::io_context io(1);
  relay::HttpLine line(io, std::move(options));
  log::Sender from;
  from.gateway = gateway_id;
  from.route = route.name;
  from.log_id.assign(32, '0');
  relay::LineAnswer got;
  got.code = code::timed_out;
  got.text = route.relay->url + " does not answer in time";
  line.post(relay::encode_batch(from, {}), [&got, &io](const relay::LineAnswer& answer) {
    got = answer;
    io.stop();
  });
  io.run_for(4 * timeout);
  return judge_relay(got, route.relay->url);
} catch (const std::runtime_error& error) {
  return {Grade::fault, "relay " + route.relay->url, error.what(), "mend it: the route cannot connect so"};
}

}  // namespace weather::gateway
