// A Modbus server on libmodbus, for the integration suite: `modbus-instrument tcp PORT` or `rtu DEVICE`. Unit
// 1; holding registers 0 and 1 are 35 and -56, 2 and 3 the float 7.25, input register 0 is 615.
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <modbus.h>

namespace {

using Context = std::unique_ptr<modbus_t, decltype(&modbus_free)>;
using Registers = std::unique_ptr<modbus_mapping_t, decltype(&modbus_mapping_free)>;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "modbus-instrument: %s: %s\n", what, modbus_strerror(errno));
  std::exit(1);
}

// Answers requests until the other side is gone.
void serve(modbus_t* context, modbus_mapping_t* registers) {
  std::array<std::uint8_t, MODBUS_MAX_ADU_LENGTH> request{};
  for (;;) {
    const int length = modbus_receive(context, request.data());
    if (length < 0 && (errno == ECONNRESET || errno == EBADF || errno == EIO)) return modbus_close(context);
    if (length > 0) modbus_reply(context, request.data(), length, registers);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  const Registers registers(modbus_mapping_new(0, 0, 8, 8), modbus_mapping_free);
  if (!registers) fail("registers");
  registers->tab_registers[0] = 35;
  registers->tab_registers[1] = static_cast<std::uint16_t>(-56);
  registers->tab_registers[2] =
      0x40E8;  // modbus_set_float_abcd() of libmodbus 3.1.6 swaps the bytes of each word
  registers->tab_registers[3] = 0;
  registers->tab_input_registers[0] = 615;

  if (std::string_view(argv[1]) == "tcp") {
    const Context context(modbus_new_tcp("127.0.0.1", std::atoi(argv[2])), modbus_free);
    int listener = context ? modbus_tcp_listen(context.get(), 1) : -1;
    if (listener < 0) fail(argv[2]);
    std::puts("ready");
    std::fflush(stdout);
    while (modbus_tcp_accept(context.get(), &listener) >= 0) serve(context.get(), registers.get());
    fail("accept");
  }
  const Context context(modbus_new_rtu(argv[2], 9600, 'N', 8, 1), modbus_free);
  if (!context || modbus_set_slave(context.get(), 1) != 0 || modbus_connect(context.get()) != 0)
    fail(argv[2]);
  std::puts("ready");
  std::fflush(stdout);
  serve(context.get(), registers.get());
  return 0;
}
