// Every payload that the tests hold: the raw and plain strings of tests/unit and the files of
// tests/fuzz/corpus.
#pragma once

#include <string>
#include <vector>

namespace weather::sensors {

struct Corpus {
  std::vector<std::string> documents;  // JSON, objects and lists
  std::vector<std::string> forms;
  std::vector<std::string> sentences;  // NMEA
};
const Corpus& corpus();

// The topics that the tests use, for `format`: at least one that each mapping of a preset reads.
std::vector<std::string> topics_of(const std::string& format);

// All formats that read messages, "nmea" and every preset included.
std::vector<std::string> formats();

}  // namespace weather::sensors
