// Value -> member of a configuration struct. For the tables of schema.cpp and schema_sources.cpp only.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <type_traits>

#include "gateway/config/schema.hpp"

namespace weather::gateway::table {

template <class T>
T convert(const Value& value) {
  if constexpr (std::is_same_v<T, std::filesystem::path>) {
    return std::get<std::string>(value);
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    return T{std::get<std::int64_t>(value)};
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    return static_cast<T>(std::get<std::int64_t>(value));
  } else if constexpr (std::is_same_v<T, double>) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
  } else {
    return std::get<T>(value);
  }
}

template <class S, class T>
void assign_member(S& section, T S::*member, const Value& value) {
  if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
    for (const auto& [key, text] : std::get<T>(value)) (section.*member)[key] = text;  // tables merge
  } else {
    section.*member = convert<T>(value);
  }
}

template <class S>
struct Of {
  template <auto Member>
  static void set(void* section, const Value& value) {
    assign_member(*static_cast<S*>(section), Member, value);
  }
};

template <auto Member>
void* section(Config& config) {
  return &(config.*Member);
}
template <auto Member>
void* element(Config& config) {
  return &(config.*Member).emplace_back();
}

}  // namespace weather::gateway::table
