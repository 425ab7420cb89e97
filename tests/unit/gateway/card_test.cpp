#include <algorithm>

#include <gtest/gtest.h>

#include "bridge/http_client/encoding.hpp"
#include "gateway/card/network.hpp"
#include "gateway/card/people.hpp"
#include "gateway/card/text.hpp"

namespace weather::gateway {
namespace {

using namespace std::string_literals;

const std::string ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJg0YjZkMzQ4ZGE5MjQ0ZjY4YWJkNmQ1ZTFkZmQ2";

std::string file_of(const std::vector<NetworkFile>& files, const std::string& name) {
  for (const auto& file : files)
    if (file.name == name) return file.text;
  return "none";
}

TEST(CardTexts, EveryEncodingOfAnEditorMeansTheSameAndComesBackAsItWas) {
  const std::string text = "ssid = \"Gärtnerei 🌱\"\r\n";
  for (const auto encoding : {Encoding::utf8, Encoding::utf16_little, Encoding::utf16_big})
    for (const bool marked : {true, false}) {
      const auto bytes = encode({text, encoding, marked});
      const auto read = decode(bytes);
      ASSERT_TRUE(read) << static_cast<int>(encoding) << marked;
      EXPECT_EQ(read->text, text);
      EXPECT_EQ(encode(*read), bytes);
    }
  EXPECT_EQ(encode({"ä", Encoding::utf16_little, true}), "\xFF\xFE\xE4\0"s);
  EXPECT_EQ(encode({"🌱", Encoding::utf16_big, true}), "\xFE\xFF\xD8\x3C\xDF\x31"s);
}

TEST(CardTexts, WhatIsNoTextIsToldWithItsLine) {
  EXPECT_EQ(decode("a\nb\xE4\n").error().line, 2U);
  EXPECT_EQ(decode("a\nbc\n\0\0"s).error().line, 3U);
  EXPECT_FALSE(decode("\xFF\xFE\x3C\xD8"s));    // half a character
  EXPECT_FALSE(decode("\xFF\xFE\x61\0\x61"s));  // half a unit
  EXPECT_EQ(decode("")->text, "");
}

TEST(CardTexts, LineEndsAndBlanksAtTheEndAreNoPartOfALine) {
  EXPECT_EQ(tidy("a \t\r\n\r\n b"), "a\n\n b\n");
  EXPECT_EQ(tidy(""), "");
  EXPECT_EQ(lines_of(tidy("a\r\n\r\nb\r\n")), (std::vector<std::string>{"a", "", "b"}));
}

TEST(CardNetworkFile, AnEmptyOneIsEthernetByDhcp) {
  const auto network = parse_network("");
  ASSERT_TRUE(network);
  const auto files = network_files(*network);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_NE(files[0].text.find("DHCP=yes"), std::string::npos);
}

TEST(CardNetworkFile, EverythingInItReachesTheSystem) {
  auto network = parse_network(
      "country = \"DE\"\r\nntp = [\"ptbtime1.ptb.de\"]\r\n[ethernet]\r\naddress = \"192.168.1.20/24\"\r\n"
      "gateway = \"192.168.1.1\"\r\ndns = [\"9.9.9.9\"]\r\n[[wifi]]\r\nssid = \"Hof\"\r\npassword = 'a\"b "
      "c\\d5678'\r\nhidden = true\r\n"
      "[[wifi]]\r\nssid = \"Gast\"\r\nsecurity = \"open\"\r\npriority = "
      "2\r\n[[wifi]]\r\nssid=\"Neu\"\r\nsecurity=\"wpa3\"\r\npassword=\"12345678\"\r\n"
      "[lte]\r\napn = \"internet.telekom\"\r\nusername = \"u\"\r\npassword = \"p\"\r\npin = \"1234\"\r\n");
  ASSERT_TRUE(network) << network.error()[0].text;
  const auto files = network_files(*network);
  EXPECT_NE(file_of(files, "network/10-ethernet.network")
                .find("NTP=ptbtime1.ptb.de\nAddress=192.168.1.20/24\n\n[Route]\nGateway=192.168.1.1\n"),
            std::string::npos);
  const auto radio = file_of(files, "wpa_supplicant-wlan0.conf");
  EXPECT_NE(radio.find("country=DE\n"), std::string::npos);
  EXPECT_NE(radio.find("\tssid=486f66\n\tscan_ssid=1\n\tkey_mgmt=WPA-PSK\n\tpsk=\"a\"b c\\d5678\"\n"),
            std::string::npos)
      << radio;
  EXPECT_NE(radio.find("\tssid=47617374\n\tpriority=2\n\tkey_mgmt=NONE\n}"), std::string::npos) << radio;
  EXPECT_NE(radio.find("\tkey_mgmt=SAE\n\tieee80211w=2\n\tsae_password=\"12345678\"\n"), std::string::npos)
      << radio;
  EXPECT_EQ(file_of(files, "modem.env"),
            "MODEM_APN=\"internet.telekom\"\nMODEM_USER=\"u\"\nMODEM_PASSWORD=\"p\"\nMODEM_PIN=\"1234\"\n");
}

// Each fault alone, with its line; none is silently taken.
TEST(CardNetworkFile, EachFaultIsToldWithItsLine) {
  const std::string wifi = "country=\"DE\"\n[[wifi]]\nssid=\"a\"\n";
  for (const auto& [text, line, word] : std::vector<std::tuple<std::string, std::size_t, std::string>>{
           {"contry = \"DE\"", 1, "contry"},
           {"\ncountry = \"de\"", 2, "capital"},
           {"[ethernet]\naddress = \"192.168.1.20\"", 2, "length"},
           {"[ethernet]\naddress = \"192.168.1.20/33\"", 2, "length"},
           {"[ethernet]\naddress = \"192.168.1.20/\"", 2, "length"},
           {"[ethernet]\ngateway = \"192.168.1.1\"", 2, "needs an address"},
           {"[ethernet]\naddress = \"10.0.0.1/8\"\ngateway = \"10.0.0\"", 3, "gateway"},
           {"[ethernet]\ndns = [\"nine\"]", 2, "no address"},
           {"[wifi]\nssid = \"a\"", 1, "[[wifi]]"},
           {"[[wifi]]\nssid = \"a\"\nsecurity=\"open\"", 1, "country"},
           {"country=\"DE\"\n[[wifi]]\nsecurity=\"open\"", 2, "1 to 32"},
           {wifi + "password = \"1234567\"", 4, "8 to 63"},
           {wifi + "password = \"123456 \xC3\xA4\"", 4, "ASCII"},
           {wifi + "password = \"\"\"12345678\"\"\"", 4, "one line"},
           {wifi + "password = 12345678", 4, "quotes"},
           {wifi + "security = \"wep\"", 4, "wpa2"},
           {wifi + "security = \"open\"\npassword = \"12345678\"", 5, "no password"},
           {wifi + "[[wifi]]\nssid=\"a\"", 4, "twice"},
           {"[lte]\npin = \"1234\"", 1, "apn"},
           {"[lte]\napn = \"a\"\npin = \"12\"", 3, "digits"},
           {"[lte]\napn = \"a\"\npassword = \"a,b\"", 3, "comma"},
           {"ntp = [\"a b\"]", 1, "ntp"},
           {"x = ", 1, ""}}) {
    const auto network = parse_network(text);
    ASSERT_FALSE(network) << text;
    const auto& fault = network.error()[0];
    EXPECT_EQ(fault.line, line) << text << ": " << fault.text;
    EXPECT_NE(fault.text.find(word), std::string::npos) << text << ": " << fault.text;
  }
}

// Wherever it may stand in TOML: what is wiped has the same length, the same meaning but for the secret, and
// is found again where it is kept.
TEST(CardNetworkFile, ASecretIsReplacedInPlaceByANote) {
  for (const std::string quote : {"\"", "'"})
    for (const std::string before : {"password=", "password = ", "\"password\"\t=  "})
      for (const std::string behind : {"", " ", " # the neighbour's", "\r", " \r"})
        for (const auto& secret : std::vector<std::string>{"12345678", "#12 3456", std::string(63, 'x')}) {
          const auto text = "# Ä\ncountry = \"DE\"\n[[wifi]]\nssid = \"ä\"\n" + before + quote + secret +
                            quote + behind + "\nhidden = true\n";
          const auto network = parse_network(text);
          ASSERT_TRUE(network) << text << network.error()[0].text;
          ASSERT_EQ(network->secrets.size(), 1U);
          const auto left = wiped(text, network->secrets);
          EXPECT_EQ(left.size(), text.size());
          EXPECT_EQ(left.find(secret), std::string::npos) << left;
          if (behind.find('#') == std::string::npos) {
            EXPECT_NE(left.find("\"\" # moved"), std::string::npos) << left;
          }
          auto again = parse_network(left);
          ASSERT_TRUE(again) << left << again.error()[0].text;
          EXPECT_TRUE(again->secrets.empty());
          EXPECT_EQ(again->wifi[0].hidden, true);
          EXPECT_FALSE(add_stored(*again, {}).empty());
          EXPECT_TRUE(add_stored(*again, {{network->secrets[0].name, network->secrets[0].value}}).empty());
          EXPECT_EQ(again->wifi[0].password, secret);
        }
  const std::string dense =
      "country=\"DE\"\nwifi=[{ssid=\"a\",password=\"12345678\"},{password='87654321',ssid=\"b\"}]\nlte={apn="
      "\"x\",pin=\"1234\"}\n";
  const auto network = parse_network(dense);
  ASSERT_TRUE(network) << network.error()[0].text;
  const auto left = wiped(dense, network->secrets);
  EXPECT_EQ(left,
            "country=\"DE\"\nwifi=[{ssid=\"a\",password=\"\"        },{password=\"\"        "
            ",ssid=\"b\"}]\nlte={apn=\"x\",pin=\"\"    }\n");
  EXPECT_TRUE(parse_network(left));
}

TEST(CardPeople, TheFirstLineThatSaysSomethingIsTheName) {
  EXPECT_EQ(read_host_name("# me\n\n Roof-1\n"), "roof-1");
  EXPECT_EQ(read_host_name("\nroof_1\n").error().line, 2U);
  for (const auto* name : {"", "-a", "a-", "a b", "a.b", "ä"}) EXPECT_FALSE(host_name_from(name)) << name;
  EXPECT_FALSE(host_name_from(std::string(64, 'a')));
  EXPECT_TRUE(host_name_from(std::string(63, 'a')));
}

TEST(CardPeople, KeysThatAreNoneAreLeftOutAndAPrivateOneIsSaid) {
  const auto keys = read_authorized_keys("# me\n" + ed25519 + " me@home\nfrom=\"10.0.0.0/8 x\",no-pty " +
                                         ed25519 + "\nssh-ed25519\nnonsense " + ed25519.substr(12) + "\n");
  EXPECT_EQ(keys.text, ed25519 + " me@home\nfrom=\"10.0.0.0/8 x\",no-pty " + ed25519 + "\n");
  ASSERT_EQ(keys.faults.size(), 2U);
  EXPECT_EQ(keys.faults[0].line, 4U);
  EXPECT_EQ(keys.faults[1].line, 5U);
  const auto secret = read_authorized_keys("-----BEGIN OPENSSH PRIVATE KEY-----\n");
  EXPECT_TRUE(secret.text.empty());
  EXPECT_NE(secret.faults.at(0).text.find("private"), std::string::npos);
}

}  // namespace
}  // namespace weather::gateway
