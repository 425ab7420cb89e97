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

// A name that only the Java client knows.
struct JavaName {
  std::string_view name;
  std::string_view ours;  // the name of the same value here; empty: it has no meaning here, or none by itself
  std::string_view advice;  // what to write instead
};
// Null: it is none of those.
const JavaName* find_java_name(std::string_view name);

}  // namespace weather::bridge
