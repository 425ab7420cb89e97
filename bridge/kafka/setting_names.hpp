// The names librdkafka knows, as the library at hand reports them, and what other names may have meant.
#pragma once

#include <string>
#include <string_view>

namespace weather::bridge {

struct SettingName {
  std::string canonical;  // what an alias stands for, else the name itself
  bool producer = false, consumer = false;
};

// Null: this librdkafka does not know it.
const SettingName* find_setting(std::string_view name);

// "linger.ms" for "linger.m"; empty if nothing is near.
std::string nearest_setting(std::string_view name);

// What to write instead of a name that only the Java client knows; empty if it is none of those.
std::string_view java_advice(std::string_view name);

}  // namespace weather::bridge
