// Where an HTTP server is. Pure.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace weather::http_client {

// http or https, no user and password in it.
struct Address {
  bool tls = false;
  std::string host, port;  // port: "80" or "443" if the URL names none
  std::string path;        // without a slash at its end: "" or "/apis/ccompat/v7"
};
tl::expected<Address, std::string> parse_address(std::string_view url);

// The same of a URL whose path and query are taken as they are: what one server calls /token/?p=x is not
// /token.
struct Place {
  Address address;  // its path is empty
  std::string target;
};
tl::expected<Place, std::string> parse_place(std::string_view url);

// What a request calls the server by.
std::string host_field(const Address& address);
std::string basic_authorization(std::string_view username, std::string_view password);

}  // namespace weather::http_client
