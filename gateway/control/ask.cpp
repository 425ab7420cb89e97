#include "gateway/control/ask.hpp"

#include <sysexits.h>

#include "gateway/config/files.hpp"
#include "gateway/control/client.hpp"
#include "gateway/output/complain.hpp"

namespace weather::gateway {

ControlPlace socket_of(const ControlCommand& command) {
  if (!command.socket.empty()) return {command.socket, {}};
  const auto config = read_config(command.config_file);
  if (config) return {control_socket(*config), {}};
  return {control_socket(guess_gateway(command.config_file)), config.error()};
}

int no_answer(const ControlCommand& command, const ControlPlace& place, const std::string& why) {
  for (const auto& line : place.faults.lines) complain(line, 0);
  if (!place.faults.lines.empty())
    complain(command.config_file + " has faults: asked at " + place.socket.string() +
                 "; --socket names another place",
             0);
  complain(why, 0);
  return place.faults.lines.empty() ? EX_UNAVAILABLE : place.faults.exit_code;
}

void complain_of_faults(const ControlCommand& command, const ControlPlace& place) {
  complain(command.config_file + " has faults, `weather-gateway check` lists them; asked at " +
               place.socket.string(),
           0);
}

tl::expected<std::string, int> ask(const ControlCommand& command, const std::string& method,
                                   const std::string& target, std::chrono::seconds timeout) {
  const auto place = socket_of(command);
  const auto answer = control_call(place.socket, method, target, {}, timeout);
  if (!answer) return tl::unexpected(no_answer(command, place, answer.error()));
  if (!place.faults.lines.empty()) complain_of_faults(command, place);
  if (answer->status == 200) return answer->body;
  const auto text = answer->body.substr(0, answer->body.find_last_not_of('\n') + 1);
  return tl::unexpected(no_answer(command, {place.socket, {}}, text));
}

}  // namespace weather::gateway
