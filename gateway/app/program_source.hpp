// [[program]] as a source.
#pragma once

#include <cstddef>
#include <memory>

#include "gateway/app/sources.hpp"
#include "gateway/config/config.hpp"
#include "sensors/sink.hpp"

namespace weather::gateway {

// Makes its socket beside the control socket, in programs/; deaf/ is where a new start is asked for. Throws
// StartError.
std::unique_ptr<Source> make_program(const Config& config, std::size_t index, sensors::Decoder decode,
                                     boost::asio::io_context& io, sensors::Sink& sink);

}  // namespace weather::gateway
