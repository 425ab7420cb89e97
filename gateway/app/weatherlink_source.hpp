// [[weatherlink]] as a source.
#pragma once

#include <memory>
#include <string>

#include "gateway/app/sources.hpp"
#include "gateway/config/config.hpp"
#include "sensors/sink.hpp"

namespace weather::gateway {

// Throws std::exception with a sentence for the user.
std::unique_ptr<Source> make_weatherlink(const WeatherlinkConfig& config, const std::string& name,
                                         sensors::Decoder decode, boost::asio::io_context& io,
                                         sensors::Sink& sink);

}  // namespace weather::gateway
