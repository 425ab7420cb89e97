#include "bridge/core/transactions.hpp"

#include <boost/json.hpp>

namespace weather::bridge {

namespace json = boost::json;

std::string write_cursor(const StoredCursor& stored) {
  const auto& cursor = stored.cursor;
  return json::serialize(json::object{{"log_id", stored.log_id},
                                      {"next", cursor.next},
                                      {"delivered", cursor.delivered},
                                      {"dead_lettered", cursor.dead_lettered},
                                      {"dropped", cursor.dropped},
                                      {"passed", cursor.passed}});
}

std::optional<StoredCursor> read_cursor(std::string_view text) {
  boost::system::error_code error;
  const json::value document = json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object()) return std::nullopt;
  const auto& object = document.get_object();
  StoredCursor stored;
  const auto number = [&](std::string_view name, std::uint64_t& to) {
    const auto* value = object.if_contains(name);
    if (!value) return false;
    boost::system::error_code refused;
    to = value->to_number<std::uint64_t>(refused);
    return !refused;
  };
  const auto* id = object.if_contains("log_id");
  if (!id || !id->is_string()) return std::nullopt;
  stored.log_id = std::string(id->get_string());
  if (!number("next", stored.cursor.next) || !number("delivered", stored.cursor.delivered) ||
      !number("dead_lettered", stored.cursor.dead_lettered) || !number("dropped", stored.cursor.dropped))
    return std::nullopt;
  (void)number("passed", stored.cursor.passed);  // not in what version 0.1.0 wrote
  return stored;
}

}  // namespace weather::bridge
