#include "bridge/relay/answer.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace weather::bridge::relay {
namespace {

namespace json = boost::json;

constexpr std::int64_t version = 1;
constexpr std::size_t most_text = 300;  // of what others say, in our journal

std::optional<json::object> object_of(std::string_view text) {
  boost::system::error_code error;
  auto document = json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object()) return std::nullopt;
  return std::move(document.get_object());
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  std::string text(value->get_string());
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
      ' ');
  return text.size() <= most_text ? text : text.substr(0, most_text);
}

std::optional<std::uint64_t> number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
  return std::nullopt;
}

}  // namespace

std::string to_json(const Answer& answer) {
  json::object object{{"version", version},
                      {"gateway", answer.gateway},
                      {"taken", answer.taken},
                      {"last", answer.last},
                      {"again", answer.again}};
  if (answer.refused)
    object["refused"] = json::object{{"error", answer.refused->error}, {"detail", answer.refused->detail}};
  return json::serialize(object);
}

std::optional<Answer> answer_from(std::string_view text) {
  const auto object = object_of(text);
  if (!object || number_of(*object, "version") != version) return std::nullopt;
  const auto taken = number_of(*object, "taken"), last = number_of(*object, "last");
  if (!taken || !last) return std::nullopt;
  Answer answer{text_of(*object, "gateway"), *taken, *last, number_of(*object, "again").value_or(0), {}};
  if (const auto* refused = object->if_contains("refused")) {
    if (!refused->is_object()) return std::nullopt;
    answer.refused =
        Answer::Refused{text_of(refused->get_object(), "error"), text_of(refused->get_object(), "detail")};
  }
  return answer;
}

std::string problem_text(std::string_view text) {
  const auto object = object_of(text);
  if (!object) return {};
  const auto error = text_of(*object, "error"), detail = text_of(*object, "detail");
  return error.empty() || detail.empty() ? error + detail : error + ": " + detail;
}

std::string problem_error(std::string_view text) {
  const auto object = object_of(text);
  return object ? text_of(*object, "error") : std::string();
}

}  // namespace weather::bridge::relay
