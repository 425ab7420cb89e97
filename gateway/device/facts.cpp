#include "gateway/device/facts.hpp"

#include <array>
#include <charconv>
#include <vector>

namespace weather::gateway {
namespace {

std::string_view next_word(std::string_view& text) {
  const auto begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return text = {};
  const auto end = std::min(text.find_first_of(" \t\n", begin), text.size());
  const auto word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

template <class T>
std::optional<T> number(std::string_view word, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// "MemTotal:  949448 kB" -> bytes
std::optional<std::uint64_t> member_kib(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (next_word(line) != name) continue;
    const auto kib = number<std::uint64_t>(next_word(line));
    return kib ? std::optional(*kib * 1024) : std::nullopt;
  }
  return std::nullopt;
}

struct DiskLine {
  unsigned major = 0, minor = 0;
  std::string_view name;
  std::uint64_t written_bytes = 0;
};

// Documentation/admin-guide/iostats.rst: major minor name, reads (4 fields), writes completed, writes merged,
// sectors written; a sector has 512 bytes, whatever the disk's are.
std::optional<DiskLine> parse_disk_line(std::string_view line) {
  const auto major = number<unsigned>(next_word(line)), minor = number<unsigned>(next_word(line));
  const auto name = next_word(line);
  for (int skipped = 0; skipped < 6; ++skipped) next_word(line);
  const auto sectors = number<std::uint64_t>(next_word(line));
  if (!major || !minor || !sectors) return std::nullopt;
  return DiskLine{*major, *minor, name, *sectors * 512};
}

// "mmcblk0p2" is a part of "mmcblk0", "sda1" of "sda"; "mmcblk0boot0" is a disk of its own.
bool is_part_of(std::string_view part, std::string_view disk) {
  if (part.size() <= disk.size() || !part.starts_with(disk)) return false;
  auto rest = part.substr(disk.size());
  const bool ends_in_digit = disk.back() >= '0' && disk.back() <= '9';
  if (ends_in_digit && rest.front() == 'p')
    rest.remove_prefix(1);
  else if (ends_in_digit)
    return false;
  return !rest.empty() && rest.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<Throttled> parse_throttled(std::string_view text) {
  auto word = next_word(text);
  if (word.starts_with("throttled=")) word.remove_prefix(10);
  if (word.starts_with("0x")) word.remove_prefix(2);
  const auto bits = number<std::uint32_t>(word, 16);
  if (!bits) return std::nullopt;
  const auto bit = [&](unsigned index) { return (*bits >> index & 1U) != 0; };
  return Throttled{bit(0), bit(1) || bit(2), bit(16)};
}

std::optional<double> parse_temperature(std::string_view text) {
  const auto thousandths = number<std::int64_t>(next_word(text));
  if (!thousandths) return std::nullopt;
  return static_cast<double>(*thousandths) / 1000;
}

std::optional<Memory> parse_meminfo(std::string_view text) {
  const auto total = member_kib(text, "MemTotal:"), available = member_kib(text, "MemAvailable:");
  if (!total || !available) return std::nullopt;
  return Memory{*total, *available};
}

std::optional<std::uint64_t> parse_resident(std::string_view statm, std::uint64_t page_bytes) {
  next_word(statm);
  const auto pages = number<std::uint64_t>(next_word(statm));
  return pages ? std::optional(*pages * page_bytes) : std::nullopt;
}

std::optional<std::uint64_t> parse_cpu_ticks(std::string_view stat) {
  const auto name_end = stat.rfind(')');  // the name may hold blanks and brackets
  if (name_end == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(name_end + 1);
  for (int skipped = 0; skipped < 11; ++skipped) next_word(stat);
  const auto user = number<std::uint64_t>(next_word(stat)), system = number<std::uint64_t>(next_word(stat));
  if (!user || !system) return std::nullopt;
  return *user + *system;
}

std::optional<Disk> find_disk(std::string_view diskstats, unsigned major, unsigned minor) {
  std::vector<DiskLine> lines;
  while (!diskstats.empty()) {
    const auto end = std::min(diskstats.find('\n'), diskstats.size());
    if (const auto line = parse_disk_line(diskstats.substr(0, end))) lines.push_back(*line);
    diskstats.remove_prefix(std::min(end + 1, diskstats.size()));
  }
  for (const auto& line : lines) {
    if (line.major != major || line.minor != minor) continue;
    for (const auto& whole : lines)
      if (is_part_of(line.name, whole.name)) return Disk{std::string(whole.name), whole.written_bytes};
    return Disk{std::string(line.name), line.written_bytes};
  }
  return std::nullopt;
}

}  // namespace weather::gateway
