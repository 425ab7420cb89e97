// [[http]] and [[lines]] as sources: what is pushed to the gateway, over HTTP or as lines of a pipe.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "gateway/app/sources.hpp"
#include "gateway/config/config.hpp"
#include "sensors/http/http_source.hpp"
#include "sensors/sink.hpp"

namespace weather::gateway {

class RelayIntake;

// A line for each token: DIGEST [USER [ID-PREFIX]...]. Throws std::exception with a sentence for the user.
std::vector<sensors::HttpToken> read_tokens(const std::filesystem::path& path, bool need_users);

// Opens the port. Throws std::exception with a sentence for the user.
std::unique_ptr<Source> make_http(const HttpConfig& config, const std::string& name,
                                  boost::asio::io_context& io, sensors::Sink& sink, RelayIntake& relay,
                                  sensors::MemoryBudget* memory);
std::unique_ptr<Source> make_lines(const LinesConfig& config, const std::string& name,
                                   sensors::Decoder decode, std::size_t heading_lines, sensors::Sink& sink,
                                   sensors::PositionKeeper& positions);

}  // namespace weather::gateway
