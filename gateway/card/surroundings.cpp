#include "gateway/card/surroundings.hpp"

#include <array>
#include <cerrno>
#include <fstream>

#include <arpa/inet.h>
#include <grp.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "gateway/process/run_program.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

constexpr const char* daemon_group = "weather-gateway";

bool mount_again(const fs::path& folder, const char* how) {
  const auto end = run_program({"mount", "-o", std::string("remount,") + how, folder.string()});
  return end && end->exit_code == 0;
}

void give(const fs::path& path, mode_t mode) {
  (void)::chmod(path.c_str(), mode);
}

void give_to_gateway(const fs::path& path, mode_t mode) {
  const auto* group = ::geteuid() == 0 ? ::getgrnam(daemon_group) : nullptr;
  if (group != nullptr && ::chown(path.c_str(), 0, group->gr_gid) == 0) give(path, mode);
}

template <class Rights>
void each_file(const fs::path& folder, const Rights& rights) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    rights(at->path());
}

}  // namespace

Remount::~Remount() {
  if (done_) mount_again(folder_, "ro");
}

std::error_code Remount::writable() {
  struct statvfs facts {};
  if (::statvfs(folder_.c_str(), &facts) != 0) return {errno, std::system_category()};
  if ((facts.f_flag & ST_RDONLY) == 0) return {};
  if (!allowed_ || !mount_again(folder_, "rw")) return std::make_error_code(std::errc::read_only_file_system);
  done_ = true;
  return {};
}

void give_rights(const fs::path& run) {
  give(run, 0755);
  give(run / "network", 0755);
  each_file(run / "network", [](const fs::path& file) { give(file, 0644); });
  for (const auto* name : {"hostname", "authorized_keys", "status.txt"}) give(run / name, 0644);
  for (const auto* name : {"wpa_supplicant-wlan0.conf", "modem.env"}) give(run / name, 0600);
  give_to_gateway(run / "secrets", 0750);
  each_file(run / "secrets", [](const fs::path& file) { give_to_gateway(file, 0640); });
  give_to_gateway(run / "weather-gateway.toml", 0640);
}

void blink(const fs::path& led) {
  std::ofstream(led / "trigger") << "timer";
  std::ofstream(led / "delay_on") << "100";
  std::ofstream(led / "delay_off") << "100";
}

std::vector<std::string> own_addresses() {
  std::vector<std::string> all;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return all;
  for (const auto* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || (at->ifa_flags & IFF_LOOPBACK) != 0) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes = nullptr;
    if (at->ifa_addr->sa_family == AF_INET)
      bytes = &reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr;
    if (at->ifa_addr->sa_family == AF_INET6) {
      const auto& address = reinterpret_cast<const sockaddr_in6*>(at->ifa_addr)->sin6_addr;
      if (!IN6_IS_ADDR_LINKLOCAL(&address)) bytes = &address;
    }
    if (bytes != nullptr && ::inet_ntop(at->ifa_addr->sa_family, bytes, text.data(), text.size()) != nullptr)
      all.push_back(std::string(text.data()) + " (" + at->ifa_name + ")");
  }
  ::freeifaddrs(list);
  return all;
}

double seconds_since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace weather::gateway
