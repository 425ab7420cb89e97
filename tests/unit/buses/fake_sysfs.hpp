// A tree of files as /sys has it, in a temporary folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "sensors/buses/sysfs.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::sensors {

class FakeSysfs {
 public:
  void write(const std::string& path, std::string_view text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << '\n';
  }
  void link(const std::string& path, const std::filesystem::path& target) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::filesystem::remove(root_ / path);
    std::filesystem::create_symlink(target.is_absolute() ? target : root_ / target, root_ / path);
  }
  // What a driver does whose chip does not answer: reading gives "Input/output error".
  void broken(const std::string& path) { link(path, "/proc/self/mem"); }

  SysfsOptions options() {
    SysfsOptions out;
    out.root = root_;
    out.sleep = [this](std::chrono::milliseconds) {
      ++pauses;
      if (on_pause) on_pause();
    };
    return out;
  }

  int pauses = 0;
  std::function<void()> on_pause;

 private:
  const TemporaryFolder temporary_;
  const std::filesystem::path& root_ = temporary_.path();
};

}  // namespace weather::sensors
