#include "gateway/update/record.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "bridge/log/write_file.hpp"
#include "gateway/card/secret_move.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

constexpr const char* file_name = "update.json";

}  // namespace

std::string to_json(const UpdateRecord& record) {
  return json::serialize(json::value{{"phase", record.phase},
                                     {"slot", record.slot},
                                     {"version", record.version},
                                     {"from", record.from},
                                     {"reason", record.reason},
                                     {"time", record.time},
                                     {"boot", record.boot},
                                     {"kafka_was_online", record.kafka_was_online}});
}

std::optional<UpdateRecord> record_from(std::string_view text) {
  boost::system::error_code error;
  const auto document = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !document.is_object()) return std::nullopt;
  const auto member = [&](const char* name) {
    const auto* found = document.as_object().if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
  };
  const auto* online = document.as_object().if_contains("kafka_was_online");
  return UpdateRecord{member("phase"),   member("slot"),
                      member("version"), member("from"),
                      member("reason"),  member("time"),
                      member("boot"),    online != nullptr && online->is_bool() && online->as_bool()};
}

UpdateRecord seen_from(UpdateRecord record, const BootedSlot& booted, std::string_view boot) {
  if (booted.name.empty() || record.boot == boot) return record;
  if (record.slot == booted.name) {
    const bool decided = record.phase != "installing" && record.phase != "installed";
    if (!decided && !booted.trial) record.phase = "kept";
    return record;
  }
  if (record.phase == "installing") {
    record.phase = "failed";
    record.reason = "it was cut off; install it again";
  }
  if (record.phase == "installed") {
    record.phase = "left";
    if (record.reason.empty()) record.reason = "its slot did not come up";
  }
  return record;
}

std::optional<UpdateRecord> read_record(log::Files& files, const std::filesystem::path& state) {
  const auto text = read_text_file(files, state / file_name);
  return text ? record_from(*text) : std::nullopt;
}

log::Result<void> write_record(log::Files& files, const std::filesystem::path& state,
                               const UpdateRecord& record) {
  if (auto made = files.make_dir(state); !made) return made;
  return log::replace_durably(files, state / file_name, bytes_of(to_json(record)));
}

}  // namespace weather::gateway
