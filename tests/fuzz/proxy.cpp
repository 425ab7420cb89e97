// Fuzz target: what a proxy answers, in any pieces, behind a byte that says which and how ('h' CONNECT, 'l'
// CONNECT with a log-in, 's' SOCKS5, 'p' SOCKS5 with a password, 'u' a URL, 'n' a list of what goes without).
// It aborts if the pieces matter, if what is behind the handshake is not the end of what came, if it waits
// for more than its longest answer, or if a failure says anything that is not to be shown.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/proxy/handshake.hpp"
#include "tests/fuzz/readings.hpp"

namespace {

using namespace weather::proxy;
using weather::sensors::demand;

struct End {
  Handshake::State state{};
  std::string sent, rest, failure;
};

End converse(const Settings& settings, std::string_view answer, std::size_t piece) {
  const auto handshake = *start_handshake(settings, {"kafka.example", 9092});
  End end;
  end.sent = handshake->take_output();
  std::size_t fed = 0;
  while (fed < answer.size() && handshake->state() == Handshake::State::going) {
    demand(fed <= Handshake::longest_answer);
    const auto next = answer.substr(fed, piece);
    handshake->feed(next);
    fed += next.size();
    end.sent += handshake->take_output();
  }
  end.state = handshake->state();
  end.failure = handshake->failure();
  if (end.state == Handshake::State::open) {
    end.rest = handshake->take_rest() + std::string(answer.substr(fed));
    demand(answer.ends_with(end.rest));
  }
  demand((end.state == Handshake::State::failed) == !end.failure.empty());
  demand(std::all_of(end.failure.begin(), end.failure.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  return end;
}

void answered(Settings settings, std::string_view url, std::string_view answer) {
  settings.proxy = *parse_url(url);
  answer = answer.substr(0, Handshake::longest_answer);  // beyond, it depends on the pieces where it ends
  const auto whole = converse(settings, answer, std::max<std::size_t>(answer.size(), 1));
  for (const std::size_t piece : {1U, 3U}) {
    const auto cut = converse(settings, answer, piece);
    demand(cut.state == whole.state && cut.sent == whole.sent && cut.rest == whole.rest &&
           cut.failure == whole.failure);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Settings settings;
  switch (data[0]) {
    case 'l':
      settings.username = "pi";
      settings.password = "secret";
      [[fallthrough]];
    case 'h':
      answered(settings, "http://proxy:3128", text);
      break;
    case 'p':
      settings.username = "pi";
      settings.password = "secret";
      [[fallthrough]];
    case 's':
      answered(settings, "socks5h://proxy:1080", text);
      break;
    case 'u':
      if (const auto url = parse_url(text)) demand(parse_url("http://" + url->text()).has_value());
      break;
    case 'n':
      if (const auto list = NoProxy::parse(text)) (void)list->matches("10.0.0.7", 9092);
      break;
    default:
      break;
  }
  return 0;
}
