// The card at a start: what people wrote, what they broke, and a power cut at every step of it.
#include <map>

#include <gtest/gtest.h>

#include "gateway/card/apply.hpp"
#include "gateway/card/network.hpp"
#include "gateway/card/secret_move.hpp"
#include "tests/crash/sim_files.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;
using log::test::Cut;
using log::test::Disk;
using log::test::Random;
using log::test::SimFiles;

const CardFolders folders{"/card", "/run/card", "/var/card"};
const std::string wifi_password = "correct horse", pin = "4711", kafka_password = "s3cret Kafka";
const std::string binary("\0\xFF\x01", 3);

using Files = std::map<std::string, std::string>;

void put(Disk& disk, const std::string& path, const std::string& text) {
  if (disk.find(path)) disk.remove(path);
  const auto inode = disk.create(path);
  disk.write(inode, 0, bytes_of(text));
  disk.sync_data(inode);
  disk.sync_folder(fs::path(path).parent_path().string());
}

std::string text_of(const Disk& disk, const std::string& path) {
  const auto inode = disk.find(path);
  if (!inode) return "none";
  std::string text(disk.size(*inode), '\0');
  (void)disk.read(*inode, 0, std::as_writable_bytes(std::span(text.data(), text.size())));
  return text;
}

Files below(const Disk& disk, const std::string& folder) {
  Files files;
  for (const auto& path : disk.all_files())
    if (path.starts_with(folder + "/")) files[path] = text_of(disk, path);
  return files;
}

Disk empty_disk() {
  Disk disk(1U << 24U);
  for (const auto* folder : {"/card", "/card/Secrets", "/run", "/var"}) disk.make_folder(folder);
  for (const auto* folder : {"/", "/card"}) disk.sync_folder(folder);
  return disk;
}

// As a person on Windows leaves it: names and encodings as they come.
Disk written_card(std::size_t padding = 0) {
  auto disk = empty_disk();
  const auto network = "\r\n# " + std::string(padding, 'x') +
                       "\r\ncountry = \"DE\"\r\n[[wifi]]\r\nssid = \"Hof\"\r\npassword = \"" + wifi_password +
                       "\"\r\n[lte]\r\napn = \"internet\"\r\npin = \"" + pin + "\"\r\n";
  put(disk, "/card/Network.toml.txt", encode({network, Encoding::utf16_little, true}));
  put(disk, "/card/weather-gateway.toml", "\xEF\xBB\xBFgood = 1  \r\n");
  put(disk, "/card/HOSTNAME.TXT", "roof-1\r\n");
  put(disk, "/card/Secrets/kafka.txt", kafka_password + "\r\n");
  put(disk, "/card/Secrets/key.der", binary);
  return disk;
}

// Judges as the real one would: only what says "good" is.
CardTools tools(SimFiles& files) {
  return {[&files](const fs::path& file) {
    const auto text = read_text_file(files, file);
    return text && text->starts_with("good") ? std::vector<CardFault>{}
                                             : std::vector<CardFault>{{{}, 1, "is not good"}};
  }};
}

CardReport start(SimFiles& files) {
  return apply_card(files, folders, tools(files));
}

std::string reported(const CardReport& report) {
  std::string text;
  for (const auto& fault : report.faults) text += to_string(fault) + "\n";
  return text;
}

// What is not as it must be in the end; empty: nothing.
std::string wrong(const Disk& disk, const Files& run) {
  if (below(disk, "/run/card") != run) return "the system's files differ";
  for (const auto& [path, secret] :
       Files{{"secrets/kafka", kafka_password}, {"secrets/key.der", binary}, {"network/lte-pin", pin}})
    if (text_of(disk, "/var/card/" + path) != secret) return path + " is lost";
  for (const auto& [path, text] : below(disk, "/card"))
    for (const auto& secret : {wifi_password, kafka_password, pin})
      if (text.find(secret) != std::string::npos ||
          text.find(encode({secret, Encoding::utf16_little, false})) != std::string::npos)
        return path + " holds a secret";
  return below(disk, "/var/card/wiping").empty() ? "" : "a note is left";
}

TEST(CardAtStart, WhatPeopleWroteReachesTheSystemAndSecretsLeaveTheCard) {
  SimFiles files(written_card());
  const auto report = start(files);
  EXPECT_EQ(reported(report), "");
  EXPECT_TRUE(report.runs);
  EXPECT_EQ(report.hostname, "roof-1");
  const auto disk = files.disk();
  const auto run = below(disk, "/run/card");
  EXPECT_EQ(run.at("/run/card/weather-gateway.toml"), "good = 1\n");
  EXPECT_EQ(run.at("/run/card/hostname"), "roof-1\n");
  EXPECT_EQ(run.at("/run/card/secrets/kafka"), kafka_password);
  EXPECT_NE(run.at("/run/card/wpa_supplicant-wlan0.conf").find(wifi_password), std::string::npos);
  EXPECT_NE(run.at("/run/card/modem.env").find(pin), std::string::npos);
  EXPECT_EQ(wrong(disk, run), "");
  EXPECT_EQ(text_of(disk, "/card/Network.toml.txt").size(),
            text_of(written_card(), "/card/Network.toml.txt").size());
  const auto again = start(files);  // the next boot writes nothing on the card
  EXPECT_EQ(reported(again), "");
  EXPECT_TRUE(again.notes.empty());
  EXPECT_EQ(wrong(files.disk(), run), "");
  EXPECT_EQ(below(files.disk(), "/card"), below(disk, "/card"));
}

TEST(CardAtStart, AFaultyFileIsToldAndTheLastGoodOneUsed) {
  SimFiles files(written_card());
  (void)start(files);
  const auto good = below(files.disk(), "/run/card");
  for (const auto& [path, text, word] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"/card/weather-gateway.toml", "bad", "weather-gateway.toml:1: is not good"},
           {"/card/weather-gateway.toml", "a\n\xE4", "weather-gateway.toml:2:"},
           {"/card/Network.toml.txt", "country = 7", "Network.toml.txt:1:"},
           {"/card/Network.toml.txt", "country = \"DE\"\n[[wifi]]\nssid = \"new\"",
            "Network.toml.txt:2: password"},
           {"/card/HOSTNAME.TXT", "no name", "HOSTNAME.TXT:1:"}}) {
    SimFiles damaged(files.disk());
    damaged.change([&](Disk& disk) { put(disk, path, text); });
    const auto report = start(damaged);
    EXPECT_TRUE(reported(report).starts_with(word)) << reported(report);
    EXPECT_EQ(report.faults.size(), 1U) << reported(report);
    EXPECT_TRUE(report.runs);
    EXPECT_EQ(below(damaged.disk(), "/run/card"), good) << path << text;
  }
}

TEST(CardAtStart, AFileThatIsGoneIsToldAndTheLastGoodOneUsed) {
  SimFiles files(written_card());
  (void)start(files);
  const auto good = below(files.disk(), "/run/card");
  for (const auto* path : {"/card/weather-gateway.toml", "/card/Network.toml.txt"}) {
    SimFiles without(files.disk());
    without.change([&](Disk& disk) { disk.remove(path); });
    const auto report = start(without);
    EXPECT_EQ(report.faults.size(), 1U) << reported(report);
    EXPECT_EQ(below(without.disk(), "/run/card"), good) << path;
  }
}

TEST(CardAtStart, WithoutAnythingGoodItSaysSoAndTheNetworkIsUp) {
  SimFiles files(empty_disk());
  const auto report = start(files);
  EXPECT_FALSE(report.runs);
  EXPECT_EQ(report.faults.size(), 1U) << reported(report);
  EXPECT_EQ(below(files.disk(), "/run/card").size(), 1U);
}

TEST(CardAtStart, ASecretStaysOnACardThatCannotBeWrittenAndIsUsed) {
  SimFiles files(written_card());
  auto with = tools(files);
  with.writable = [] { return std::make_error_code(std::errc::read_only_file_system); };
  const auto report = apply_card(files, folders, with);
  EXPECT_EQ(report.faults.size(), 3U) << reported(report);
  EXPECT_EQ(below(files.disk(), "/card"), below(written_card(), "/card"));
  EXPECT_EQ(below(files.disk(), "/run/card").at("/run/card/secrets/kafka"), kafka_password);
}

// The power goes before every change and every sync, in every way a disk may then be found; the next start is
// cut too, at a step of chance, and the one after that is left alone. The first thing that is wrong then.
std::string first_wrong(std::size_t padding, const log::test::Mistakes& mistakes) {
  SimFiles undisturbed(written_card(padding));
  (void)start(undisturbed);
  const auto run = below(undisturbed.disk(), "/run/card");
  const auto moments = [&](Disk disk) {
    std::vector<Disk> seen;
    SimFiles files(std::move(disk));
    files.make(mistakes);
    files.watch([&](const Disk& at) { seen.push_back(at); });
    (void)start(files);
    return seen;
  };
  const auto first = moments(written_card(padding));
  EXPECT_GT(first.size(), 60U);
  Random random(7);
  for (std::size_t at = 0; at < first.size(); ++at)
    for (std::uint64_t cut = 0; cut < log::test::cut_kinds; ++cut) {
      const auto second = moments(first[at].after_power_cut(static_cast<Cut>(cut), random));
      SimFiles files(second[random.below(second.size())].after_power_cut(static_cast<Cut>(cut), random));
      const auto reported_last = reported(start(files));
      const auto found = reported_last.empty() ? wrong(files.disk(), run) : reported_last;
      if (!found.empty()) return "step " + std::to_string(at) + ", cut " + std::to_string(cut) + ": " + found;
    }
  return {};
}

TEST(CardPowerCut, AtAnyStepNoSecretIsLostAndAnotherStartFinishes) {
  for (const std::size_t padding : {0U, 230U})  // a password on the edge between two sectors
    EXPECT_EQ(first_wrong(padding, {}), "");
}

TEST(CardPowerCut, TheCheckSeesASyncThatIsMissing) {
  log::test::Mistakes no_data, no_folder;
  no_data.no_sync_data = true;
  no_folder.no_sync_dir = true;
  EXPECT_NE(first_wrong(0, no_data), "");
  EXPECT_NE(first_wrong(0, no_folder), "");
}

TEST(CardPowerCut, WhatAPersonWroteAfterTheCutIsNotTakenForWhatIsToBeWiped) {
  const Wipe wipe{"network.toml", "password = \"12345678\"", "password = \"\" # moved", false};
  EXPECT_TRUE(interrupted(wipe, wipe.from));
  EXPECT_TRUE(interrupted(wipe, wipe.to));
  EXPECT_TRUE(interrupted(wipe, "password = \"\" # mo78\""));
  EXPECT_TRUE(interrupted(wipe, std::string("password = \"\x01\xFF\0\0\0\0\0\0\"", 21)));
  EXPECT_FALSE(interrupted(wipe, "password = \"87654321\""));
  EXPECT_FALSE(interrupted(wipe, "password = \"123456789\""));
  const auto note = to_note(wipe);
  EXPECT_EQ(to_note(from_note(note)), note);
}

}  // namespace
}  // namespace weather::gateway
