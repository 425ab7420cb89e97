#include "gateway/commands/setup.hpp"

#include <sysexits.h>

#include "gateway/app/app.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/commands/complain.hpp"
#include "gateway/config/files.hpp"
#include "gateway/config/kafka.hpp"

namespace weather::gateway {

tl::expected<Setup, int> read_setup(const std::string& config_file) {
  auto config = read_config(config_file);
  if (!config) {
    for (const auto& line : config.error().lines) complain(line, 0);
    return tl::unexpected(config.error().exit_code);
  }
  const auto formats = check_formats(*config);
  for (const auto& error : formats) complain(to_string(error), 0);
  auto forwarder = forwarder_options(*config, gateway_id(*config));
  if (!forwarder)
    for (const auto& error : forwarder.error()) complain(to_string(error), 0);
  if (!forwarder || !formats.empty()) return tl::unexpected(EX_CONFIG);
  return Setup{std::move(*config), std::move(*forwarder)};
}

}  // namespace weather::gateway
