// The two slots, as RAUC, U-Boot's state and the kernel's command line tell of them. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::gateway {

struct Slot {
  std::string name;     // "A"
  std::string version;  // of the bundle that was installed there; empty: as the card was flashed
  bool booted = false, good = false;
  std::optional<int> attempts_left;  // starts that U-Boot gives it before it takes the other
};

struct Slots {
  std::string compatible;
  std::vector<Slot> slots;
  std::string first;  // which U-Boot tries first; empty: not known
};

// `rauc status --detailed --output-format=json`, and what fw_printenv prints ("" if it cannot be asked).
tl::expected<Slots, std::string> read_slots(std::string_view rauc_status, std::string_view boot_state);

// Of /proc/cmdline.
struct BootedSlot {
  std::string name;    // empty: not from an image
  bool trial = false;  // U-Boot counts this start
};
BootedSlot booted_slot(std::string_view command_line);

}  // namespace weather::gateway
