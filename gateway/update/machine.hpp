// What the update commands ask of their machine: RAUC, U-Boot's state, systemd, the running gateway. Blocks.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/update/commit.hpp"
#include "gateway/update/release.hpp"
#include "gateway/update/slots.hpp"

namespace weather::gateway {

// root: where proc, run, usr and var are.
class UpdateMachine {
 public:
  explicit UpdateMachine(std::filesystem::path root) : root_(std::move(root)) {}

  std::filesystem::path state() const { return root_ / "var/lib/weather-update"; }
  // The card's, if this is an image with one.
  std::string config_file() const;
  std::string version() const;  // of the image; without one, of this program
  std::string boot() const;     // the kernel's number of this start
  BootedSlot booted() const;
  tl::expected<Slots, std::string> slots() const;
  // Checks the signature.
  tl::expected<BundleFacts, std::string> bundle(const std::string& file) const;
  CommitFacts health() const;

 private:
  std::string text(const char* path) const;
  const std::filesystem::path root_;
};

// Bundles at the top of USB sticks, mounted for as long as this lives.
class UsbSticks {
 public:
  UsbSticks();
  ~UsbSticks();
  UsbSticks(const UsbSticks&) = delete;
  UsbSticks& operator=(const UsbSticks&) = delete;
  const std::vector<std::string>& bundles() const { return bundles_; }

 private:
  std::vector<std::filesystem::path> mounted_;
  std::vector<std::string> bundles_;
};

}  // namespace weather::gateway
