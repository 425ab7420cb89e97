#include "gateway/config/downlink.hpp"

#include <algorithm>

#include "gateway/config/changes.hpp"
#include "gateway/downlink/message.hpp"
#include "gateway/downlink/signature.hpp"
#include "gateway/downlink/state_file.hpp"

namespace weather::gateway {
namespace {

std::string origin(const std::filesystem::path& data_dir) {
  return (data_dir / downlink::state_file_name).string() + "#";
}

template <class Names>
bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<ConfigError> check_downlink(const Config& config) {
  const auto& section = config.downlink;
  std::vector<ConfigError> errors;
  const auto add = [&](const std::string& key, std::string text) {
    errors.push_back(fault_at(config, "downlink." + key, std::move(text)));
  };
  for (const auto& [id, key] : section.keys) {
    if (!downlink::is_key_id(id))
      add("keys." + id, "the id of a key is of letters, digits, '.', '_' and '-', at most 64");
    if (const auto read = downlink::PublicKey::from_text(key); !read) add("keys." + id, read.error());
  }
  for (const auto& kind : section.allow)
    if (!has(downlink::kind_names(), kind))
      add("allow", "\"" + kind + "\" is none of config, reload, log_level, drain, replay and bundle");
  for (const auto& name : section.sections)
    if (!is_reloadable(name))
      add("sections",
          "[" + name + "] cannot be changed while the gateway runs, so a trial would tell nothing");
  if (section.topic.empty()) return errors;
  if (!is_topic_name(section.topic)) add("topic", not_a_topic(section.topic));
  if (section.keys.empty())
    add("keys", "without a key no message is taken; `weather-gateway fleet keygen` makes one");
  if (config.fleet.topic.empty())
    add("topic", "needs fleet.topic: what becomes of a message is reported there");
  else if (section.topic == config.fleet.topic || section.topic == config.kafka.topic)
    add("topic", "\"" + section.topic + "\" has another use already: give the messages a topic of their own");
  return errors;
}

bool is_topic_name(std::string_view topic) {
  return !topic.empty() && topic.size() <= 249 && topic != "." && topic != ".." &&
         std::all_of(topic.begin(), topic.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '_' || c == '-';
         });
}

std::string not_a_topic(std::string_view topic) {
  return "\"" + std::string(topic) + "\" is not a topic name: 1 to 249 of letters, digits, '.', '_' and '-'";
}

std::vector<ConfigText> drop_in_texts(const downlink::DropIns& drop_ins,
                                      const std::filesystem::path& data_dir) {
  std::vector<ConfigText> texts;
  for (const auto& [name, text] : drop_ins) texts.push_back({origin(data_dir) + name, text});
  return texts;
}

std::vector<ConfigError> forbidden_in_drop_ins(const Config& config, const std::filesystem::path& data_dir) {
  const auto from = origin(data_dir);
  const auto& sections = config.downlink.sections;
  std::vector<ConfigError> errors;
  const auto look = [&](const std::string& key, const Place& place) {
    if (!place.file.starts_with(from) || key == "config_version") return;
    if (!is_reloadable(key))
      errors.push_back(
          {place, key,
           "a drop-in that came through the downlink may not set what only a new start takes over"});
    else if (!sections.empty() && !has(sections, section_of(key)))
      errors.push_back({place, key, "[downlink] sections does not have this section"});
  };
  for (const auto& [key, place] : config.places) look(key, place);
  for (const auto& [key, place] : config.tables)
    if (key.find('[') != std::string::npos)
      look(key, place);  // one of a list does something without a key too
  return errors;
}

}  // namespace weather::gateway
