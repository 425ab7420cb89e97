#include "gateway/card/status_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "bridge/log/write_file.hpp"
#include "gateway/card/secret_move.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

// "kafka: offline: connection refused"
void add_parts(std::string& text, const json::value& parts, const char* good_key) {
  for (const auto& part : parts.as_array()) {
    const auto& object = part.as_object();
    const auto* good = object.if_contains(good_key);
    const auto* reason = object.if_contains("reason");
    if (reason == nullptr || !reason->is_string() || reason->as_string().empty()) continue;
    if (good != nullptr && good->is_bool() && good->as_bool()) continue;
    text += "  " + sensors::printable(std::string_view(object.at("name").as_string())) + ": " +
            sensors::printable(std::string_view(reason->as_string())) + "\n";
  }
}

}  // namespace

std::string card_status(const CardReport& report, std::string_view version) {
  std::string text = "Weather Gateway " + std::string(version) +
                     (report.hostname.empty() ? "" : " on " + report.hostname) +
                     "\nWritten by the machine; what you write here is lost.\n\n";
  if (report.faults.empty()) text += "The files on this card: all good.\n";
  if (!report.faults.empty()) text += "The files on this card have faults:\n";
  for (const auto& fault : report.faults) text += "  " + sensors::printable(to_string(fault)) + "\n";
  for (const auto& note : report.notes) text += "  " + sensors::printable(note) + "\n";
  if (!report.runs)
    text +=
        "\nThere is no configuration that was ever good: no readings are taken. Mend the faults above and "
        "start again.\n";
  return text;
}

std::string gateway_status(std::string_view status_json, const std::vector<std::string>& addresses) {
  std::string text = "\nAddresses of this machine:";
  if (addresses.empty()) text += " none";
  for (const auto& address : addresses) text += "\n  " + address;
  text += "\n\nThe gateway: ";
  boost::system::error_code fault;
  const auto status = json::parse(status_json, fault);
  if (fault || !status.is_object()) return text + "does not answer.\n";
  text += sensors::printable(std::string_view(status.at("state").as_string())) + "\n";
  add_parts(text, status.at("kafka"), "online");
  add_parts(text, status.at("sources"), "up");
  return text;
}

std::string status_file(std::string_view text) {
  constexpr std::string_view more = "... and more\r\n";
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  if (out.size() > status_bytes) {
    const auto end = out.rfind('\n', status_bytes - more.size() - 1);
    out.resize(end == std::string::npos ? 0 : end + 1);
    out += more;
  }
  out.resize(status_bytes, ' ');
  return out;
}

log::Result<bool> write_status(log::Files& files, const std::filesystem::path& card, std::string_view text,
                               const std::function<std::error_code()>& writable) {
  const auto path = card / "STATUS.txt";
  const auto wanted = status_file(text);
  const auto found = read_text_file(files, path);
  if (found && *found == wanted) return false;
  if (const auto error = writable()) return log::fail(error);
  const bool in_place = found && found->size() == wanted.size();
  if (!in_place) (void)files.remove(path);
  const auto file = files.open(path, in_place ? log::Mode::write : log::Mode::create);
  if (!file) return log::fail(file.error());
  if (auto written = log::write_all(**file, 0, bytes_of(wanted)); !written) return log::fail(written.error());
  if (auto synced = (*file)->sync_data(); !synced) return log::fail(synced.error());
  if (!in_place)
    if (auto synced = files.sync_dir(card); !synced) return log::fail(synced.error());
  return true;
}

bool status_due(double now_s, double written_s) {
  return now_s < written_s || now_s >= written_s + status_pause_s;
}

}  // namespace weather::gateway
