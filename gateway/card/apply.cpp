#include "gateway/card/apply.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include "bridge/log/write_file.hpp"
#include "gateway/card/network.hpp"
#include "gateway/card/people.hpp"
#include "gateway/card/secret_move.hpp"
#include "sensors/reading/letters.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;
using sensors::lower;

constexpr const char *config_name = "weather-gateway.toml", *network_name = "network.toml";
constexpr std::size_t longest_secret_name = 64;

// Windows hides the ends of names, and editors add one more.
std::string without_txt(const std::string& name) {
  return lower(name).ends_with(".txt") ? name.substr(0, name.size() - 4) : name;
}

class Application {
 public:
  Application(log::Files& files, const CardFolders& folders, const CardTools& tools)
      : files_(files),
        folders_(folders),
        tools_(tools),
        move_(files, folders.card, folders.state, tools.writable) {}

  CardReport run() {
    make_run_folder();
    if (auto done = move_.finish_interrupted(); !done)
      fault({"secrets", 0, "what an earlier start began is not finished: " + done.error().message()});
    take_secrets();
    take_network();
    take_config();
    take_host_name();
    take_keys();
    return report_;
  }

 private:
  void fault(CardFault fault) { report_.faults.push_back(std::move(fault)); }
  void faults(const std::string& file, std::vector<CardFault> found) {
    for (auto& one : found) {
      one.file = file;
      fault(std::move(one));
    }
  }

  void make_run_folder() {
    for (const auto* folder : {"network", "secrets"}) {
      (void)files_.make_dir(folders_.run / folder);
      if (const auto names = files_.list(folders_.run / folder))
        for (const auto& name : *names) (void)files_.remove(folders_.run / folder / name);
    }
    for (const auto* file :
         {"wpa_supplicant-wlan0.conf", "modem.env", "hostname", "authorized_keys", config_name})
      (void)files_.remove(folders_.run / file);
  }

  void write_run(const std::string& name, std::string_view text) {
    if (auto written = log::replace_file(files_, folders_.run / name, bytes_of(text)); !written)
      fault({name, 0, (folders_.run / name).string() + " cannot be written: " + written.error().message()});
  }

  // As it is spelt on the card; upper and lower case are one, and so is one more ".txt".
  std::optional<std::string> find(const std::string& wanted) {
    const auto names = files_.list(folders_.card);
    std::optional<std::string> found;
    for (const auto& name : names ? *names : std::vector<std::string>()) {
      if (lower(name) != wanted && lower(without_txt(name)) != wanted) continue;
      if (found) fault({name, 0, "is there beside " + *found + ": which of the two counts? Remove one"});
      if (!found || lower(name) == wanted) found = name;
    }
    return found;
  }

  // The decoded text; nothing: no such file, or a fault that was reported.
  std::optional<CardText> read(const std::string& name) {
    const auto bytes = read_text_file(files_, folders_.card / name);
    if (!bytes) {
      fault({name, 0, "cannot be read: " + bytes.error().message()});
      return std::nullopt;
    }
    auto text = decode(*bytes);
    if (text) return *text;
    faults(name, {text.error()});
    return std::nullopt;
  }

  std::optional<std::string> last_good(const std::string& name) {
    const auto text = read_text_file(files_, folders_.state / "good" / name);
    return text ? std::optional(*text) : std::nullopt;
  }
  void remember_good(const std::string& name, const std::string& text) {
    if (auto kept = move_.keep(fs::path("good") / name, text); !kept)
      fault({name, 0, "no copy of it can be kept: " + kept.error().message()});
  }

  // ---- secrets/NAME

  void take_secrets() {
    const auto folder = find("secrets");
    const auto names = folder ? files_.list(folders_.card / *folder)
                              : log::Result<std::vector<std::string>>(log::fail(log::Errc::not_found));
    if (names)
      for (const auto& name : *names)
        if (!name.starts_with('.'))
          take_secret(*folder + "/" + name, without_txt(name));  // of macOS, not of people
    const auto kept = files_.list(folders_.state / "secrets");
    for (const auto& name : kept ? *kept : std::vector<std::string>())
      if (const auto secret = read_text_file(files_, folders_.state / "secrets" / name);
          secret && !name.ends_with(".tmp"))
        write_run("secrets/" + name, *secret);
  }

  void take_secret(const std::string& path, const std::string& name) {
    const bool good =
        !name.empty() && name.size() <= longest_secret_name && !name.ends_with(".tmp") &&
        std::all_of(name.begin(), name.end(), [](char c) {
          return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
        });
    if (!good)
      return fault({path, 0, "is no name of a secret: it has 1 to 64 letters, digits, '.', '-' and '_'"});
    const auto bytes = read_text_file(files_, folders_.card / path);
    if (!bytes) return fault({path, 0, "cannot be read: " + bytes.error().message()});
    if (bytes->empty()) return fault({path, 0, "is empty: write the secret into it, or remove it"});
    // A password without the line's end that an editor adds; a key in a binary form as it is.
    const auto text = decode(*bytes);
    auto secret = text ? tidy(text->text) : *bytes;
    if (text && lines_of(secret).size() == 1) secret.pop_back();
    if (auto kept = move_.keep(fs::path("secrets") / name, secret); !kept) {
      fault({path, 0, "stays on the card, for it cannot be kept elsewhere: " + kept.error().message()});
      return write_run("secrets/" + name, secret);
    }
    wipe({path, *bytes, std::string(bytes->size(), '\0'), true});
  }

  void wipe(const Wipe& wipe) {
    if (auto done = move_.wipe(wipe))
      report_.notes.push_back(
          wipe.path + (wipe.remove ? " was moved from the card" : ": its secrets were moved from the card"));
    else
      fault({wipe.path, 0,
             "is kept by the gateway and could not be wiped from the card: " + done.error().message()});
  }

  // ---- network.toml

  void take_network() {
    const auto name = find(network_name);
    if (!name && last_good(network_name))
      fault({network_name, 0, "is missing; an empty one means Ethernet by DHCP"});
    const auto text = name ? read(*name) : std::nullopt;
    auto network = text ? network_of(*name, *text) : std::nullopt;
    if (!network)
      if (const auto good = last_good(network_name)) {
        network = with_stored(network_name, parse_network(*good));
        if (network) report_.notes.push_back("network.toml: the last good one is used");
      }
    if (!network) report_.notes.push_back("network: Ethernet by DHCP");
    for (const auto& file : network_files(network.value_or(CardNetwork{}))) write_run(file.name, file.text);
  }

  std::optional<CardNetwork> network_of(const std::string& name, const CardText& text) {
    auto parsed = parse_network(text.text);
    auto network = with_stored(name, parsed);
    if (!network) return network;
    const auto& secrets = parsed->secrets;
    auto left = text;
    for (const auto& secret : secrets) {
      if (auto kept = move_.keep(fs::path("network") / secret.name, secret.value); !kept) {
        fault({name, 0,
               "its secrets stay on the card, for they cannot be kept elsewhere: " + kept.error().message()});
        return network;
      }
    }
    left.text = wiped(text.text, secrets);
    remember_good(network_name, left.text);
    if (!secrets.empty()) wipe({name, encode(text), encode(left), false});
    return network;
  }

  std::optional<CardNetwork> with_stored(const std::string& name,
                                         tl::expected<CardNetwork, std::vector<CardFault>> network) {
    if (!network) {
      faults(name, network.error());
      return std::nullopt;
    }
    std::map<std::string, std::string> stored;
    const auto names = files_.list(folders_.state / "network");
    for (const auto& kept : names ? *names : std::vector<std::string>())
      if (const auto secret = read_text_file(files_, folders_.state / "network" / kept))
        stored[kept] = *secret;
    auto missing = add_stored(*network, stored);
    if (missing.empty()) return *network;
    faults(name, missing);
    return std::nullopt;
  }

  // ---- weather-gateway.toml

  void take_config() {
    const auto name = find(config_name);
    if (!name)
      fault({config_name, 0,
             "is missing: write one, `weather-gateway config default` prints what can stand there"});
    const auto text = name ? read(*name) : std::nullopt;
    if (text && try_config(*name, tidy(text->text))) return remember_good(config_name, tidy(text->text));
    const auto good = last_good(config_name);
    if (good && try_config(std::string("the last good ") + config_name, *good))
      report_.notes.push_back("weather-gateway.toml: the last good one is used");
  }

  // Judged where it will lie: what it names is found from there.
  bool try_config(const std::string& name, const std::string& text) {
    write_run(config_name, text);
    auto found = tools_.check(folders_.run / config_name);
    report_.runs = found.empty();
    if (!report_.runs) (void)files_.remove(folders_.run / config_name);
    faults(name, std::move(found));
    return report_.runs;
  }

  // ---- hostname.txt, authorized_keys

  void take_host_name() {
    const auto name = find("hostname");
    const auto text = name ? read(*name) : std::nullopt;
    auto host = text ? read_host_name(tidy(text->text)) : tl::unexpected(CardFault{});
    if (host) {
      remember_good("hostname.txt", *host);
    } else if (name) {
      if (text) faults(*name, {host.error()});
      if (const auto good = last_good("hostname.txt")) host = *good;
    }
    if (!host) return;
    report_.hostname = *host;
    write_run("hostname", *host + "\n");
  }

  void take_keys() {
    const auto name = find("authorized_keys");
    const auto text = name ? read(*name) : std::nullopt;
    if (!text) return;
    const auto keys = read_authorized_keys(tidy(text->text));
    faults(*name, keys.faults);
    write_run("authorized_keys", keys.text);
  }

  log::Files& files_;
  const CardFolders& folders_;
  const CardTools& tools_;
  SecretMove move_;
  CardReport report_;
};

}  // namespace

CardReport apply_card(log::Files& files, const CardFolders& folders, const CardTools& tools) {
  return Application(files, folders, tools).run();
}

}  // namespace weather::gateway
