#include "gateway/control/ask.hpp"

#include <sysexits.h>

#include "gateway/api/web.hpp"
#include "gateway/commands/complain.hpp"
#include "gateway/commands/control_commands.hpp"
#include "gateway/config/files.hpp"
#include "gateway/control/client.hpp"

namespace weather::gateway {

tl::expected<std::filesystem::path, int> socket_of(const ControlCommand& command) {
  if (!command.socket.empty()) return command.socket;
  const auto config = read_config(command.config_file);
  if (config) return control_socket(*config);
  for (const auto& line : config.error().lines) complain(line, 0);
  return tl::unexpected(config.error().exit_code);
}

tl::expected<std::string, int> ask(const ControlCommand& command, const std::string& method,
                                   const std::string& target, std::chrono::seconds timeout) {
  const auto socket = socket_of(command);
  if (!socket) return tl::unexpected(socket.error());
  const auto answer = control_call(*socket, method, target, {}, timeout);
  if (!answer) return tl::unexpected(complain(answer.error(), EX_UNAVAILABLE));
  if (answer->status != 200)
    return tl::unexpected(
        complain(answer->body.substr(0, answer->body.find_last_not_of('\n') + 1), EX_UNAVAILABLE));
  return answer->body;
}

}  // namespace weather::gateway
