// Recovery and reading of a whole log whose segment holds anything: it opens, it reads in order without a gap
// that is not told, it goes on. Each 128 bytes of input are the beginning of a 4 KiB block; the first byte
// says whether checksums are made valid, so that the fuzzer gets behind them.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "bridge/log/bytes.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/crc32c.hpp"
#include "bridge/log/frame.hpp"
#include "bridge/log/loss.hpp"
#include "bridge/log/manual.hpp"
#include "tests/unit/log/memory_files.hpp"

namespace {

using namespace weather::log;

class FixedClock : public Clock {
 public:
  std::int64_t wall_ns() override { return 1'700'000'000'000'000'000; }
  std::chrono::steady_clock::time_point steady() override { return {}; }
};

Options options() {
  Options made;
  made.dir = "/log";
  made.segment_bytes = min_segment_bytes;
  made.max_bytes = 16 * min_segment_bytes;
  return made;
}

struct Base {
  MemoryFiles files;
  std::string id, segment;
};

// A log with three frames, as a crash leaves it.
std::unique_ptr<Base> make_base() {
  MemoryFiles files;
  FixedClock clock;
  auto base = std::make_unique<Base>();
  auto log = open_manual(options(), files, clock);
  if (!log) std::abort();
  base->id = (*log)->id();
  for (int i = 0; i < 3; ++i) {
    const auto text = bytes_of("a reading");
    const std::array<Record, 2> records{Record{1, Type::reading, text}, Record{2, Type::reading, text}};
    const auto last = (*log)->append(records, Wait::now);
    if (!last || !(*log)->wait_durable(*last, std::chrono::seconds(1))) std::abort();
  }
  const auto copy = files.copy();
  for (const auto& path : copy->paths()) {
    auto folder = base->files.make_dir(path.parent_path());
    auto file = base->files.open(path, Mode::create);
    if (!folder || !file || !(*file)->write(0, *copy->contents(path))) std::abort();
    if (path.extension() == ".seg") base->segment = std::max(base->segment, path.string());
  }
  return base;
}

void make_valid(std::span<std::byte> block_on, std::uint32_t seed) {
  put(block_on.data(), std::uint32_t{0x31465747});
  const auto body_bytes = get<std::uint32_t>(block_on.data() + 36) % (block_on.size() - frame_header_bytes);
  put(block_on.data() + 36, static_cast<std::uint32_t>(body_bytes));
  put(block_on.data() + 40, body_checksum(block_on.subspan(frame_header_bytes, body_bytes), seed));
  put(block_on.data() + 4, crc32c(block_on.subspan(8, frame_header_bytes - 8), seed));
}

void read_all(Log& log) {
  const auto reader = log.reader(1);
  Sequence expected = 0;
  for (auto entries = reader->read(100, 1U << 20); entries && !entries->empty();
       entries = reader->read(100, 1U << 20)) {
    for (const auto& entry : *entries) {
      const auto loss = entry.type == Type::loss ? decode_loss(entry.payload) : std::nullopt;
      const Sequence first = loss && loss->first != 0 ? loss->first : entry.sequence;
      if (expected != 0 && first != expected && entry.type != Type::loss) std::abort();
      expected = entry.sequence + 1;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::unique_ptr<Base> base = make_base();
  if (size == 0) return 0;
  const auto files = base->files.copy();
  auto& bytes = *files->contents(base->segment);
  const auto seed = frame_seed(*parse_log_id(base->id));
  const auto input = std::as_bytes(std::span(data, size)).subspan(1);
  constexpr std::size_t piece = 128;
  for (std::size_t i = 0; i * piece < input.size() && (i + 2) * block_bytes <= bytes.size(); ++i) {
    const auto part = input.subspan(i * piece, std::min(piece, input.size() - i * piece));
    std::copy(part.begin(), part.end(), bytes.begin() + static_cast<std::ptrdiff_t>((i + 1) * block_bytes));
    if ((data[0] & 1U) != 0) make_valid(std::span(bytes).subspan((i + 1) * block_bytes), seed);
  }
  FixedClock clock;
  for (int opened = 0; opened < 2; ++opened) {
    const auto log = open_manual(options(), *files, clock);
    if (!log) std::abort();
    read_all(**log);
    const Record record{1, Type::reading, bytes_of("after")};
    const auto last = (*log)->append(std::span(&record, 1), Wait::now);
    if (last && !(*log)->wait_durable(*last, std::chrono::seconds(1))) std::abort();
    read_all(**log);
  }
  return 0;
}
