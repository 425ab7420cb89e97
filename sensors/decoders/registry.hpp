// The formats a source can be configured with, by name: `format = "json"`. Pure; filled at start, then read
// by any thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/sink.hpp"

namespace weather::sensors {

// What the configuration says about this use of a format: keys of its table as text.
using DecoderSettings = std::map<std::string, std::string, std::less<>>;
// Makes a fresh decoder, for one source and one thread at a time. The error is a sentence for the user.
using MakeDecoder = std::function<tl::expected<Decoder, std::string>(const DecoderSettings&)>;

struct Format {
  std::string name;     // "json"
  std::string summary;  // one line for --help and `check`
  MakeDecoder make;
  std::size_t heading_lines =
      0;  // of a file: its first lines, without which the others say nothing (Message::heading)
};

class Registry {
 public:
  // Replaces a format of the same name, so a folder or a user's mapping can override a built-in one.
  void add(Format format);
  tl::expected<Decoder, std::string> make(std::string_view name, const DecoderSettings& settings = {}) const;
  const Format* find(std::string_view name) const;
  std::vector<std::string> names() const;

 private:
  std::map<std::string, Format, std::less<>> formats_;
};

// For a decoder without settings: any setting is an error.
MakeDecoder plain_decoder(Decoded (*decode)(const Message&));

// The formats of sensors/decoders. Other folders have a function of their own that adds theirs.
void add_decoders(Registry& registry);

}  // namespace weather::sensors
