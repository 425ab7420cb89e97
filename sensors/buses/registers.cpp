#include "sensors/buses/registers.hpp"

#include <algorithm>
#include <bit>
#include <optional>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

constexpr unsigned most_registers = 125;

std::optional<double> raw_value(const Register& reg, const RegisterValues& values) {
  const auto word = [&](unsigned i) -> std::optional<std::uint32_t> {
    const auto found = values.find({reg.table, static_cast<std::uint16_t>(reg.address + i)});
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
  const auto first = word(0);
  if (!first) return std::nullopt;
  if (reg.type == RegisterType::u16) return *first;
  if (reg.type == RegisterType::s16) return static_cast<std::int16_t>(*first);
  const auto second = word(1);
  if (!second) return std::nullopt;
  const auto bits = reg.words == WordOrder::big ? *first << 16 | *second : *second << 16 | *first;
  if (reg.type == RegisterType::u32) return bits;
  if (reg.type == RegisterType::s32) return static_cast<std::int32_t>(bits);
  return std::bit_cast<float>(bits);
}

}  // namespace

std::uint16_t words_of(RegisterType type) {
  return type == RegisterType::u16 || type == RegisterType::s16 ? 1 : 2;
}

std::vector<Block> plan_blocks(const std::vector<Register>& registers) {
  std::vector<Block> wanted;
  for (const auto& reg : registers) wanted.push_back({reg.table, reg.address, words_of(reg.type)});
  std::ranges::sort(wanted, {}, [](const Block& b) { return std::tuple(b.table, b.address, b.count); });
  std::vector<Block> out;
  for (const auto& next : wanted) {
    if (!out.empty() && out.back().table == next.table) {
      auto& last = out.back();
      const unsigned end = std::max<unsigned>(last.address + last.count, next.address + next.count);
      if (next.address <= last.address + last.count && end - last.address <= most_registers) {
        last.count = static_cast<std::uint16_t>(end - last.address);
        continue;
      }
    }
    out.push_back(next);
  }
  return out;
}

void add_registers(v1::Reading& reading, const std::vector<Register>& registers,
                   const RegisterValues& values) {
  for (const auto& reg : registers) {
    const auto raw = raw_value(reg, values);
    const bool sentinel = raw && std::ranges::find(reg.missing, *raw) != reg.missing.end();
    const auto source =
        (reg.table == RegisterTable::input ? "input " : "holding ") + std::to_string(reg.address);
    const Field field{
        .name = reg.quantity, .unit = reg.unit, .part = reg.part, .source_field = source, .stat = reg.stat};
    if (raw && !sentinel) {
      add_quantity(reading, field, round_significant(*raw * reg.scale + reg.offset, 9));
      continue;
    }
    auto& missing = add_quantity(reading, field, std::monostate{});
    missing.set_quality(v1::QUALITY_MISSING);
    if (sentinel) missing.set_qc(v1::QC_SENTINEL);
  }
}

}  // namespace weather::sensors
