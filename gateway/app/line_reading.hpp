// Lines handed over by a command, in any format that [[lines]] has. One thread at a time.
#pragma once

#include <map>
#include <string>

#include <tl/expected.hpp>

#include "gateway/config/config.hpp"
#include "sensors/sink.hpp"

namespace weather::gateway {

struct LineReading {
  sensors::Decoder decode;
  std::size_t heading_lines = 0;  // of a file, which go with each of its lines
};

// `table`: settings of the format, by key. The error is a sentence.
tl::expected<LineReading, std::string> line_reading(const Config& config, const std::string& format,
                                                    const std::map<std::string, std::string>& table);

// "id=roof" as key and value; the error names what is none.
tl::expected<std::map<std::string, std::string>, std::string> table_settings(
    const std::vector<std::string>& written);

}  // namespace weather::gateway
