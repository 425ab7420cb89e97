// Sockets of the file system that this gateway makes: for its commands, and for programs that write to it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <tl/expected.hpp>

namespace weather::sensors {

// Listens at `path`, for the owner and the group. The socket of one who ended without removing it is
// replaced; one that has a listener and anything that is no socket stays. The error is a sentence;
// `instead`: what to do about what stays.
tl::expected<boost::asio::local::stream_protocol::acceptor, std::string> listen_at(
    boost::asio::io_context& io, const std::filesystem::path& path, std::string_view instead);

}  // namespace weather::sensors
