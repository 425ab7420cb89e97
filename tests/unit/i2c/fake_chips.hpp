// Chips on a bus that does not exist, as strict as the datasheets: what they are told at the wrong time, or
// asked before they have measured, is not acknowledged. Temperature 25 degC, humidity 37 %, CO2 500 ppm.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace weather::test {

using Bytes = std::vector<std::uint8_t>;

// The calibration of a real BME680 (pimoroni/bme680-python, tests/conftest.py), as it lies in its registers.
inline constexpr std::array<std::uint8_t, 42> real_calibration{
    0x65, 0x67, 0x03, 0x00, 0x41, 0x8f, 0xed, 0xd6, 0x58, 0x00, 0x8e, 0x1c, 0x7f, 0xff,
    0x2e, 0x1e, 0x00, 0x00, 0x97, 0xf3, 0xb5, 0xf6, 0x1e, 0x40, 0x54, 0x2a, 0x00, 0x2d,
    0x14, 0x78, 0x9c, 0xb9, 0x65, 0x4e, 0x9f, 0xe2, 0x12, 0x30, 0x00, 0x10, 0x00, 0x00};

class FakeChips {
 public:
  using Clock = std::function<std::chrono::milliseconds()>;
  explicit FakeChips(Clock now) : now_(std::move(now)) {
    std::copy_n(real_calibration.begin(), 23, registers_.begin() + 0x8A);
    std::copy_n(real_calibration.begin() + 23, 14, registers_.begin() + 0xE1);
    std::copy_n(real_calibration.begin() + 37, 5, registers_.begin());
    registers_[0xD0] = 0x61;
  }

  std::set<std::uint8_t> gone, corrupt;  // by address: not there; with a wrong checksum
  bool heat_stable = true;
  std::uint32_t sen5x_status = 0;
  std::array<std::uint16_t, 8> sen5x_values{105, 203, 310, 402, 3700, 5000, 1000, 0x7FFF};
  int sen5x_starts = 0;

  // A chip that was without supply has forgotten everything.
  void power_cycle(std::uint8_t address) {
    if (address == 0x62) scd_measures_ = false;
    if (address == 0x69) sen_measures_ = false;
    if (address == 0x70) shtc_awake_ = false;
    pending_.erase(address);
  }

  // What was read; none: nobody acknowledges.
  std::optional<Bytes> transfer(std::uint8_t address, const Bytes& write, std::size_t read) {
    if (gone.contains(address)) return std::nullopt;
    address_ = address;
    std::optional<Bytes> answer;
    switch (address) {
      case 0x40:
        answer = htu21d(write, read);
        break;
      case 0x62:
        answer = scd41(write, read);
        break;
      case 0x69:
        answer = sen55(write, read);
        break;
      case 0x70:
        answer = shtc3(write, read);
        break;
      case 0x76:
        answer = bme680(write, read);
        break;
      default:
        return std::nullopt;
    }
    if (answer && corrupt.contains(address) && !answer->empty()) answer->back() ^= 1;
    return answer;
  }

 private:
  using Answer = std::optional<Bytes>;

  static std::uint8_t crc(std::uint16_t word, unsigned begin) {
    for (const unsigned byte : {static_cast<unsigned>(word) >> 8, static_cast<unsigned>(word) & 0xFF}) {
      begin ^= byte;
      for (int bit = 0; bit < 8; ++bit) begin = ((begin & 0x80) != 0 ? begin << 1 ^ 0x31 : begin << 1) & 0xFF;
    }
    return static_cast<std::uint8_t>(begin);
  }
  static Bytes words(std::span<const std::uint16_t> values, unsigned begin = 0xFF) {
    Bytes out;
    for (const auto word : values) {
      out.push_back(static_cast<std::uint8_t>(word >> 8));
      out.push_back(static_cast<std::uint8_t>(word & 0xFF));
      out.push_back(crc(word, begin));
    }
    return out;
  }
  static Bytes words(std::initializer_list<std::uint16_t> values, unsigned begin = 0xFF) {
    return words(std::span(values.begin(), values.size()), begin);
  }
  static unsigned code(const Bytes& write) {
    return write.size() < 2 ? 0U : static_cast<unsigned>(write[0] << 8 | write[1]);
  }
  // A command whose answer is read later, at the earliest after so long.
  Answer later(Bytes answer, int ms) {
    pending_[address_] = {std::move(answer), now_() + std::chrono::milliseconds(ms)};
    return Bytes{};
  }
  Answer take(std::size_t read) {
    const auto found = pending_.find(address_);
    if (found == pending_.end() || found->second.bytes.size() != read || now_() < found->second.ready_at)
      return std::nullopt;
    auto bytes = std::move(found->second.bytes);
    pending_.erase(found);
    return bytes;
  }

  Answer htu21d(const Bytes& write, std::size_t read) {
    if (read > 0) return take(read);
    if (write == Bytes{0xFE}) return Bytes{};
    if (write == Bytes{0xF3}) return later(words({0x683A}, 0), 50);  // 24.7 degC in the datasheet
    if (write == Bytes{0xF5}) return later(words({0x4E85}, 0), 16);  // 32.3 %
    return std::nullopt;
  }

  Answer shtc3(const Bytes& write, std::size_t read) {
    if (code(write) == 0x3517) shtc_awake_ = true;
    if (!shtc_awake_) return std::nullopt;
    if (read > 0) return take(read);
    if (code(write) == 0xEFC8) return later(words({0x0887}), 0);
    if (code(write) == 0x7866) return later(words({0x6666, 0x5EB8}), 12);
    if (code(write) == 0xB098) shtc_awake_ = false;
    return Bytes{};
  }

  Answer scd41(const Bytes& write, std::size_t read) {
    if (read > 0) return take(read);
    const auto reported = code(write);
    if (reported == 0x3F86) {
      scd_measures_ = false;
      return Bytes{};
    }
    if (!scd_measures_) {
      if (reported != 0x21B1 && reported != 0x2427) return std::nullopt;
      if (reported == 0x21B1) scd_measures_ = true;
      scd_next_ = now_() + std::chrono::seconds(5);
      return Bytes{};
    }
    const bool ready = now_() >= scd_next_;
    if (reported == 0xE4B8) return later(words({static_cast<std::uint16_t>(ready ? 0x8006 : 0x8000)}), 1);
    if (reported != 0xEC05 || !ready) return std::nullopt;
    scd_next_ = now_() + std::chrono::seconds(5);
    return later(words({0x01F4, 0x6667, 0x5EB9}), 1);
  }

  Answer sen55(const Bytes& write, std::size_t read) {
    if (read > 0) return take(read);
    const auto reported = code(write);
    const bool ready = sen_measures_ && now_() >= sen_next_;
    if (reported == 0x0202) return later(words({static_cast<std::uint16_t>(ready ? 1 : 0)}), 20);
    if (reported == 0xD210)
      return later(words({static_cast<std::uint16_t>(sen5x_status >> 16),
                          static_cast<std::uint16_t>(sen5x_status & 0xFFFF)}),
                   20);
    if (reported == 0x0021 && !sen_measures_) {
      ++sen5x_starts;
      sen_measures_ = true;
      sen_next_ = now_() + std::chrono::seconds(1);
      return Bytes{};
    }
    if (reported != 0x03C4 || !ready) return std::nullopt;
    sen_next_ = now_() + std::chrono::seconds(1);
    return later(words(sen5x_values), 20);
  }

  // Raw numbers of the calibration's own tests: 26.7 degC, 987.2 hPa, 42.4 %.
  void bme680_measures() {
    constexpr std::uint32_t pressure = 353485, temperature = 501240;
    const auto twenty = [&](std::size_t at, std::uint32_t raw) {
      registers_[at] = static_cast<std::uint8_t>(raw >> 12);
      registers_[at + 1] = static_cast<std::uint8_t>(raw >> 4 & 0xFF);
      registers_[at + 2] = static_cast<std::uint8_t>(raw << 4 & 0xF0);
    };
    twenty(0x1F, pressure);
    twenty(0x22, temperature);
    registers_[0x25] = 19019 >> 8;
    registers_[0x26] = 19019 & 0xFF;
    const bool heats = (registers_[0x71] & 0x10) != 0 && (registers_[0x70] & 0x08) == 0;
    registers_[0x2A] = 512 >> 2;
    registers_[0x2B] = static_cast<std::uint8_t>(heats ? 0x20 | (heat_stable ? 0x10 : 0) | 4 : 0);
    registers_[0x1D] = 0x80;
  }

  Answer bme680(const Bytes& write, std::size_t read) {
    if (write.empty()) return std::nullopt;
    if (read > 0) {
      const std::size_t from = write.front();
      return Bytes(
          registers_.begin() + static_cast<std::ptrdiff_t>(from),
          registers_.begin() + static_cast<std::ptrdiff_t>(std::min(from + read, registers_.size())));
    }
    for (std::size_t i = 0; i + 1 < write.size(); i += 2) {
      registers_[write[i]] = write[i + 1];
      if (write[i] == 0x74 && (write[i + 1] & 3) == 1) bme680_measures();
    }
    return Bytes{};
  }

  const Clock now_;
  struct Pending {
    Bytes bytes;
    std::chrono::milliseconds ready_at;
  };
  std::map<std::uint8_t, Pending> pending_;
  std::uint8_t address_ = 0;  // of this transfer
  std::chrono::milliseconds scd_next_{0}, sen_next_{0};
  bool scd_measures_ = false, sen_measures_ = false, shtc_awake_ = false;
  std::array<std::uint8_t, 256> registers_{};
};

}  // namespace weather::test
