// What the registers of a Modbus instrument mean. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

enum class RegisterTable { holding, input };
enum class RegisterType { u16, s16, u32, s32, f32 };
enum class WordOrder { big, little };  // which of two registers is the high word: the first, or the second

struct Register {
  RegisterTable table = RegisterTable::holding;
  std::uint16_t address = 0;  // as on the wire, from 0
  RegisterType type = RegisterType::u16;
  WordOrder words = WordOrder::big;
  double scale = 1, offset = 0;  // value = register * scale + offset, in `unit`
  std::string quantity, unit, part;
  v1::Stat stat = v1::STAT_INSTANT;
  std::vector<double> missing;  // register values that are none: 32767, 65535
};
std::uint16_t words_of(RegisterType type);

// One request: neighbours are read together, at most 125 registers (Modbus Application Protocol V1.1b3, 6.3).
struct Block {
  RegisterTable table = RegisterTable::holding;
  std::uint16_t address = 0, count = 0;
  bool operator==(const Block&) const = default;
};
// Registers with a gap between them are separate requests: many instruments refuse addresses they do not
// have.
std::vector<Block> plan_blocks(const std::vector<Register>& registers);

// What came back, by table and address.
using RegisterValues = std::map<std::pair<RegisterTable, std::uint16_t>, std::uint16_t>;

// One quantity per register; QUALITY_MISSING where the instrument did not answer or sent `missing`
// (QC_SENTINEL).
void add_registers(v1::Reading& reading, const std::vector<Register>& registers,
                   const RegisterValues& values);

}  // namespace weather::sensors
