// `weather-gateway image configure`: writes the FAT files of an image or a card in place, without root.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <set>

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "gateway/card/cards.hpp"
#include "gateway/card/partition.hpp"
#include "gateway/commands/file_text.hpp"
#include "gateway/commands/image.hpp"
#include "gateway/init/staged.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/progress.hpp"
#include "gateway/process/run_program.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

using Step = tl::expected<void, std::string>;

std::string ran(const tl::expected<ProgramEnd, std::string>& end, const std::string& program) {
  const bool of_mtools = program == "mcopy" || program == "mmd";
  return why_not(program, end) + (!end && of_mtools ? ": install the package mtools" : "");
}

std::string bytes_at(int file, std::uint64_t offset) {
  std::string sector(sector_bytes, '\0');
  const auto count = ::pread(file, sector.data(), sector.size(), static_cast<off_t>(offset));
  sector.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return sector;
}

// "image.img@@4194304", as mtools names a partition.
tl::expected<std::string, std::string> mtools_drive(const std::string& image) {
  const int file = ::open(image.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return tl::unexpected(image + ": " + std::strerror(errno));
  const auto partition = fat_partition(bytes_at(file, 0));
  const auto fault = partition ? fat_fault(bytes_at(file, partition->offset)) : partition.error();
  ::close(file);
  if (!fault.empty()) return tl::unexpected(image + ": " + fault);
  return image + "@@" + std::to_string(partition->offset);
}

// A card that the system has mounted would be changed under its feet.
std::string mounted_part(const std::string& image) {
  std::error_code error;
  if (!fs::is_block_file(image, error)) return {};
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);)
    if (line.starts_with(image)) return line.substr(0, line.find(' '));
  return {};
}

Step write_card(const std::string& image, const CardFiles& card) {
  const auto drive = mtools_drive(image);
  if (!drive) return tl::unexpected(drive.error());
  const Staged staged(card.files);
  const bool secrets = std::any_of(card.files.begin(), card.files.end(),
                                   [](const PlannedFile& file) { return file.path.has_parent_path(); });
  // -D s: one that is there stays.
  if (secrets)
    if (auto said = ran(run_program({"mmd", "-D", "s", "-i", *drive, "::/secrets"}), "mmd");
        said.find("not installed") != std::string::npos)
      return tl::unexpected(said);
  for (const auto& file : card.files) {
    const auto there = "::/" + file.path.string();
    if (auto said =
            ran(run_program({"mcopy", "-o", "-i", *drive, (staged.folder() / file.path).string(), there}),
                "mcopy");
        !said.empty())
      return tl::unexpected(image + ": " + file.path.string() + " cannot be written: " + said);
    const auto back = run_program({"mcopy", "-n", "-i", *drive, there, "-"});
    if (auto said = ran(back, "mcopy"); !said.empty() || back->output != file.text)
      return tl::unexpected(image + ": " + file.path.string() +
                            " does not read back as it was written: the card or its reader is broken " +
                            said);
  }
  const int file = ::open(image.c_str(), O_RDWR | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!synced) return tl::unexpected(image + ": cannot be written: " + std::strerror(errno));
  return {};
}

class Configure {
 public:
  explicit Configure(const ImageConfigureCommand& options) : options_(options) {}

  int run() {
    const auto order = gather();
    if (!order) return complain(order.error(), EX_NOINPUT);
    const auto cards = plan_cards(*order);
    if (!cards) {
      for (const auto& fault : cards.error()) complain(to_string(fault), 0);
      return complain("nothing was written", EX_CONFIG);
    }
    if (const auto drive = mtools_drive(options_.image); !drive) return complain(drive.error(), EX_NOINPUT);
    if (const auto part = mounted_part(options_.image); !part.empty())
      return complain(part + " is mounted: unmount it first", EX_TEMPFAIL);
    if (const auto said = ran(run_program({"mcopy", "-V"}), "mcopy"); !said.empty())
      return complain(said, EX_UNAVAILABLE);
    return order->hosts ? write_all(*cards) : write_one(cards->front());
  }

 private:
  tl::expected<CardOrder, std::string> gather() const {
    CardOrder order;
    order.config_name = options_.config_file;
    order.wifi_ssid = options_.wifi;
    order.country = options_.country;
    order.hostname = options_.hostname;
    order.hosts_name = options_.hosts_file;
    std::string failed;
    const auto read = [&failed](const std::string& path) {
      auto text = file_text(path);
      if (!text) failed = text.error();
      return text.value_or("");
    };
    order.config = read(options_.config_file);
    if (!options_.wifi_password_file.empty()) {
      const auto text = decode(read(options_.wifi_password_file));
      const auto lines = text ? lines_of(tidy(text->text)) : std::vector<std::string>();
      if (lines.empty()) failed = options_.wifi_password_file + ": holds no password in its first line";
      if (!lines.empty()) order.wifi_password = lines[0];
    }
    if (!options_.authorized_keys_file.empty()) order.authorized_keys = read(options_.authorized_keys_file);
    if (!options_.hosts_file.empty()) order.hosts = read(options_.hosts_file);
    for (const auto& secret : options_.secrets) {
      const auto equals = secret.find('=');
      if (equals == 0 || equals == std::string::npos || secret.find('/') < equals)
        return tl::unexpected(std::string("--secret: write NAME=FILE"));
      order.secrets[secret.substr(0, equals)] = read(secret.substr(equals + 1));
    }
    if (!failed.empty()) return tl::unexpected(failed);
    return order;
  }

  int write_one(const CardFiles& card) const {
    if (const auto written = write_card(options_.image, card); !written)
      return complain(written.error(), EX_IOERR);
    print_line(options_.image + ": " + std::to_string(card.files.size()) + " files written and read back");
    return EX_OK;
  }

  int write_all(const std::vector<CardFiles>& cards) const {
    std::error_code error;
    fs::create_directories(options_.out_folder, error);
    for (const auto& card : cards)
      if (fs::exists(path_of(card), error))
        return complain(path_of(card).string() + " is there already; nothing was written", EX_CANTCREAT);
    Progress progress("cards", ProgressUnit::records, false);
    std::uint64_t done = 0;
    for (const auto& card : cards) {
      progress.update(done++, cards.size());
      const auto path = path_of(card).string(), part = path + ".part";
      auto said = ran(run_program({"cp", "--reflink=auto", "--sparse=always", options_.image, part}), "cp");
      if (said.empty())
        if (const auto written = write_card(part, card); !written) said = written.error();
      if (said.empty() && ::rename(part.c_str(), path.c_str()) != 0)
        said = path + ": " + std::strerror(errno);
      if (said.empty()) continue;
      fs::remove(part, error);
      return complain(said + "; " + std::to_string(done - 1) + " of " + std::to_string(cards.size()) +
                          " images are written",
                      EX_IOERR);
    }
    progress.update(done, cards.size());
    print_line(options_.out_folder + ": " + std::to_string(cards.size()) + " images written and read back");
    return EX_OK;
  }

  fs::path path_of(const CardFiles& card) const {
    return fs::path(options_.out_folder) / (card.hostname + ".img");
  }

  const ImageConfigureCommand& options_;
};

}  // namespace

int image_configure_command(const ImageConfigureCommand& options) {
  if (options.hosts_file.empty() != options.out_folder.empty())
    return complain("--hosts and --out go together", EX_USAGE);
  if (options.wifi.empty() != options.country.empty() && options.hosts_file.empty())
    return complain(
        "--wifi and --country go together: which channels the radio may use depends on the country",
        EX_USAGE);
  return Configure(options).run();
}

}  // namespace weather::gateway
