// Stores a line of a followed file as a source does.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/ingest/ingest.hpp"
#include "sensors/file_position.hpp"

namespace weather::gateway {

inline const std::atomic<bool> go_on = false;

class FixedStamper final : public Stamper {
 public:
  Stamp now() override { return {1'000'000'000, 5'000, 42, v1::CLOCK_SYNCHRONISED}; }
};

inline void store(Ingest& ingest, std::string_view source, const sensors::FilePosition& file,
                  std::string_view text) {
  sensors::Message message;
  message.source = source;
  message.payload = text;
  message.file = &file;
  const auto decode = [](const sensors::Message& m) -> sensors::Decoded {
    std::vector<sensors::Reading> readings(1);
    readings.front().set_sensor_id(std::string(m.payload.substr(m.payload.rfind(' ') + 1)));
    return readings;
  };
  EXPECT_TRUE(ingest.accept(message, decode, sensors::Waits::no));
}

}  // namespace weather::gateway
