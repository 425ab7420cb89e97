#include "sensors/pulse/gpio_line.hpp"

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/temporary_folder.hpp"

namespace {

// What the kernel would answer: 0, or an errno. Of one test at a time.
std::function<int(int file, unsigned long request, void* data)> fake_kernel;

}  // namespace

// In place of the library's, for the whole program.
extern "C" int ioctl(int file, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* data = va_arg(arguments, void*);
  va_end(arguments);
  if (_IOC_TYPE(request) != 0xB4 || !fake_kernel)
    return static_cast<int>(::syscall(SYS_ioctl, file, request, data));
  errno = fake_kernel(file, request, data);
  return errno == 0 ? 0 : -1;
}

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct FakeChip {
  std::string name, label;
  std::vector<std::pair<std::string, std::string>> lines;  // name and consumer of each
};

struct GpioLineTest : testing::Test {
  TemporaryFolder folder;
  std::map<std::string, FakeChip> chips;  // by file name
  int refusal = 0, debounce_refusal = 0;
  gpio_v2_line_request asked{};
  std::array<int, 2> ends{-1, -1};

  GpioLineTest() {
    fake_kernel = [this](int file, unsigned long request, void* data) { return answer(file, request, data); };
    add("gpiochip0", {"gpiochip0", "pinctrl-test", {{"GPIO0", ""}, {"GPIO1", ""}, {"", "w1"}}});
  }
  ~GpioLineTest() override {
    fake_kernel = nullptr;
    if (ends[1] >= 0) ::close(ends[1]);
  }
  void add(const std::string& file, FakeChip chip) {
    std::ofstream(folder.path() / file) << "";
    chips[file] = std::move(chip);
  }
  FakeChip* chip_of(int file) {
    const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file));
    const auto found = chips.find(path.filename().string());
    return found == chips.end() ? nullptr : &found->second;
  }
  template <std::size_t Size>
  static void put(char (&to)[Size], const std::string& text) {
    std::memset(to, 0, Size);
    std::memcpy(to, text.data(), std::min(text.size(), Size));
  }
  int answer(int file, unsigned long request, void* data) {
    auto* chip = chip_of(file);
    if (chip == nullptr) return ENOTTY;
    if (request == GPIO_GET_CHIPINFO_IOCTL) {
      auto& info = *static_cast<gpiochip_info*>(data);
      put(info.name, chip->name);
      put(info.label, chip->label);
      info.lines = static_cast<std::uint32_t>(chip->lines.size());
      return 0;
    }
    if (request == GPIO_V2_GET_LINEINFO_IOCTL) {
      auto& info = *static_cast<gpio_v2_line_info*>(data);
      if (info.offset >= chip->lines.size()) return EINVAL;
      put(info.name, chip->lines[info.offset].first);
      put(info.consumer, chip->lines[info.offset].second);
      info.flags = chip->lines[info.offset].second.empty() ? 0 : GPIO_V2_LINE_FLAG_USED;
      return 0;
    }
    return request_line(*chip, *static_cast<gpio_v2_line_request*>(data));
  }
  int request_line(const FakeChip& chip, gpio_v2_line_request& request) {
    asked = request;
    if (!chip.lines[request.offsets[0]].second.empty()) return EBUSY;
    if (refusal != 0) return refusal;
    if (debounce_refusal != 0 && request.config.num_attrs > 0) return debounce_refusal;
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()) != 0) return errno;
    request.fd = ends[0];
    return 0;
  }
  GpioLineOptions options(std::string chip, std::string line) {
    GpioLineOptions out;
    out.place = {std::move(chip), std::move(line), folder.path()};
    return out;
  }
  std::string error(std::string chip, std::string line) {
    const auto opened = GpioLine(options(std::move(chip), std::move(line))).open();
    return opened ? "" : opened.error();
  }
  void event(std::uint32_t number, std::uint32_t id = GPIO_V2_LINE_EVENT_FALLING_EDGE) {
    gpio_v2_line_event event{};
    event.timestamp_ns = 1000 * number;
    event.id = id;
    event.line_seqno = number;
    ASSERT_EQ(::write(ends[1], &event, sizeof event), static_cast<ssize_t>(sizeof event));
  }
};

TEST_F(GpioLineTest, AsksTheKernelForEdgesAndDebouncing) {
  auto with = options((folder.path() / "gpiochip0").string(), "1");
  with.debounce_us = 5000;
  with.active_low = true;
  GpioLine line(with);
  const auto opened = line.open();
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_EQ(opened->what, "line 1 (GPIO1) of " + (folder.path() / "gpiochip0").string());
  EXPECT_EQ(opened->note, "");
  EXPECT_STREQ(asked.consumer, "weather-gateway");
  EXPECT_EQ(asked.offsets[0], 1U);
  EXPECT_EQ(asked.num_lines, 1U);
  EXPECT_EQ(asked.event_buffer_size, 1024U);
  EXPECT_EQ(asked.config.flags, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_FALLING |
                                    GPIO_V2_LINE_FLAG_BIAS_PULL_UP | GPIO_V2_LINE_FLAG_ACTIVE_LOW);
  ASSERT_EQ(asked.config.num_attrs, 1U);
  EXPECT_EQ(asked.config.attrs[0].attr.id, GPIO_V2_LINE_ATTR_ID_DEBOUNCE);
  EXPECT_EQ(asked.config.attrs[0].attr.debounce_period_us, 5000U);
  EXPECT_EQ(asked.config.attrs[0].mask, 1U);
}

TEST_F(GpioLineTest, AKernelThatDoesNotDebounceGivesAllEdgesToTheFilter) {
  debounce_refusal = EINVAL;
  auto with = options("pinctrl-test", "GPIO0");
  with.debounce_us = 5000;
  GpioLine line(with);
  const auto opened = line.open();
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_THAT(opened->note, HasSubstr("the gateway does"));
  EXPECT_EQ(asked.config.num_attrs, 0U);
  EXPECT_EQ(asked.config.flags & (GPIO_V2_LINE_FLAG_EDGE_FALLING | GPIO_V2_LINE_FLAG_EDGE_RISING),
            GPIO_V2_LINE_FLAG_EDGE_FALLING | GPIO_V2_LINE_FLAG_EDGE_RISING);
  auto filter = opened->filter;
  std::vector<Pulses> pulses;
  filter.take({0, false, 1}, pulses);
  EXPECT_EQ(filter.settles_at(), 5'000'000);
}

TEST_F(GpioLineTest, ReadsWhatWaitsAndTellsWhenTheLineIsLost) {
  GpioLine line(options("gpiochip0", "0"));
  ASSERT_TRUE(line.open());
  EXPECT_TRUE(line.read()->empty());
  event(1);
  event(2, GPIO_V2_LINE_EVENT_RISING_EDGE);
  const auto edges = line.read();
  ASSERT_TRUE(edges && edges->size() == 2);
  EXPECT_EQ(edges->at(0).time_ns, 1000);
  EXPECT_FALSE(edges->at(0).rising);
  EXPECT_TRUE(edges->at(1).rising);
  EXPECT_EQ(edges->at(1).number, 2U);
  event(3);
  ::close(ends[1]);
  ends[1] = -1;
  EXPECT_EQ(line.read()->size(), 1U);
  const auto lost = line.read();
  ASSERT_FALSE(lost);
  EXPECT_THAT(lost.error(), HasSubstr("lost line 0 (GPIO0)"));
  EXPECT_EQ(line.descriptor(), -1);
}

TEST_F(GpioLineTest, ALineOfSomebodyElseIsToldWithItsName) {
  EXPECT_THAT(error("pinctrl-test", "2"), HasSubstr("in use by \"w1\""));
}

TEST_F(GpioLineTest, AChipIsFoundByTheNameOfItsLine) {
  add("gpiochip1", {"gpiochip1", "other", {{"ID_SDA", ""}}});
  std::filesystem::create_symlink("gpiochip0", folder.path() / "gpiochip4");  // as on a Pi 5
  const auto found = find_gpio_line({"", "ID_SDA", folder.path()});
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->path.filename(), "gpiochip1");
  EXPECT_EQ(find_gpio_line({"", "GPIO1", folder.path()})->path.filename(), "gpiochip0");
  EXPECT_EQ(gpio_chip_names(folder.path()).size(), 2U);
  add("gpiochip2", {"gpiochip2", "third", {{"GPIO1", ""}}});
  EXPECT_THAT(error("", "GPIO1"), HasSubstr("say with chip"));
}

TEST_F(GpioLineTest, EveryFaultSaysWhatAndWhatToDo) {
  EXPECT_THAT(error("/nowhere/gpiochip0", "6"), HasSubstr("cannot open /nowhere/gpiochip0: No such file"));
  EXPECT_THAT(error("/dev/null", "6"), HasSubstr("/dev/null is no GPIO chip"));
  EXPECT_THAT(error("pinctrl-tset", "6"),
              HasSubstr("no GPIO chip has the label \"pinctrl-tset\"; there are " +
                        (folder.path() / "gpiochip0").string()));
  EXPECT_THAT(error("pinctrl-test", "6"), HasSubstr("has no line 6, only 0 to 2"));
  EXPECT_THAT(error("pinctrl-test", "GPIO6"), HasSubstr("has no line called \"GPIO6\""));
  EXPECT_THAT(error("", "GPIO6"), HasSubstr("no GPIO line is called \"GPIO6\"; there are"));
  EXPECT_THAT(error("", "6"), HasSubstr("line 6 of which chip?"));
  refusal = EINVAL;
  EXPECT_THAT(error("pinctrl-test", "0"), HasSubstr("cannot tell its edges: Invalid argument; it must be"));
}

}  // namespace
}  // namespace weather::sensors
