#include "sensors/pulse/gpio_chips.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensors/reading/json_text.hpp"

namespace weather::sensors {
namespace {

namespace fs = std::filesystem;

template <class T>
using Found = tl::expected<T, std::string>;

struct Chip {
  OwnedFile file;
  fs::path path;
  std::string name, label;
  std::uint32_t lines = 0;
};

// The kernel's texts end with the field where they fill it.
template <std::size_t Size>
std::string text_of(const char (&field)[Size]) {
  return to_utf8(std::string_view(field, ::strnlen(field, Size)));
}

Found<Chip> open_chip(const fs::path& path) {
  OwnedFile file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (file.get() < 0) {
    const int error = errno;
    const std::string_view todo = error == ENOENT ? "is it spelled as in /dev? On a Pi: ls /dev/gpiochip*"
                                  : error == EACCES || error == EPERM
                                      ? "the service needs the device and its group: 15-gpio.conf in "
                                        "/usr/share/doc/weather-gateway/examples/systemd"
                                      : "look at the journal of the kernel";
    return tl::unexpected("cannot open " + path.string() + ": " + std::strerror(error) + "; " +
                          std::string(todo));
  }
  gpiochip_info info{};
  if (::ioctl(file.get(), GPIO_GET_CHIPINFO_IOCTL, &info) < 0)
    return tl::unexpected(path.string() + " is no GPIO chip: " + std::strerror(errno) +
                          "; name one of /dev/gpiochip*");
  return Chip{std::move(file), path, text_of(info.name), text_of(info.label), info.lines};
}

// In the order of their numbers; links to others (a Pi 5 has gpiochip4 for gpiochip0) once.
std::vector<Chip> all_chips(const fs::path& devices) {
  constexpr std::string_view prefix = "gpiochip";
  std::vector<std::pair<unsigned, fs::path>> paths;
  std::error_code error;
  for (fs::directory_iterator at(devices, error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    unsigned number = 0;
    if (name.starts_with(prefix) &&
        std::from_chars(name.data() + prefix.size(), name.data() + name.size(), number).ec == std::errc())
      paths.emplace_back(number, at->path());
  }
  std::ranges::sort(paths);
  std::vector<Chip> chips;
  std::set<std::string> seen;
  for (const auto& [number, path] : paths)
    if (auto chip = open_chip(path); chip && seen.insert(chip->name).second)
      chips.push_back(std::move(*chip));
  return chips;
}

std::string chip_text(const Chip& chip) {
  return chip.path.string() + " (" + chip.label + ", " + std::to_string(chip.lines) + " lines)";
}

std::string there_are(const std::vector<std::string>& chips) {
  if (chips.empty())
    return "no GPIO chip can be opened in /dev: is there one, and may this user (ls -l /dev/gpiochip*)?";
  std::string text = "there are ";
  for (const auto& chip : chips) text += (&chip == &chips.front() ? "" : ", ") + chip;
  return text;
}

Found<Chip> chip_of(const GpioPlace& place) {
  if (place.chip.starts_with('/')) return open_chip(place.chip);
  auto chips = all_chips(place.devices);
  const auto found = std::ranges::find_if(
      chips, [&](const Chip& chip) { return chip.label == place.chip || chip.name == place.chip; });
  if (found != chips.end()) return std::move(*found);
  return tl::unexpected("no GPIO chip has the label \"" + place.chip + "\"; " +
                        there_are(gpio_chip_names(place.devices)));
}

std::optional<gpio_v2_line_info> line_info(const Chip& chip, std::uint32_t number) {
  gpio_v2_line_info info{};
  info.offset = number;
  if (::ioctl(chip.file.get(), GPIO_V2_GET_LINEINFO_IOCTL, &info) < 0) return std::nullopt;
  return info;
}

std::optional<std::uint32_t> line_called(const Chip& chip, std::string_view name) {
  for (std::uint32_t number = 0; number < chip.lines; ++number)
    if (const auto info = line_info(chip, number); info && text_of(info->name) == name) return number;
  return std::nullopt;
}

std::optional<std::uint32_t> number_in(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Found<GpioLineFound> line_of(Chip chip, std::uint32_t number) {
  if (number >= chip.lines)
    return tl::unexpected(chip_text(chip) + " has no line " + std::to_string(number) + ", only 0 to " +
                          std::to_string(chip.lines - 1));
  const auto info = line_info(chip, number);
  if (!info)
    return tl::unexpected(chip.path.string() + ": the kernel does not tell of line " +
                          std::to_string(number) + ": " + std::strerror(errno) +
                          "; it must be Linux 5.10 or later");
  return GpioLineFound{std::move(chip.file),
                       chip.path,
                       number,
                       text_of(info->name),
                       (info->flags & GPIO_V2_LINE_FLAG_USED) != 0,
                       text_of(info->consumer)};
}

Found<GpioLineFound> line_by_name(const GpioPlace& place) {
  std::optional<GpioLineFound> only;
  for (auto& chip : all_chips(place.devices)) {
    const auto number = line_called(chip, place.line);
    if (!number) continue;
    auto line = line_of(std::move(chip), *number);
    if (!line) return line;
    if (only)
      return tl::unexpected("\"" + place.line + "\" is a line of " + only->path.string() + " and of " +
                            line->path.string() + ": say with chip = which of them");
    only = std::move(*line);
  }
  if (only) return std::move(*only);
  return tl::unexpected("no GPIO line is called \"" + place.line + "\"; " +
                        there_are(gpio_chip_names(place.devices)));
}

}  // namespace

std::string GpioLineFound::what() const {
  return "line " + std::to_string(number) + (name.empty() ? "" : " (" + name + ")") + " of " + path.string();
}

std::string GpioLineFound::in_use() const {
  return what() + " is in use" + (consumer.empty() ? "" : " by \"" + consumer + "\"") +
         ": one at a time can have a line; end that program, or take its overlay out of config.txt";
}

std::vector<std::string> gpio_chip_names(const fs::path& devices) {
  std::vector<std::string> names;
  for (const auto& chip : all_chips(devices)) names.push_back(chip_text(chip));
  return names;
}

Found<GpioLineFound> find_gpio_line(const GpioPlace& place) {
  const auto number = number_in(place.line);
  if (place.chip.empty()) {
    if (!number) return line_by_name(place);
    return tl::unexpected("line " + place.line + " of which chip? " +
                          there_are(gpio_chip_names(place.devices)));
  }
  auto chip = chip_of(place);
  if (!chip) return tl::unexpected(chip.error());
  if (number) return line_of(std::move(*chip), *number);
  const auto named = line_called(*chip, place.line);
  if (!named) return tl::unexpected(chip_text(*chip) + " has no line called \"" + place.line + "\"");
  return line_of(std::move(*chip), *named);
}

}  // namespace weather::sensors
