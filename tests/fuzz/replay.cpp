// Runs a fuzz target over the files of the folders given: each file, each prefix of it, and mutations that a
// seed decides. For compilers without libFuzzer, and so that a corpus is never dead weight.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/crash/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int mutations_per_file = 200;
constexpr std::size_t prefixes_per_file = 256;

void replay(const std::vector<std::uint8_t>& bytes, std::uint64_t seed) {
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  const std::size_t step = bytes.size() / prefixes_per_file + 1;
  for (std::size_t n = 0; n < bytes.size(); n += step) LLVMFuzzerTestOneInput(bytes.data(), n);
  if (bytes.empty()) return;
  weather::log::test::Random random(seed);
  for (int i = 0; i < mutations_per_file; ++i) {
    auto mutated = bytes;
    for (auto left = random.between(1, 8); left > 0; --left) {
      mutated[random.below(mutated.size())] = static_cast<std::uint8_t>(random.next());
    }
    LLVMFuzzerTestOneInput(mutated.data(), mutated.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      replay({std::istreambuf_iterator<char>(file), {}}, ++files);
    }
  }
  std::printf("%llu corpus files replayed\n", static_cast<unsigned long long>(files));
  return files == 0 ? 1 : 0;
}
