// Cards made on another computer, and the STATUS.txt they come back with.
#include "gateway/card/cards.hpp"

#include <gtest/gtest.h>

#include "gateway/card/network.hpp"
#include "gateway/card/partition.hpp"
#include "gateway/card/status_text.hpp"
#include "tests/crash/sim_files.hpp"

namespace weather::gateway {
namespace {

const std::string config =
    "[gateway]\r\nid = \"{hostname}\"\r\n[kafka]\r\ntopic = "
    "\"t.{sensor}\"\r\n[kafka.properties]\r\n\"bootstrap.servers\" = \"{broker}:9092\"\r\n";

CardOrder order(std::optional<std::string> hosts) {
  CardOrder order;
  order.config_name = "c.toml";
  order.config = config;
  order.hosts_name = "h.csv";
  order.hosts = std::move(hosts);
  return order;
}

std::string text_of(const CardFiles& card, const std::string& name) {
  for (const auto& file : card.files)
    if (file.path == name) return file.text;
  return "none";
}

TEST(Cards, ARowOfTheTableIsACard) {
  for (const std::string mark : {"", "\xEF\xBB\xBF"})
    for (const char separator : {',', ';'}) {
      std::string table =
          mark +
          "hostname,wifi_ssid,wifi_password,country,broker,ethernet_address,ethernet_gateway\r\nRoof-1,\"H, "
          "\"\"f\"\"\",a\\b\"c 12345,DE,k1,10.0.0.2/8,10.0.0.1\r\n\r\nroof-2,Open,,DE,k2,,\r\n";
      if (separator == ';') {
        for (auto& c : table)
          if (c == ',') c = ';';
      }
      auto with = order(table);
      if (separator == ',') with.hosts = table;
      const auto cards = plan_cards(with);
      ASSERT_TRUE(cards) << to_string(cards.error()[0]);
      ASSERT_EQ(cards->size(), 2U);
      const auto& card = cards->front();
      EXPECT_EQ(card.hostname, "roof-1");
      EXPECT_EQ(text_of(card, "hostname.txt"), "roof-1\n");
      EXPECT_NE(text_of(card, "weather-gateway.toml").find("id = \"Roof-1\""), std::string::npos);
      EXPECT_NE(text_of(card, "weather-gateway.toml").find("t.{sensor}"), std::string::npos);
      EXPECT_NE(text_of(card, "weather-gateway.toml").find("k1:9092"), std::string::npos);
      const auto network = parse_network(text_of(card, "network.toml"));
      ASSERT_TRUE(network) << network.error()[0].text;
      EXPECT_EQ(network->wifi.at(0).password, "a\\b\"c 12345");
      EXPECT_EQ(network->ethernet.gateway, "10.0.0.1");
      EXPECT_EQ(parse_network(text_of(cards->back(), "network.toml"))->wifi.at(0).security, "open");
    }
}

TEST(Cards, EveryFaultOfATableIsToldAtOnceWithItsLine) {
  const auto cards =
      plan_cards(order("hostname,wifi_ssid,wifi_password,country,broker\n-bad,Hof,12345678,DE,k\nroof,Hof,"
                       "short,DE,k\nroof,Hof,12345678,,k\nc,Hof,12345678,DE\nd,Hof,12345678,DE,\"k\"\"\n"
                       "e,Hof,12345678,DE,a\"b\n"));
  ASSERT_FALSE(cards);
  std::vector<std::size_t> lines;
  for (const auto& fault : cards.error()) {
    EXPECT_EQ(fault.file, fault.line == 0 ? "c.toml" : fault.file);
    if (fault.file == "h.csv") lines.push_back(fault.line);
  }
  for (const std::size_t line : {2U, 3U, 4U, 5U, 6U, 7U})
    EXPECT_NE(std::count(lines.begin(), lines.end(), line), 0) << line;
}

TEST(Cards, AHeadingThatMeansNothingIsRefused) {
  for (const auto& [heading, word] :
       std::vector<std::pair<std::string, std::string>>{{"hostname,wifi_pasword", "wifi_pasword"},
                                                        {"hostname,sensor", "filled in by the gateway"},
                                                        {"hostname,broker,broker", "twice"},
                                                        {"broker", "no column \"hostname\""}}) {
    const auto cards = plan_cards(order(heading + "\na,b,c\n"));
    ASSERT_FALSE(cards) << heading;
    EXPECT_NE(to_string(cards.error()[0]).find(word), std::string::npos) << to_string(cards.error()[0]);
  }
  EXPECT_FALSE(plan_cards(order("")));
  EXPECT_FALSE(plan_cards(order("hostname,broker\n")));
}

TEST(Cards, AConfigurationWithFaultsIsToldOnce) {
  auto with = order("hostname,broker\na,k\nb,k\n");
  with.config += "[nonsense]\n";
  const auto cards = plan_cards(with);
  ASSERT_FALSE(cards);
  EXPECT_EQ(cards.error().size(), 1U);
  EXPECT_EQ(cards.error()[0].line, 7U);
}

std::string first_sector(unsigned char type, std::uint32_t first, std::uint32_t count) {
  std::string sector(sector_bytes, '\0');
  sector[446 + 4] = static_cast<char>(type);
  for (unsigned i = 0; i < 4; ++i) {
    sector[446 + 8 + i] = static_cast<char>(first >> 8 * i);
    sector[446 + 12 + i] = static_cast<char>(count >> 8 * i);
  }
  sector[510] = '\x55';
  sector[511] = '\xAA';
  return sector;
}

TEST(CardPartition, TheFirstOneOfTheTableIsFat) {
  EXPECT_EQ(fat_partition(first_sector(0x0C, 8192, 131072))->offset, 4194304U);
  EXPECT_EQ(fat_partition(first_sector(0x0C, 0xFFFFFFFF, 1))->offset, 0xFFFFFFFFULL * 512);
  EXPECT_FALSE(fat_partition(first_sector(0x83, 8192, 131072)));
  EXPECT_FALSE(fat_partition(first_sector(0xEE, 1, 131072)));  // GPT
  EXPECT_FALSE(fat_partition(first_sector(0x0C, 0, 131072)));
  EXPECT_FALSE(fat_partition(first_sector(0x0C, 8192, 0)));
  EXPECT_FALSE(fat_partition(std::string(sector_bytes, '\0')));
  EXPECT_FALSE(fat_partition("short"));
}

TEST(CardStatusFile, HasAlwaysTheSameLength) {
  for (const auto length : {0, 1, 4000, 4096, 8192, 20000}) {
    std::string text;
    while (static_cast<int>(text.size()) < length) text += "a line\n";
    const auto file = status_file(text);
    EXPECT_EQ(file.size(), status_bytes);
    EXPECT_EQ(file.find("... and more") != std::string::npos, length >= 8192) << length;
  }
  EXPECT_TRUE(status_file("a\nb\n").starts_with("a\r\nb\r\n "));
}

TEST(CardStatusFile, IsWrittenOnlyWhenItIsAnotherAndInPlace) {
  log::test::Disk disk(1U << 20U);
  disk.make_folder("/card");
  log::test::SimFiles files(std::move(disk));
  const auto writable = [] { return std::error_code(); };
  EXPECT_TRUE(write_status(files, "/card", "a\n", writable).value());
  std::size_t changes = 0;
  files.watch([&](const log::test::Disk&) { ++changes; });
  EXPECT_FALSE(write_status(files, "/card", "a\n", writable).value());
  EXPECT_EQ(changes, 0U);
  const auto inode = files.disk().find("/card/STATUS.txt");
  EXPECT_TRUE(write_status(files, "/card", "b\n", writable).value());
  EXPECT_EQ(files.disk().find("/card/STATUS.txt"), inode);
  EXPECT_FALSE(write_status(files, "/card", "c\n",
                            [] { return std::make_error_code(std::errc::read_only_file_system); }));
}

TEST(CardStatusFile, SaysHowTheGatewayIs) {
  const auto text = gateway_status(
      R"({"state":"offline","kafka":[{"name":"kafka","state":"offline","reason":"connection refused"}],
    "sources":[{"name":"mqtt:a","up":true,"reason":""},{"name":"mqtt:b","up":false,"reason":"no\u001b[0m route"}]})",
      {"10.0.0.2 (eth0)"});
  EXPECT_NE(text.find("10.0.0.2 (eth0)"), std::string::npos);
  EXPECT_NE(text.find("The gateway: offline\n  kafka: connection refused\n  mqtt:b: no"), std::string::npos)
      << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(gateway_status("", {}).find("does not answer"), std::string::npos);
}

TEST(CardStatusFile, IsDueSoLongAfterTheLast) {
  EXPECT_FALSE(status_due(100, 50));
  EXPECT_FALSE(status_due(649, 50));
  EXPECT_TRUE(status_due(650, 50));
  EXPECT_TRUE(status_due(10, 50));  // another boot
}

}  // namespace
}  // namespace weather::gateway
