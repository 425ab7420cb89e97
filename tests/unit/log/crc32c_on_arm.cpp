// The checksums on another processor, without a test library: built by crc32c_on_arm.sh for ARM and run by
// qemu-user. Exit 0 if every version agrees with RFC 3720 and the named one is among them.
#include <array>
#include <cstdio>
#include <cstring>

#include "bridge/log/crc32c.hpp"

int main(int argc, char** argv) {
  using namespace weather::log;
  std::array<std::byte, 32> zeros{}, ones{}, up{}, down{};
  for (std::size_t i = 0; i < up.size(); ++i) {
    ones[i] = std::byte{0xFF};
    up[i] = static_cast<std::byte>(i);
    down[i] = static_cast<std::byte>(31 - i);
  }
  bool good = crc32c_self_test(), found = argc < 2;
  for (const auto& version : crc32c_versions()) {
    found = found || std::strcmp(version.name, argv[1]) == 0;
    const bool right = version.extend(0, zeros.data(), 32) == 0x8A9136AAU &&
                       version.extend(0, ones.data(), 32) == 0x62A8AB43U &&
                       version.extend(0, up.data(), 32) == 0x46DD794EU &&
                       version.extend(0, down.data(), 32) == 0x113FDB5CU;
    std::printf("%s: %s\n", version.name, right ? "agrees with RFC 3720" : "WRONG");
    good = good && right;
  }
  if (!found) std::printf("no version %s on this processor\n", argv[1]);
  return good && found ? 0 : 1;
}
