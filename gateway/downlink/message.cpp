#include "gateway/downlink/message.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "bridge/http_client/encoding.hpp"
#include "gateway/output/time_json.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway::downlink {
namespace {

namespace json = boost::json;

constexpr std::string_view first_word = "weather-gateway-downlink/1 ";
constexpr std::size_t most_name_bytes = 64;
constexpr std::array<std::pair<Kind, std::string_view>, 7> words{{{Kind::config_set, "config_set"},
                                                                  {Kind::config_remove, "config_remove"},
                                                                  {Kind::reload, "reload"},
                                                                  {Kind::log_level, "log_level"},
                                                                  {Kind::drain, "drain"},
                                                                  {Kind::replay, "replay"},
                                                                  {Kind::bundle, "bundle"}}};
constexpr std::array<std::string_view, 6> allow_words{"config", "reload", "log_level",
                                                      "drain",  "replay", "bundle"};

bool is_word(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= most_name_bytes && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [more](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  more.find(c) != more.npos;
         });
}

// Takes members out of the object one by one; what is left or lacking is reported at the end.
class Members {
 public:
  explicit Members(json::object object) : object_(std::move(object)) {}

  std::string text(std::string_view name, bool needed = true) {
    const auto value = take(name, needed);
    if (value && !value->is_string()) fault(name, "is no text");
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
  }
  std::int64_t number(std::string_view name) {
    const auto value = take(name, true);
    if (value && (!value->is_int64() || value->get_int64() < 1)) fault(name, "is no whole number from 1");
    return value && value->is_int64() ? value->get_int64() : 0;
  }
  std::int64_t time_s(std::string_view name) {
    const auto written = text(name);
    const auto time = sensors::parse_time(written);
    if (!time || !time->has_zone || time->ns % second_ns != 0)
      fault(name, "is no time in whole seconds with a zone");
    return time ? time->ns / second_ns : 0;
  }
  void fault(std::string_view name, std::string_view what) {
    if (fault_.empty()) fault_ = "\"" + std::string(name) + "\" " + std::string(what);
  }
  std::string end() {
    if (!object_.empty()) fault(std::string_view(object_.begin()->key()), "is no member of this kind");
    return fault_;
  }

 private:
  std::optional<json::value> take(std::string_view name, bool needed) {
    const auto found = object_.find(name);
    if (found == object_.end()) {
      if (needed) fault(name, "is missing");
      return std::nullopt;
    }
    auto value = std::move(found->value());
    object_.erase(found);
    return value;
  }

  json::object object_;
  std::string fault_;
};

void read_what(Members& members, Message& message) {
  switch (message.kind) {
    case Kind::config_set:
      message.toml = members.text("toml");
      if (message.toml.size() > most_drop_in_bytes) members.fault("toml", "has more than 64 KiB");
      [[fallthrough]];
    case Kind::config_remove:
      message.name = members.text("name");
      if (!is_drop_in_name(message.name)) members.fault("name", "is no name of a drop-in");
      break;
    case Kind::log_level:
      message.level = members.text("level");
      message.for_s = members.number("for_seconds");
      for (const std::string_view known : {"debug", "info", "warning", "error"})
        if (message.level == known) return;
      members.fault("level", "is none of debug, info, warning and error");
      break;
    case Kind::drain:
      message.for_s = members.number("for_seconds");
      break;
    case Kind::replay:
      message.route = members.text("route", false);
      message.from = members.text("from");
      message.until = members.text("until", false);
      message.target = members.text("target", false);
      break;
    case Kind::reload:
    case Kind::bundle:
      break;
  }
}

}  // namespace

std::string_view to_string(Kind kind) {
  return std::find_if(words.begin(), words.end(), [kind](const auto& word) { return word.first == kind; })
      ->second;
}

std::span<const std::string_view> kind_names() {
  return allow_words;
}

std::string_view allowed_as(Kind kind) {
  return kind == Kind::config_set || kind == Kind::config_remove ? "config" : to_string(kind);
}

std::string subject_of(const Message& message) {
  return message.name.empty() ? std::string(to_string(message.kind)) : "config/" + message.name;
}

std::string record_key(const Message& message) {
  return message.to + "/" + subject_of(message);
}

bool is_drop_in_name(std::string_view name) {
  return is_word(name, "-_.");
}

bool is_key_id(std::string_view id) {
  return is_word(id, "-_.");
}

std::string target_from(std::string_view text) {
  if (text == "all") return "all";
  for (const std::string_view kind : {"group:", "gateway:"})
    if (text.starts_with(kind)) return text.size() > kind.size() ? std::string(text) : std::string();
  return text.empty() ? std::string() : "gateway:" + std::string(text);
}

std::string to_json(const Message& message) {
  json::object object{{"topic", message.topic},
                      {"to", message.to},
                      {"kind", to_string(message.kind)},
                      {"serial", message.serial},
                      {"issued", time_json(message.issued_s * second_ns)},
                      {"expires", time_json(message.expires_s * second_ns)}};
  const auto add = [&object](const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
  };
  add("name", message.name);
  if (message.kind == Kind::config_set) object["toml"] = message.toml;
  add("level", message.level);
  if (message.for_s != 0) object["for_seconds"] = message.for_s;
  add("route", message.route);
  add("from", message.from);
  add("until", message.until);
  add("target", message.target);
  return json::serialize(object);
}

tl::expected<Message, std::string> message_from(std::string_view text) {
  json::error_code error;
  auto value = json::parse(text, error);
  if (error || !value.is_object()) return tl::unexpected(std::string("what was signed is no JSON object"));
  Members members(std::move(value.get_object()));
  Message message;
  message.topic = members.text("topic");
  message.to = members.text("to");
  if (target_from(message.to) != message.to || message.to.empty()) members.fault("to", "is no target");
  message.serial = static_cast<std::uint64_t>(members.number("serial"));
  message.issued_s = members.time_s("issued");
  message.expires_s = members.time_s("expires");
  const auto kind = members.text("kind");
  const auto known =
      std::find_if(words.begin(), words.end(), [&kind](const auto& word) { return word.second == kind; });
  if (known == words.end())
    return tl::unexpected("\"" + kind + "\" is no kind of message that this version knows");
  message.kind = known->first;
  read_what(members, message);
  if (const auto fault = members.end(); !fault.empty()) return tl::unexpected(fault);
  return message;
}

std::string signed_bytes(std::string_view key_id, std::string_view payload) {
  return std::string(first_word) + std::string(key_id) + "\n" + std::string(payload);
}

std::string sealed(std::string_view key_id, const SecretKey& key, std::string_view payload) {
  return std::string(first_word) + std::string(key_id) + " " +
         http_client::to_hex(key.sign(signed_bytes(key_id, payload))) + "\n" + std::string(payload);
}

tl::expected<Envelope, std::string> opened(std::string_view bytes) {
  const auto bad = tl::unexpected(std::string("is no message of this form: ") + std::string(first_word) +
                                  "KEY-ID SIGNATURE, then JSON");
  const auto line = bytes.substr(0, bytes.find('\n'));
  if (!line.starts_with(first_word) || line.size() == bytes.size()) return bad;
  const auto rest = line.substr(first_word.size());
  const auto space = std::min(rest.find(' '), rest.size());
  Envelope envelope;
  envelope.key_id = rest.substr(0, space);
  const auto digits = rest.substr(std::min(space + 1, rest.size()));
  if (!is_key_id(envelope.key_id) || digits.size() != 2 * signature_bytes) return bad;
  const auto value_of = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = value_of(digits[i]), low = value_of(digits[i + 1]);
    if (high < 0 || low < 0) return bad;
    envelope.signature += static_cast<char>(high * 16 + low);
  }
  envelope.payload = bytes.substr(line.size() + 1);
  return envelope;
}

}  // namespace weather::gateway::downlink
