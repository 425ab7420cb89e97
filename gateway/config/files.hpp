// Configuration from the disk and the environment: the main file, then conf.d/*.toml beside it in byte order,
// then, with [downlink], what came through it, then the names that people gave on the page.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"
#include "gateway/downlink/drop_ins.hpp"

namespace weather::gateway {

inline constexpr const char* default_config_file = "/etc/weather-gateway/weather-gateway.toml";

struct ConfigFailure {
  int exit_code = 0;               // EX_NOINPUT, EX_NOPERM or EX_CONFIG
  std::vector<std::string> lines;  // one each, for stderr
};

// received: drop-ins in place of those that data_dir holds from the downlink; null: those.
tl::expected<Config, ConfigFailure> read_config(const std::filesystem::path& file,
                                                const downlink::DropIns* received = nullptr);

// Of a configuration with faults: a Config of defaults with what can still be read of data_dir and
// control_socket.
Config guess_gateway(const std::filesystem::path& file);
Environment process_environment();

// gateway.control_socket, or without one: /run/weather-gateway/control.sock for the packaged data_dir and
// data_dir/control.sock for any other.
std::filesystem::path control_socket(const Config& config);

}  // namespace weather::gateway
