#include "sensors/buses/modbus.hpp"

#include <atomic>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <modbus.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sensors/reading/builder.hpp"
#include "tests/unit/buses/pseudo_terminal.hpp"

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// An instrument with holding registers 0..9, by libmodbus' server side.
class Instrument {
 public:
  Instrument() : mapping(modbus_mapping_new(0, 0, 10, 10)) {}
  ~Instrument() {
    stop();
    modbus_mapping_free(mapping);
  }
  Instrument(const Instrument&) = delete;
  Instrument& operator=(const Instrument&) = delete;

  int serve_tcp(int port = 0) {
    context_ = modbus_new_tcp("127.0.0.1", port);
    listener_ = modbus_tcp_listen(context_, 1);
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        if (!readable(listener_)) continue;
        int listener = listener_;
        if (modbus_tcp_accept(context_, &listener) >= 0) answer(stop);
      }
    });
    return ntohs(address.sin_port);
  }

  void serve_rtu(int fd) {
    context_ = modbus_new_rtu("/dev/null", 9600, 'N', 8, 1);
    modbus_set_slave(context_, 1);
    modbus_set_socket(context_, fd);
    thread_ = std::jthread([this](const std::stop_token& stop) { answer(stop); });
  }

  void stop() {
    thread_ = {};
    if (listener_ >= 0) ::close(listener_);
    listener_ = -1;
    if (context_ != nullptr) modbus_free(context_);
    context_ = nullptr;
  }

  modbus_mapping_t* mapping;

 private:
  static bool readable(int fd) {
    pollfd wait{fd, POLLIN, 0};
    return ::poll(&wait, 1, 20) > 0;
  }
  void answer(const std::stop_token& stop) {
    std::uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    while (!stop.stop_requested()) {
      if (!readable(modbus_get_socket(context_))) continue;
      const int size = modbus_receive(context_, query);
      if (size < 0) break;
      if (size > 0) modbus_reply(context_, query, size, mapping);
    }
    if (listener_ >= 0) modbus_close(context_);
  }

  modbus_t* context_ = nullptr;
  int listener_ = -1;
  std::jthread thread_;
};

Register reg(std::uint16_t address, std::string quantity) {
  Register out;
  out.address = address;
  out.type = RegisterType::s16;
  out.quantity = std::move(quantity);
  out.scale = 0.1;
  return out;
}

ModbusOptions options() {
  ModbusOptions out;
  out.name = "anemometer";
  out.timeout = 200ms;
  out.registers = {reg(0, "wind_speed"), reg(1, "air_temperature"), reg(5, "wind_from_direction")};
  return out;
}

TEST(Modbus, ReadsAnInstrumentOverTcp) {
  Instrument instrument;
  instrument.mapping->tab_registers[0] = 35;
  instrument.mapping->tab_registers[1] = 65480;
  instrument.mapping->tab_registers[5] = 2700;
  auto with = options();
  with.host = "127.0.0.1";
  with.port = instrument.serve_tcp();
  ModbusReader reader(with);
  for (int i = 0; i < 3; ++i) {
    const auto readings = reader.poll();
    ASSERT_EQ(readings.size(), 1U);
    EXPECT_EQ(readings[0].sensor_id(), "modbus:anemometer");
    EXPECT_EQ(find_quantity(readings[0], "wind_speed")->number(), 3.5);
    EXPECT_EQ(find_quantity(readings[0], "air_temperature")->number(), -5.6);
    EXPECT_EQ(find_quantity(readings[0], "wind_from_direction")->number(), 270);
    EXPECT_EQ(readings[0].extra_json(), "");
  }
}

TEST(Modbus, ReadsAnInstrumentOverASerialLine) {
  PseudoTerminal line;
  Instrument instrument;
  instrument.mapping->tab_registers[1] = 65480;
  instrument.serve_rtu(line.fd);
  auto with = options();
  with.device = line.path;
  ModbusReader reader(with);
  EXPECT_EQ(find_quantity(reader.poll().at(0), "air_temperature")->number(), -5.6);
}

TEST(Modbus, AnAddressTheInstrumentDoesNotHaveIsMissingAndTheOthersAreNot) {
  Instrument instrument;
  instrument.mapping->tab_registers[0] = 35;
  auto with = options();
  with.registers.push_back(reg(500, "relative_humidity"));
  with.host = "127.0.0.1";
  with.port = instrument.serve_tcp();
  const auto reading = ModbusReader(with).poll().at(0);
  EXPECT_EQ(find_quantity(reading, "wind_speed")->number(), 3.5);
  EXPECT_EQ(find_quantity(reading, "relative_humidity")->quality(), v1::QUALITY_MISSING);
  EXPECT_THAT(reading.extra_json(), HasSubstr("Illegal data address"));
}

TEST(Modbus, NobodyThereIsMissingSoon) {
  auto with = options();
  with.host = "127.0.0.1";
  with.port = 1;
  const auto before = std::chrono::steady_clock::now();
  const auto reading = ModbusReader(with).poll().at(0);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
  EXPECT_EQ(find_quantity(reading, "wind_speed")->quality(), v1::QUALITY_MISSING);
  EXPECT_THAT(reading.extra_json(), HasSubstr("cannot open 127.0.0.1:1"));
}

TEST(Modbus, ASilentLineIsMissingWithinTwoSeconds) {
  PseudoTerminal line;
  auto with = options();
  with.device = line.path;
  const auto before = std::chrono::steady_clock::now();
  const auto reading = ModbusReader(with).poll().at(0);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
  EXPECT_EQ(find_quantity(reading, "wind_speed")->quality(), v1::QUALITY_MISSING);
  EXPECT_THAT(reading.extra_json(), HasSubstr("timed out"));
}

TEST(Modbus, ConnectsAgainAfterTheInstrumentWentAway) {
  auto with = options();
  with.host = "127.0.0.1";
  Instrument instrument;
  instrument.mapping->tab_registers[0] = 35;
  with.port = instrument.serve_tcp();
  ModbusReader reader(with);
  reader.poll();
  instrument.stop();
  EXPECT_EQ(find_quantity(reader.poll().at(0), "wind_speed")->quality(), v1::QUALITY_MISSING);
  instrument.serve_tcp(with.port);
  EXPECT_EQ(find_quantity(reader.poll().at(0), "wind_speed")->number(), 3.5);
}

TEST(Modbus, AStopEndsThePoll) {
  auto with = options();
  with.device = "/dev/null";
  std::stop_source source;
  source.request_stop();
  EXPECT_TRUE(ModbusReader(with).poll(source.get_token()).empty());
}

}  // namespace
}  // namespace weather::sensors
