// A reload is good or refused; whatever a file holds, it never ends the
// process.
#include "gateway/app/reload.hpp"

#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/commands/setup.hpp"
#include "gateway/config/files.hpp"
#include "gateway/config/render.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Reload : public testing::Test {
 protected:
  Reload() : folder_(fs::temp_directory_path() / ("reload-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_ / "conf.d");
  }
  ~Reload() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  fs::path file() const { return folder_ / "weather-gateway.toml"; }
  void write(const std::string& text) const { std::ofstream(file(), std::ios::binary) << text; }
  ReloadReport reload() const {
    return guarded([this] {
      ReloadReport report;
      const auto setup = load_setup(file().string());
      report.good = setup.has_value();
      if (!setup) report.faults = setup.error().lines;
      return report;
    });
  }
  const fs::path folder_;
};

constexpr const char* good = "[kafka.properties]\n\"bootstrap.servers\" = \"127.0.0.1:9092\"\n";

TEST_F(Reload, an_exception_of_any_kind_is_a_refusal) {
  const auto known = guarded([]() -> ReloadReport { throw std::runtime_error("no memory for it"); });
  EXPECT_FALSE(known.good);
  EXPECT_THAT(known.faults, ElementsAre("the reload is refused: no memory for it"));
  const auto unknown = guarded([]() -> ReloadReport { throw 42; });
  EXPECT_FALSE(unknown.good);
  EXPECT_EQ(unknown.faults.size(), 1U);
}

TEST_F(Reload, a_folder_that_is_gone_is_a_refusal) {
  write(good);
  EXPECT_TRUE(reload().good);
  fs::remove_all(folder_);
  EXPECT_THAT(reload().faults, ElementsAre(HasSubstr("No such file")));
}

TEST_F(Reload, drop_ins_that_cannot_be_read_are_a_refusal) {
  write(good);
  std::ofstream(folder_ / "conf.d" / "10.toml") << "[log]\non_full = \"block\"\n";
  EXPECT_TRUE(reload().good);
  fs::create_directory(folder_ / "conf.d" / "20.toml");
  EXPECT_THAT(reload().faults, ElementsAre(HasSubstr("Is a directory")));
}

// Without conf.d the configuration would mean something else: a process without
// descriptors keeps its own.
TEST_F(Reload, without_descriptors_it_is_a_refusal) {
  write(good);
  // A sanitizer looks at each class once, through a pipe: before there is none to be had.
  for (const auto* category : {&std::system_category(), &std::generic_category()})
    ASSERT_FALSE(std::error_code(EMFILE, *category) == std::errc::no_such_file_or_directory);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  auto none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto report = reload();
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_FALSE(report.good);
  EXPECT_THAT(report.faults, ElementsAre(HasSubstr("Too many open files")));
  EXPECT_THAT(report.faults, ElementsAre(HasSubstr("conf.d")));
  EXPECT_TRUE(reload().good);
}

TEST_F(Reload, two_thousand_mutations_are_good_or_refused) {
  auto text = std::string(good) + render_default();
  // What is commented out counts too.
  for (std::size_t at = 0; (at = text.find("\n# ", at)) != std::string::npos; ++at)
    if (const auto line = text.substr(at + 3, text.find('\n', at + 1) - at - 3);
        line.find(" = ") != std::string::npos && line.find(' ') == line.find(" = ") &&
        line.find("required") == std::string::npos)
      text.erase(at + 1, 2);
  std::mt19937 random(20261129);  // the same ones each time
  unsigned refused = 0;
  for (int i = 0; i < 2000; ++i) {
    auto mutated = text;
    for (auto edits = 1 + random() % 4; edits-- > 0;) {
      const auto at = random() % mutated.size();
      switch (random() % 5) {
        case 0:
          mutated[at] = static_cast<char>(random());
          break;
        case 1:
          mutated.erase(at, random() % 40);
          break;
        case 2:
          mutated.insert(at, 1, "[]{}=\".'#,\n\0"[random() % 12]);
          break;
        case 3:
          mutated.insert(at, mutated.substr(random() % mutated.size(), random() % 200));
          break;
        default:
          mutated.resize(at + 1);
      }
    }
    write(mutated);
    const auto report = reload();
    refused += report.good ? 0 : 1;
    ASSERT_EQ(report.good, report.faults.empty());
    for (const auto& fault : report.faults)
      ASSERT_THAT(fault, testing::Not(HasSubstr("the reload is refused")));
  }
  EXPECT_GT(refused, 1000U);
}

}  // namespace
}  // namespace weather::gateway
