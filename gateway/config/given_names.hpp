// The names that people gave on the page, and the sensors they do not want: data_dir/names.toml, which is
// read behind the drop-ins. It is there and not in conf.d because the service cannot write below /etc
// (ProtectSystem=strict), and what the page can write holds nothing but this. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace weather::gateway {

inline constexpr const char* given_names_file = "names.toml";
inline constexpr std::size_t most_name_bytes = 64;

// As they stand in the file: "$$" is a dollar sign.
struct GivenNames {
  std::map<std::string, std::string> names;    // by the id a sensor comes with
  std::map<std::string, std::string> ignored;  // why
  bool operator==(const GivenNames&) const = default;
};

std::string to_toml(const GivenNames& given);
// The error says what is wrong with the text.
tl::expected<GivenNames, std::string> given_names_from(std::string_view toml);
// Whether the file may say this key of the configuration.
bool is_given_name(std::string_view key);

struct NameRequest {
  enum class Act : std::uint8_t { rename, ignore, hear } act = Act::rename;
  std::string id;    // as it is shown
  std::string name;  // to rename: the new one
};

// What is in force.
struct NamesInUse {
  std::map<std::string, std::string> names;  // [sensors] names
  std::set<std::string> sensors;             // that are known, as they are shown
};

// The error is a sentence for the person who asked.
tl::expected<GivenNames, std::string> changed(GivenNames given, const NamesInUse& now,
                                              const NameRequest& request, const std::string& why);

// What to write into the configuration by hand instead.
std::string by_hand(const NamesInUse& now, const NameRequest& request);

}  // namespace weather::gateway
