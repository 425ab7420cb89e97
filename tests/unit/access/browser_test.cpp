#include "sensors/access/browser.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

TEST(Host, is_an_address_a_name_that_no_public_dns_has_or_one_that_was_given) {
  const std::vector<std::string> names{"weather.example.org", "Pi"};
  for (const auto* host :
       {"192.168.1.5", "192.168.1.5:8681", "127.0.0.1:8680", "[::1]", "[fe80::1%eth0]:8680", "localhost",
        "LOCALHOST:80", "raspberrypi", "raspberrypi:8681", "pi.local", "pi.local.:8681", "pi.lan",
        "pi.fritz.box", "x.home.arpa", "weather.example.org", "Weather.Example.org:8680", "10.0.0.1"})
    EXPECT_TRUE(is_our_host(host, names)) << host;
  for (const auto* host :
       {"", "evil.example", "evil.example:8681", "127.evil.example", "127.0.0.1.evil.example",
        "weather.example.org.evil.example", "local.evil.example", "192.168.1.5.nip.io", "[evil.example]",
        "rtupdate.wunderground.com", "1.2.3.4.5", "[::1].evil.example:1:2"})
    EXPECT_FALSE(is_our_host(host, names)) << host;
}

TEST(Host, of_the_page_is_this_machine_or_a_name_that_was_given) {
  for (const auto* host :
       {"localhost", "localhost:8680", "127.0.0.1:8680", "[::1]:8680", "[::1]", "LocalHost."})
    EXPECT_TRUE(is_named_host(host, {})) << host;
  for (const auto* host :
       {"", "evil.example", "127.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0:8680", "pi"})
    EXPECT_FALSE(is_named_host(host, {})) << host;
  EXPECT_TRUE(is_named_host("pi.lan:8680", {"pi.lan"}));
  EXPECT_TRUE(is_named_host("192.168.1.5", {"192.168.1.5"}));
  EXPECT_FALSE(is_named_host("", {""}));
}

TEST(Host, of_a_service_is_what_consoles_have_burnt_in) {
  EXPECT_TRUE(is_weather_service("rtupdate.wunderground.com"));
  EXPECT_TRUE(is_weather_service("api.ambientweather.net:80"));
  EXPECT_TRUE(is_weather_service("gateway.oregonscientific.com"));
  EXPECT_FALSE(is_weather_service("notwunderground.com"));
  EXPECT_FALSE(is_weather_service("wunderground.com.evil.example"));
}

TEST(Origin, is_ours_with_our_host_and_not_without_tls_where_we_have_it) {
  EXPECT_TRUE(is_our_origin("", "pi", false));
  EXPECT_TRUE(is_our_origin("http://Pi:8680", "pi:8680", false));
  EXPECT_TRUE(is_our_origin("https://pi", "pi", false)) << "behind a proxy";
  EXPECT_FALSE(is_our_origin("http://pi", "pi", true));
  EXPECT_FALSE(is_our_origin("null", "pi", false));
  EXPECT_FALSE(is_our_origin("http://evil.example", "pi", false));
  EXPECT_FALSE(is_our_origin("http://pi:1", "pi", false));
  EXPECT_FALSE(is_our_origin("ftp://pi", "pi", false));
}

const BrowserHeaders station{.method = "GET", .host = "192.168.1.5:8681"};

TEST(Page, stations_and_scripts_are_none) {
  auto post = station, curl = station, node = station, requests = station, phone = station, java = station;
  post.method = phone.method = "POST";
  curl.accept = requests.accept = "*/*";
  node.accept = "*/*";
  node.accept_language = "*";
  java.accept = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";
  phone.accept_language = "en-GB";  // a program of a phone's own HTTP library
  for (const auto& request : {station, post, curl, node, requests, phone, java})
    EXPECT_FALSE(comes_from_a_page(request));
}

TEST(Page, every_way_in_which_a_page_can_make_a_browser_ask_is_seen) {
  const auto with = [](auto change) {
    auto request = station;
    change(request);
    return comes_from_a_page(request);
  };
  for (const auto* site : {"cross-site", "same-site", "Cross-Site", "anything"})
    EXPECT_TRUE(with([&](auto& r) { r.sec_fetch_site = site; })) << site;
  for (const auto* origin : {"http://evil.example", "null", "https://192.168.1.6:8681"})
    EXPECT_TRUE(with([&](auto& r) { r.origin = origin; })) << origin;
  EXPECT_TRUE(with([](auto& r) { r.referer = "http://evil.example/page"; }));
  // By old browsers, and to an address without TLS by all: an image, a link or frame, a style, a script.
  for (const auto* accept : {"image/avif,image/webp,*/*;q=0.8", "text/html,application/xhtml+xml",
                             "text/css,*/*;q=0.1", "video/webm,*/*", "IMAGE/png"})
    EXPECT_TRUE(with([&](auto& r) { r.accept = accept; })) << accept;
  EXPECT_TRUE(with([](auto& r) {
    r.accept = "*/*";
    r.accept_language = "de,en;q=0.5";
  }));
  EXPECT_TRUE(with([](auto& r) {
    r.method = "POST";
    r.accept = "text/html,*/*";
  })) << "a form";
}

TEST(Page, of_our_own_may_ask) {
  auto own = station;
  own.sec_fetch_site = "same-origin";
  own.accept = "*/*";
  own.accept_language = "de";
  own.referer = "http://192.168.1.5:8681/";
  EXPECT_FALSE(comes_from_a_page(own));
  own.sec_fetch_site = "";
  own.origin = "http://192.168.1.5:8681";
  EXPECT_FALSE(comes_from_a_page(own));
}

}  // namespace
}  // namespace weather::sensors
