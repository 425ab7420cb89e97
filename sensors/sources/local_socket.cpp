#include "sensors/sources/local_socket.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace weather::sensors {

tl::expected<boost::asio::local::stream_protocol::acceptor, std::string> listen_at(
    boost::asio::io_context& io, const std::filesystem::path& path, std::string_view instead) try {
  using local = boost::asio::local::stream_protocol;
  const local::endpoint place(path.string());  // throws if the path is too long for a socket
  local::socket probe(io);
  boost::system::error_code code;
  probe.connect(place, code);
  if (!code) return tl::unexpected(path.string() + ": another gateway listens there");
  if (code == boost::asio::error::connection_refused) {
    // A file of anything else answers the same.
    if (struct stat found{}; ::lstat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode))
      return tl::unexpected(path.string() + ": is no socket and stays as it is; " + std::string(instead));
    ::unlink(path.c_str());
  }
  local::acceptor acceptor(io, place);
  ::chmod(path.c_str(), 0660);
  return acceptor;
} catch (const boost::system::system_error& failure) {
  return tl::unexpected(path.string() + ": " + failure.code().message());
}

}  // namespace weather::sensors
