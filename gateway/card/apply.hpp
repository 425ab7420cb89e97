// What a start does with the card's FAT partition: reads what people wrote there, takes the last good copy of
// what has faults, moves secrets away, and writes what the system and the gateway run with. All files go
// through `files`, so that a power cut can be had at each step. One thread, before anything else uses them.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "bridge/log/files.hpp"
#include "gateway/card/text.hpp"

namespace weather::gateway {

struct CardFolders {
  std::filesystem::path card;   // the FAT partition
  std::filesystem::path run;    // gone at the next boot: what everybody reads
  std::filesystem::path state;  // secrets and the last good copies
};

struct CardTools {
  // What is wrong with the configuration in this file, a line each; empty: nothing.
  std::function<std::vector<CardFault>(const std::filesystem::path&)> check;
  // Called before the first change of the card; an error: it cannot be changed.
  std::function<std::error_code()> writable = [] { return std::error_code(); };
};

struct CardReport {
  std::vector<CardFault> faults;
  std::vector<std::string> notes;  // what was done, a sentence each
  std::string hostname;            // empty: none was given
  bool runs = false;               // there is a configuration
};

CardReport apply_card(log::Files& files, const CardFolders& folders, const CardTools& tools);

}  // namespace weather::gateway
