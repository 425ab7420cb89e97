#include "gateway/doctor/place.hpp"

#include <algorithm>
#include <system_error>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include "gateway/config/check.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// bind(2), listen(2) and socket(2) on what may be otherwise in a moment.
std::optional<Missing> missing_because(const boost::system::error_code& error, const std::string& address,
                                       std::uint16_t port) {
  namespace errc = boost::system::errc;
  if (error == errc::address_not_available || error == errc::address_family_not_supported ||
      error == errc::network_down || error == errc::no_such_device || error == errc::network_unreachable)
    return Missing{Missing::Kind::address, address + " is no address of this machine yet"};
  if (error == errc::address_in_use)
    return Missing{Missing::Kind::port,
                   "port " + std::to_string(port) + " of " + address + " is taken by another program"};
  if (error == errc::too_many_files_open || error == errc::too_many_files_open_in_system ||
      error == errc::no_buffer_space || error == errc::not_enough_memory)
    return Missing{Missing::Kind::resources, "no socket can be had: " + error.message()};
  return {};
}

// No error: it can be. What is no address at all is found by the configuration's own check.
boost::system::error_code try_to_listen(const ListenPlace& place) {
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(place.address == "localhost" ? "127.0.0.1" : place.address, error);
  if (error) return {};
  asio::io_context io;
  if (place.datagrams) {
    const asio::ip::udp::endpoint endpoint(ip, place.port);
    asio::ip::udp::socket trial(io);
    trial.open(endpoint.protocol(), error);
    if (!error) trial.bind(endpoint, error);
    return error;
  }
  const tcp::endpoint endpoint(ip, place.port);
  tcp::acceptor trial(io);
  trial.open(endpoint.protocol(), error);
  if (!error) trial.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) trial.bind(endpoint, error);
  if (!error) trial.listen(1, error);
  return error;
}

// Of a configured HOST:PORT and its files by key; those that are not configured do not count.
ListenPlace listen_place(std::string_view listen,
                         std::vector<std::pair<std::string, std::filesystem::path>> files) {
  ListenPlace place;
  std::erase_if(files, [](const auto& file) { return file.second.empty(); });
  place.files = std::move(files);
  if (auto where = parse_host_port(listen)) {
    place.address = std::move(where->host);
    place.port = where->port;
  }
  return place;
}

}  // namespace

ListenPlace place_of(const ListenerConfig& listener) {
  return listen_place(listener.listen, {{"cert_file", listener.cert_file},
                                        {"key_file", listener.key_file},
                                        {"client_ca_file", listener.client_ca_file},
                                        {"users_file", listener.users_file}});
}

ListenPlace place_of(const HttpConfig& http) {
  return listen_place(http.listen, {{"cert_file", http.cert_file},
                                    {"key_file", http.key_file},
                                    {"client_ca_file", http.client_ca_file},
                                    {"tokens_file", http.tokens_file}});
}

ListenPlace place_of(const WebConfig& web) {
  return listen_place(
      web.listen,
      {{"web.cert_file", web.cert_file}, {"web.key_file", web.key_file}, {"web.users_file", web.users_file}});
}

ListenPlace place_of(const UdpConfig& udp) {
  auto place = listen_place(udp.listen, {});
  place.datagrams = true;
  return place;
}

ListenPlace place_of(const MqttConfig& mqtt) {
  return listen_place({}, {{"password_file", mqtt.password_file},
                           {"ca_file", mqtt.ca_file},
                           {"cert_file", mqtt.cert_file},
                           {"key_file", mqtt.key_file}});
}

ListenPlace place_of(const BluetoothConfig& bluetooth) {
  return listen_place({}, {{"keys_file", bluetooth.keys_file}});
}

std::vector<std::pair<std::string, ListenPlace>> listen_places(const Config& config) {
  std::vector<std::pair<std::string, ListenPlace>> places;
  for (const auto& listener : config.listener)
    places.emplace_back("listener " + listener.listen, place_of(listener));
  for (const auto& http : config.http) places.emplace_back("http " + http.listen, place_of(http));
  for (const auto& udp : config.udp) places.emplace_back("udp " + udp.listen, place_of(udp));
  if (config.web.enabled) places.emplace_back("page " + config.web.listen, place_of(config.web));
  return places;
}

std::optional<Missing> missing_file(const ListenPlace& place) {
  for (const auto& [key, file] : place.files) {
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    const auto named = key + " " + file.string();
    if (status.type() == std::filesystem::file_type::not_found)
      return Missing{Missing::Kind::file, named + " is not there yet"};
    if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(file, error) == 0 && !error)
      return Missing{Missing::Kind::file, named + " is still empty"};
  }
  return {};
}

std::optional<Missing> not_there_yet(const ListenPlace& place) {
  if (auto missing = missing_file(place)) return missing;
  const auto error = try_to_listen(place);
  return error ? missing_because(error, place.address, place.port) : std::nullopt;
}

std::optional<std::string> never_to_be_had(const ListenPlace& place) {
  const auto error = try_to_listen(place);
  if (!error || missing_because(error, place.address, place.port)) return {};
  const auto port = "port " + std::to_string(place.port) + " of " + place.address;
  if (error == boost::system::errc::permission_denied)
    return port +
           " is not this user's to listen on: take one from 1024 on, or give the unit "
           "AmbientCapabilities=CAP_NET_BIND_SERVICE";
  return port + " cannot be listened on: " + error.message();
}

std::chrono::seconds next_look(unsigned tries) {
  return std::min(std::chrono::seconds(1U << std::min(tries, 3U)), std::chrono::seconds(5));
}

}  // namespace weather::gateway
