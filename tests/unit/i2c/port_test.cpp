// Against the /dev/i2c-1 of fake_i2c_dev.cpp, which is linked into this program.
#include "sensors/i2c/port.hpp"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>

#include "sensors/i2c/reader.hpp"
#include "sensors/reading/render.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::sensors::i2c {
namespace {

using testing::HasSubstr;

class I2cDevice : public testing::Test {
 protected:
  I2cDevice() { ::setenv("FAKE_I2C_FILE", file_.c_str(), 1); }
  ~I2cDevice() override { ::unsetenv("FAKE_I2C_FILE"); }
  void wrong(const std::string& text) { std::ofstream(file_) << text; }

  TemporaryFolder folder_;
  const std::string file_ = (folder_.path() / "faults").string();
  DevicePort port{"/dev/i2c-1"};
};

TEST_F(I2cDevice, WritesAndReadsInOneTransaction) {
  EXPECT_EQ(port.transfer(0x76, {0xD0}, 1), Bytes{0x61});
  EXPECT_EQ(port.transfer(0x70, {0x35, 0x17}, 0), Bytes{});
  EXPECT_EQ(port.transfer(0x70, {0xEF, 0xC8}, 0), Bytes{});
  EXPECT_EQ(port.transfer(0x70, {}, 3).value().size(), 3U);
}

TEST_F(I2cDevice, SaysWhatToDoWhereNothingAnswers) {
  EXPECT_EQ(port.transfer(0x33, {0x00}, 1).error(),
            "nothing answers at 0x33 on /dev/i2c-1: look at its supply, its wires and its address");
  wrong("gone 76\n");
  EXPECT_FALSE(port.transfer(0x76, {0xD0}, 1));
  wrong("");
  EXPECT_EQ(port.transfer(0x76, {0xD0}, 1), Bytes{0x61});
}

TEST_F(I2cDevice, LeavesAChipToTheKernelsDriver) {
  wrong("kernel 76\n");
  EXPECT_THAT(port.transfer(0x76, {0xD0}, 1).error(), HasSubstr("a driver of the kernel has 0x76"));
  wrong("");
  EXPECT_TRUE(port.transfer(0x76, {0xD0}, 1));
}

TEST_F(I2cDevice, SaysWhatToDoWithoutABus) {
  EXPECT_THAT(DevicePort("/dev/i2c-7").transfer(0x76, {0xD0}, 1).error(), HasSubstr("dtparam=i2c_arm=on"));
  EXPECT_THAT(DevicePort("/dev/null").transfer(0x76, {0xD0}, 1).error(),
              HasSubstr("/dev/null is no I2C bus"));
}

TEST_F(I2cDevice, AReaderGetsItsReadingsThroughIt) {
  Reader reader({"bme680", "/dev/i2c-1", 0, {}}, std::make_unique<DevicePort>("/dev/i2c-1"));
  EXPECT_EQ(render_value_json(reader.poll().at(0)),
            R"({"temperature":26.69,"humidity":42.41,"pressure":987.17,"gas_resistance_Ohm":499500})");
  wrong("gone 76\n");
  EXPECT_TRUE(reader.poll().empty());
  EXPECT_FALSE(reader.status().up);
  wrong("");
  EXPECT_EQ(reader.poll().size(), 1U);
}

}  // namespace
}  // namespace weather::sensors::i2c
