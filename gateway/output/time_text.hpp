// Times for people. JSON has RFC 3339 in UTC (status/time_json.hpp). Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace weather::gateway {

// "2025-09-20 08:30:00" in the time zone of this process; seconds are cut. "–" for 0: never.
std::string time_text(std::int64_t unix_ns);
// The same of a time as our JSON has it; the text itself if it is none.
std::string time_text(const std::string& rfc3339);
// The present as part of a file's name: "20250920T063000".
std::string file_stamp();

}  // namespace weather::gateway
