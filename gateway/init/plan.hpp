// The files that `weather-gateway init` writes, from what was found and answered. Pure.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gateway/init/propose.hpp"

namespace weather::gateway {

struct InitBroker {
  std::string url, username, password;  // password empty: none is needed
  std::vector<Proposal> sources;
  bool quiet = false;  // nothing was heard: wait for what may come
};

struct InitBus {
  std::string kind;                  // "iio", "hwmon", "one_wire"
  std::string root;                  // empty: /sys
  std::vector<FoundSensor> sensors;  // what one look gave
};

struct InitBluetooth {
  std::string adapter;               // "hci0"; empty: there is none
  std::string obstacle;              // what keeps it from hearing, in words
  std::vector<FoundSensor> sensors;  // those heard that are to be taken
  std::vector<std::string> devices;  // their addresses
};

struct InitKafka {
  std::string bootstrap;   // or
  std::string properties;  // the text of a client.properties
  std::string topic = "topic_weather";
  std::string proxy;  // URL; empty: none
};

struct InitAnswers {
  std::string id, data_dir;
  std::vector<InitBroker> brokers;
  std::vector<InitBus> buses;
  InitBluetooth bluetooth;
  std::vector<std::string> serial_adapters;  // what they speak is not known: to be taken in by hand
  bool rtl_433 = false;                      // the program is installed
  InitKafka kafka;
  std::map<std::string, std::string> names;  // by sensor id: those the user gave
};

struct PlannedFile {
  std::filesystem::path path;  // relative to the folder of the configuration
  std::string text;
  bool secret = false;  // readable by root and the gateway alone, in any case
};

// The main file is called `main`; drop-ins lie in conf.d/. Each loads without a fault.
std::vector<PlannedFile> plan_files(const InitAnswers& answers, const std::string& main);

std::string toml_text(std::string_view text);  // quoted and escaped

}  // namespace weather::gateway
