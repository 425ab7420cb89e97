// One life of a program with a log: it reads all that is there, appends, moves its cursor, and closes the log
// or is killed. Built with the log of different versions, which take turns with one folder.
//
//   log_life FOLDER SEED [refused]      refused: that the log is too new is what is expected
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include <sysexits.h>
#include <unistd.h>

#include "bridge/log/bytes.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"

using namespace weather::log;

namespace {

[[noreturn]] void end(const std::string& why) {
  std::fprintf(stderr, "log_life: %s\n", why.c_str());
  std::exit(EX_SOFTWARE);
}

std::string text_of(Sequence sequence) {
  return std::to_string(sequence) + std::string(sequence * 7919 % 3000, 'x');
}

// All from the first to the last, each as it was written.
Sequence read_all(Log& log) {
  auto next = log.status().first;
  const auto reader = log.reader(next);
  for (;;) {
    const auto entries = reader->read(100, 1U << 20U);
    if (!entries) end("cannot be read: " + entries.error().message());
    if (entries->empty()) return next - 1;
    for (const auto& entry : *entries) {
      const std::string text(reinterpret_cast<const char*>(entry.payload.data()), entry.payload.size());
      if (entry.type != Type::reading || entry.sequence != next || text != text_of(next))
        end("record " + std::to_string(entry.sequence) + " is not what was written, after " +
            std::to_string(next));
      ++next;
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::string folder = arguments[1];
  std::mt19937 random(static_cast<unsigned>(std::stoul(arguments[2])));
  Options options;
  options.dir = folder;
  options.segment_bytes = 32U << 10U;
  options.max_bytes = 256U << 20U;
#ifdef KEEP_FORMAT
  options.keep_format = true;
#endif
  auto opened = Log::open(options, posix_files(), system_clock());
  if (count > 3) {
    if (opened || opened.error() != Errc::newer) end("it was not refused as too new");
    return EX_OK;
  }
  if (!opened) end("cannot be opened: " + opened.error().message());
  auto& log = **opened;
  if (!log.recovery().lost.empty()) end("records are lost");
  auto last = read_all(log);
  if (last != log.durable()) end("not all is there");
  // What the life before had seen acknowledged, and how far it had delivered.
  Sequence acknowledged = 0, delivered = 1;
  if (auto* told = std::fopen((folder + ".told").c_str(), "r")) {
    if (std::fscanf(told, "%lu %lu", &acknowledged, &delivered) != 2) end("what was told cannot be read");
    std::fclose(told);
  }
  if (last < acknowledged)
    end("acknowledged up to " + std::to_string(acknowledged) + ", there up to " + std::to_string(last));
  auto cursor = *log.open_cursor("kafka");
  if (cursor.next > delivered) end("the cursor is beyond what was delivered");
  // More comes than goes out: the backlog fills.
  for (int i = 0; i < 40; ++i) {
    const auto text = text_of(last + 1);
    const Record record{.time_ns = 1, .payload = bytes_of(text)};
    const auto sequence = log.append({&record, 1}, Wait::now);
    if (!sequence || *sequence != last + 1) end("an id is missing");
    if (!log.wait_durable(*sequence, std::chrono::seconds(60))) end("is not durable");
    last = *sequence;
    if (random() % 3 == 0 && cursor.next <= last) {
      cursor.delivered += 1;
      cursor.next += 1;
      log.advance("kafka", cursor);
    }
  }
  const auto farthest = std::max(delivered, cursor.next);
  auto* told = std::fopen((folder + ".told").c_str(), "w");
  std::fprintf(told, "%lu %lu\n", last, farthest);
  std::fclose(told);
  if (random() % 2 == 0) ::_exit(0);
  if (!log.close()) end("cannot be closed");
  std::printf("%lu records, delivered up to %lu\n", last, cursor.next - 1);
  return EX_OK;
}
