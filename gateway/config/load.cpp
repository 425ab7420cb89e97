#include "gateway/config/load.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>

#include <toml++/toml.h>

#include "bridge/kafka/secrets.hpp"
#include "gateway/config/bounded_toml.hpp"
#include "gateway/config/check.hpp"
#include "gateway/config/foreign.hpp"
#include "gateway/config/read_value.hpp"
#include "gateway/config/schema.hpp"
#include "gateway/config/source_names.hpp"

namespace weather::gateway {
namespace {

constexpr std::string_view environment_prefix = "WEATHER_GATEWAY_";

std::vector<std::string_view> names_of(std::span<const Field> fields) {
  std::vector<std::string_view> names;
  for (const auto& field : fields) names.push_back(field.name);
  return names;
}

std::vector<std::string_view> section_names() {
  std::vector<std::string_view> names;
  for (const auto& section : sections().subspan(1)) names.push_back(section.name);
  return names;
}

template <class Range>
auto find_named(Range range, std::string_view name) {
  return std::find_if(range.begin(), range.end(), [&](const auto& item) { return item.name == name; });
}

std::string written(const Section& section) {
  return (section.repeated ? "[[" : "[") + std::string(section.name) + (section.repeated ? "]]" : "]");
}

// "[web] and [[http]]": where this key is known; empty: nowhere.
std::string tables_with(std::string_view name) {
  std::vector<std::string> found;
  for (const auto& section : sections().subspan(1))
    if (find_named(section.fields, name) != section.fields.end()) found.push_back(written(section));
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i)
    text += (i == 0 ? "" : i + 1 == found.size() ? " and " : ", ") + found[i];
  return text;
}

// Whether what follows the '=' of this line is no value of TOML and begins like a word or a number with a
// unit.
bool lacks_quotes(std::string_view text, std::size_t line) {
  for (; line > 1 && !text.empty(); --line)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  text = text.substr(0, text.find('\n'));
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || text.find_first_of("\"'") != std::string_view::npos) return false;
  const auto value = text.substr(std::min(text.find_first_not_of(" \t", equals + 1), text.size()));
  return std::any_of(value.begin(), value.end(),
                     [](unsigned char c) { return std::isalpha(c) != 0 || c == '/'; });
}

std::string written_as(const toml::node& node) {
  std::ostringstream written;
  node.visit([&](const auto& concrete) { written << concrete; });
  return written.str();
}

class Loader {
 public:
  explicit Loader(const Environment& environment) : environment_(environment) {
    for (const auto& section : sections())
      if (!section.repeated) set_defaults(section, section.open(config_));
  }

  void apply(const ConfigText& text) {
    file_ = text.file;
    if (const auto excess = toml_excess(text.text))
      return add({file_, static_cast<std::uint32_t>(excess->line), 1}, "", excess->text);
    try {
      const toml::table root = toml::parse(text.text, text.file);
      config_.tables.emplace("", Place{file_, 0, 0});
      for (const auto& [key, node] : root) top_level(key, node);
    } catch (const toml::parse_error& error) {
      const auto line = error.source().begin.line;
      add({file_, line, error.source().begin.column}, "",
          std::string(error.description()) +
              (lacks_quotes(text.text, line) ? "; a text stands in quotes: \"...\"" : ""));
    }
  }

  void apply_environment() {
    file_.clear();
    for (const auto& [name, text] : environment_) {
      if (name.starts_with(environment_prefix) && name.find("__") != std::string::npos) variable(name, text);
    }
  }

  tl::expected<Config, std::vector<ConfigError>> finish() {
    name_sources(config_);
    for (auto& error : check(config_)) errors_.push_back(std::move(error));
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    return std::move(config_);
  }

 private:
  Place place_of(const toml::source_region& region) const {
    return {file_, region.begin.line, region.begin.column};
  }

  void add(Place place, std::string key, std::string text) {
    errors_.push_back({std::move(place), std::move(key), std::move(text)});
  }

  void unknown(const Place& place, const std::string& key, std::string_view name,
               std::span<const std::string_view> known) {
    const auto near = nearest(name, known);
    const auto elsewhere = tables_with(name);
    std::string hint = near ? "; did you mean \"" + std::string(*near) + "\"?" : "";
    if (!elsewhere.empty())
      hint += (near ? " \"" + std::string(name) + "\" is a key of " : "; it is a key of ") + elsewhere;
    add(place, key, "unknown key" + (hint.empty() ? "; `config default` lists all" : hint));
  }

  void top_level(const toml::key& key, const toml::node& node) {
    const auto place = place_of(key.source());
    const std::string name(key.str());
    const auto& top = sections().front();
    if (const auto field = find_named(top.fields, name); field != top.fields.end()) {
      set(*field, &config_, name, place_of(node.source()), node);
      return;
    }
    if (const auto* table = find_foreign(name)) return foreign(*table, place, node);
    // "kafka.proxy" in quotes is no table of ours.
    const auto section = name.find('.') == std::string::npos ? find_named(sections().subspan(1), name)
                                                             : sections().subspan(1).end();
    if (section == sections().subspan(1).end()) {
      auto known = section_names();
      known.push_back("config_version");
      for (const auto& table : foreign_tables()) known.push_back(table.name);
      unknown(place, name, name, known);
    } else if (section->repeated) {
      repeated(*section, name, place, node);
    } else {
      within(*section, name, place, node);
    }
  }

  // A table that comes once.
  void within(const Section& section, const std::string& name, const Place& place, const toml::node& node) {
    const auto* table = node.as_table();
    if (table == nullptr) return add(place, name, "is a table: write [" + name + "]");
    config_.tables.emplace(name, place);
    fields(section, section.open(config_), name, *table);
  }

  void repeated(const Section& section, const std::string& name, const Place& place, const toml::node& node) {
    const auto* array = node.as_array();
    if (array == nullptr || !array->is_homogeneous<toml::table>()) {
      add(place, name, "may come several times: write [[" + name + "]]");
      return;
    }
    for (const auto& item : *array) {
      void* target = section.open(config_);
      set_defaults(section, target);
      const auto prefix = name + "[" + std::to_string(counts_[name]++) + "]";
      config_.tables.emplace(prefix, place_of(item.source()));
      fields(section, target, prefix, *item.as_table());
      require(section, prefix, place_of(item.source()), *item.as_table());
    }
  }

  void foreign(const ForeignTable& table, const Place& place, const toml::node& node) {
    const std::string name(table.name);
    if (!table.repeated) {
      if (const auto* one = node.as_table()) return foreign_one(table, name, place, *one);
      return add(place, name, "is a table: write [" + name + "]");
    }
    const auto* array = node.as_array();
    if (array == nullptr || !array->is_homogeneous<toml::table>())
      return add(place, name, "may come several times: write [[" + name + "]]");
    for (const auto& item : *array)
      foreign_one(table, name + "[" + std::to_string(counts_[name]++) + "]", place_of(item.source()),
                  *item.as_table());
  }

  void foreign_one(const ForeignTable& table, const std::string& full, const Place& place,
                   const toml::table& node) {
    for (const auto& error : table.read(node, config_))
      add({file_, error.line, error.column}, full, error.text);
    std::ostringstream written;
    written << node;
    auto text = written.str();
    std::replace(text.begin(), text.end(), '\n', ' ');
    config_.places[full] = place;
    config_.values[full] += text;  // of several files, all of it: what has changed must show
  }

  void require(const Section& section, const std::string& prefix, const Place& place,
               const toml::table& table) {
    for (const auto& field : section.fields) {
      if (field.default_toml.empty() && !table.contains(field.name))
        add(place, prefix + "." + std::string(field.name), "is required: " + std::string(field.meaning));
    }
  }

  void fields(const Section& section, void* target, const std::string& prefix, const toml::table& table) {
    for (const auto& [key, node] : table) {
      const std::string full = prefix + "." + std::string(key.str());
      const auto field = find_named(section.fields, key.str());
      if (const auto inner = find_named(sections().subspan(1), full);
          field == section.fields.end() && inner != sections().subspan(1).end()) {
        within(*inner, full, place_of(key.source()), node);
      } else if (field == section.fields.end()) {
        unknown(place_of(key.source()), full, key.str(), names_of(section.fields));
      } else {
        set(*field, target, full, place_of(node.source()), node);
      }
    }
  }

  void set(const Field& field, void* target, const std::string& full, const Place& place,
           const toml::node& node) {
    const ValueReader reader(field, file_, environment_);
    const auto value = reader.read(node);
    if (!value) return add(place_of(reader.faulty(node).source()), full, value.error());
    field.assign(target, *value);
    config_.places[full] = place;
    if (field.kind != Kind::map) config_.values[full] = meant_by(node);
    if (field.kind == Kind::map) {
      for (const auto& [key, item] : *node.as_table()) {
        const auto name = full + "." + std::string(key.str());
        config_.places[name] = place_of(item.source());
        config_.values[name] = meant_by(item);
      }
    }
  }

  // As it is written, with its variables replaced.
  std::string meant_by(const toml::node& node) const {
    auto text = written_as(node);
    return text.find('$') == std::string::npos ? text : expand(text, environment_).value_or(text);
  }

  void set_defaults(const Section& section, void* target) const {
    for (const auto& field : section.fields) {
      if (field.default_toml.empty()) continue;
      static const std::string no_file;
      static const Environment nothing;
      const auto table = toml::parse("x = " + std::string(field.default_toml));
      const auto value = ValueReader(field, no_file, nothing).read(*table.get("x"));
      field.assign(target,
                   value.value());  // throws if the table itself is wrong: the first test would see it
    }
  }

  void variable(const std::string& name, const std::string& text) {
    auto rest = name.substr(environment_prefix.size());
    std::transform(rest.begin(), rest.end(), rest.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto split = rest.rfind("__");
    auto section_name = rest.substr(0, split);
    const auto field_name = rest.substr(split + 2);
    if (const auto inner = section_name.find("__"); inner != std::string::npos)
      section_name.replace(inner, 2, ".");
    const auto full = section_name + "." + field_name;
    const Place place{"environment variable " + name, 0, 0};
    const auto section = find_named(sections().subspan(1), section_name);
    if (section == sections().subspan(1).end()) return unknown(place, full, section_name, section_names());
    if (section->repeated) return add(place, full, "[[" + section_name + "]] cannot be set by a variable");
    const auto field = find_named(section->fields, field_name);
    if (field == section->fields.end()) return unknown(place, full, field_name, names_of(section->fields));
    if (const auto value = variable_value(*field, text)) {
      field->assign(section->open(config_), *value);
      config_.places[full] = place;
      config_.values[full] = text;
    } else {
      add(place, full, value.error());
    }
  }

  // Text kinds are taken as they are; the others as TOML.
  Parsed<Value> variable_value(const Field& field, const std::string& text) const {
    static const Environment nothing;  // the variable's own text is not expanded again
    const ValueReader reader(field, file_, nothing);
    switch (field.kind) {
      case Kind::text:
      case Kind::label:
        return Value(text);
      case Kind::choice:
      case Kind::path:
      case Kind::size:
      case Kind::duration:
        return reader.from_text(text);
      default:
        break;
    }
    try {
      const auto table = toml::parse("x = " + text);
      return reader.read(*table.get("x"));
    } catch (const toml::parse_error&) {
      return tl::unexpected("expected " + std::string(kind_name(field.kind)));
    }
  }

  const Environment& environment_;
  Config config_;
  std::vector<ConfigError> errors_;
  std::map<std::string, int> counts_;
  std::string file_;
};

}  // namespace

std::string to_string(const ConfigError& error) {
  std::string result = error.place.file.empty() ? "configuration" : error.place.file;
  if (error.place.line != 0)
    result += ":" + std::to_string(error.place.line) + ":" + std::to_string(error.place.column);
  if (!error.key.empty()) result += ": " + bridge::shown(error.key);
  return result + ": " + bridge::shown(error.text);
}

ConfigError fault_at(const Config& config, std::string key, std::string text) {
  if (const auto found = config.places.find(key); found != config.places.end())
    return {found->second, std::move(key), std::move(text)};
  for (auto table = key; !table.empty();) {
    const auto dot = table.rfind('.');
    table.resize(dot == std::string::npos ? 0 : dot);
    if (const auto found = config.tables.find(table); found != config.tables.end())
      return {found->second, std::move(key), std::move(text)};
  }
  return {{}, std::move(key), std::move(text)};
}

tl::expected<Config, std::vector<ConfigError>> load(std::span<const ConfigText> texts,
                                                    const Environment& environment) {
  Loader loader(environment);
  for (const auto& text : texts) loader.apply(text);
  loader.apply_environment();
  return loader.finish();
}

}  // namespace weather::gateway
