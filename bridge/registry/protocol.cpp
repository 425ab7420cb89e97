#include "bridge/registry/protocol.hpp"

#include <charconv>

#include <boost/json.hpp>

#include "bridge/http_client/encoding.hpp"

namespace weather::registry {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_message = 200;  // of a foreign server, quoted in status

// {"error_code":40403,"message":"Schema not found"}
std::string message_in(const json::value& document) {
  const auto* object = document.if_object();
  const auto* message = object ? object->if_contains("message") : nullptr;
  if (!message || !message->is_string()) return {};
  std::string text(message->get_string());
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  if (text.size() > longest_message) text.resize(longest_message);
  return text;
}

std::string explanation(Question question, unsigned status, const std::string& message,
                        std::string_view subject) {
  const auto said = message.empty() ? std::string() : " (\"" + message + "\")";
  const auto name = "subject " + std::string(subject);
  switch (status) {
    case 401:
      return "it refuses the log-in" + said + ": check schema_registry.username and password_file";
    case 403:
      return "this user may not " +
             std::string(question == Question::look_up ? "look up " : "register a schema under ") + name +
             said;
    case 404:
      return "there is no schema registry under this address" + said + ": check schema_registry.url";
    case 409:
      return "its compatibility rule refuses our schema for " + name + said +
             ": set another schema_registry.subject, or relax the rule of this one";
    case 422:
      return "it cannot use our schema for " + name + said;
    default:
      break;
  }
  if (status >= 300 && status < 400)
    return "it sends us elsewhere (HTTP " + std::to_string(status) + "): give its final address";
  return "it answers HTTP " + std::to_string(status) + said;
}

}  // namespace

std::string target_of(const Address& address, Question question, std::string_view subject) {
  return address.path + "/subjects/" + http_client::percent_encoded(subject) +
         (question == Question::enrol ? "/versions" : "");
}

std::string question_body(SchemaType type, std::string_view schema) {
  const auto* const name = type == SchemaType::protobuf ? "PROTOBUF"
                           : type == SchemaType::avro   ? "AVRO"
                                                        : "JSON";
  return json::serialize(json::object{{"schemaType", name}, {"schema", std::string(schema)}});
}

std::string guid_from(std::string_view text) {
  std::string digits, guid;
  for (const char c : text)
    if (c != '-') digits += c;
  if (text.size() != 36 || digits.size() != 32) return {};
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned byte = 0;
    const auto* const end = digits.data() + i + 2;
    if (const auto read = std::from_chars(digits.data() + i, end, byte, 16);
        read.ptr != end || read.ec != std::errc{})
      return {};
    guid += static_cast<char>(byte);
  }
  return guid;
}

std::string to_text(std::string_view guid) {
  auto text = http_client::to_hex(guid);
  for (const std::size_t at : {20, 16, 12, 8})
    if (at < text.size()) text.insert(at, 1, '-');
  return text;
}

Answer read_answer(Question question, unsigned status, std::string_view body, std::string_view subject) {
  boost::system::error_code error;
  const json::value document = json::parse({body.data(), body.size()}, error);
  if (status == 200) {
    const auto* object = error ? nullptr : document.if_object();
    const auto* id = object ? object->if_contains("id") : nullptr;
    boost::system::error_code refused;
    const auto number = id && id->is_number() ? id->to_number<std::int32_t>(refused) : 0;
    const auto* guid = object ? object->if_contains("guid") : nullptr;
    if (!refused && number > 0)
      return {Answer::Kind::known,
              {number,
               guid && guid->is_string() ? guid_from(std::string_view(guid->get_string())) : std::string()}};
    return {Answer::Kind::failed, {}, "its answer holds no schema id: is this a schema registry?"};
  }
  // 40401 subject not found, 40402 version not found, 40403 schema not found; a bare 404 comes from another
  // server.
  if (question == Question::look_up && status == 404 && !error && document.is_object() &&
      document.get_object().contains("error_code"))
    return {Answer::Kind::unknown};
  return {Answer::Kind::failed,
          {},
          explanation(question, status, error ? std::string() : message_in(document), subject)};
}

}  // namespace weather::registry
