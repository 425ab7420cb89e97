#include "gateway/commands/setup.hpp"

#include <sysexits.h>

#include "gateway/app/app.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/app/usable.hpp"
#include "gateway/config/kafka.hpp"
#include "gateway/output/complain.hpp"

namespace weather::gateway {

tl::expected<Setup, ConfigFailure> load_setup(const std::string& config_file,
                                              const downlink::DropIns* received) {
  auto config = read_config(config_file, received);
  if (!config) return tl::unexpected(config.error());
  ConfigFailure failure{EX_CONFIG, {}};
  for (const auto& error : check_formats(*config)) failure.lines.push_back(to_string(error));
  auto forwarder = forwarder_options(*config, gateway_id(*config));
  if (!forwarder)
    for (const auto& error : forwarder.error()) failure.lines.push_back(to_string(error));
  if (forwarder)
    for (const auto& error : unusable_files(*config, *forwarder)) failure.lines.push_back(to_string(error));
  if (!failure.lines.empty()) return tl::unexpected(std::move(failure));
  return Setup{std::move(*config), std::move(*forwarder)};
}

tl::expected<Setup, int> read_setup(const std::string& config_file) {
  auto setup = load_setup(config_file);
  if (setup) return std::move(*setup);
  for (const auto& line : setup.error().lines) complain(line, 0);
  return tl::unexpected(setup.error().exit_code);
}

}  // namespace weather::gateway
