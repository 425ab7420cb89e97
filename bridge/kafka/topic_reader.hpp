// Reads partition 0 of a topic from an offset on, record by record. Member of no group, commits nothing:
// where it is, its owner keeps. Lives on the io thread; nothing blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/options/options.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::bridge {

class Background;

struct ReadRecord {
  std::int64_t offset = 0;
  std::optional<std::string_view> value;  // nothing: a tombstone
};

struct TopicReaderOptions {
  Properties properties;  // as ForwarderOptions::properties
  Profile profile = Profile::lan;
  std::string topic;
  std::int64_t next_offset = 0;  // gone or never there: the oldest that is
  std::size_t most_record_bytes = 1U << 20;
  // False: no more; the reader is of no use then and may be destroyed, from outside of this call.
  std::function<bool(const ReadRecord&)> take;
};

class TopicReader {
 public:
  // Throws std::runtime_error if librdkafka refuses the settings.
  // background outlives the reader.
  TopicReader(boost::asio::io_context& io, Background& background, TopicReaderOptions options);
  ~TopicReader();
  TopicReader(const TopicReader&) = delete;
  TopicReader& operator=(const TopicReader&) = delete;

  // Why nothing is read, in words; empty: no trouble is known.
  const std::string& trouble() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
  Background& background_;
};

}  // namespace weather::bridge
