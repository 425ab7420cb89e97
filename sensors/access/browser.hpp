// What a browser may be made to send by a foreign page: one rule for the HTTP doors and the page.
// Pure; any thread.
//
// Stations and scripts send neither Origin nor Sec-Fetch-Site, and any Host; so do old browsers and, to an
// address without TLS, new ones leave Sec-Fetch-Site out. What gives a browser away there is what it accepts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weather::sensors {

// A page that makes a browser ask us under its own name (DNS
// rebinding) needs a public name that can point here. So ours are: addresses, localhost, names without a
// dot, names that no public DNS has (.local, .lan, .home.arpa, .internal ...), this machine's own and `names`
// (the key hosts). Letter case, a port and a final dot do not matter. Empty: no.
bool is_our_host(std::string_view host, const std::vector<std::string>& names);

// The page tells things, so it is stricter: localhost, loopback addresses and `names`.
bool is_named_host(std::string_view host, const std::vector<std::string>& names);

// The services whose names consoles have burnt in, and which people point here with their own DNS.
bool is_weather_service(std::string_view host);

// The names this machine calls itself: gethostname(2).
std::vector<std::string> machine_names();

// Plain, a proxy that speaks TLS may stand before us. An empty Origin is ours.
bool is_our_origin(std::string_view origin, std::string_view host, bool tls);

struct BrowserHeaders {
  std::string_view method = {}, host = {}, origin = {}, referer = {}, sec_fetch_site = {}, accept = {},
                   accept_language = {}, cookie = {};
  bool tls = false;
};
// Does this push come from a page of another site? No person types one into a browser, so what a browser asks
// for to show (text/html, image/...) is none of ours either.
bool comes_from_a_page(const BrowserHeaders& request);

}  // namespace weather::sensors
