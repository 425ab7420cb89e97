#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "gateway/doctor/devices.hpp"

namespace weather::gateway {
namespace {

using testing::HasSubstr;

struct DoctorDevices : testing::Test {
  DoctorDevices() { std::filesystem::create_directories(folder); }
  ~DoctorDevices() override { std::filesystem::remove_all(folder); }
  std::string make(const std::string& name) {
    std::ofstream(folder / name) << "x\n";
    return folder / name;
  }
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("doctor_devices." + std::to_string(::getpid()));
  Config config;
};

TEST_F(DoctorDevices, WhatIsThereIsSaidAndWhatIsNotIsAWarningWithItsName) {
  config.i2c.emplace_back().device = make("i2c-1");
  config.i2c.emplace_back().device = folder / "i2c-9";
  config.nmea.emplace_back().device = folder / "ttyUSB0";
  config.serial.emplace_back().device = "tcp://10.0.0.1:4001";  // is asked when it runs
  config.serial.emplace_back().device = make("ttyS0");
  config.lines.emplace_back().path = "-";
  config.lines.emplace_back().path = folder / "*.csv";
  config.lines.emplace_back().path = folder / "tty*";
  const auto found = look_at_devices(config);
  ASSERT_EQ(found.size(), 6);
  EXPECT_EQ(found[0].grade, Grade::ok);
  EXPECT_EQ(found[1].grade, Grade::warning);
  EXPECT_THAT(found[1].text, HasSubstr("i2c-9: No such file or directory"));
  EXPECT_EQ(found[2].grade, Grade::ok);
  EXPECT_THAT(found[3].text, HasSubstr("ttyUSB0: No such file or directory"));
  EXPECT_THAT(found[4].text, HasSubstr("no file is named by " + (folder / "*.csv").string()));
  EXPECT_THAT(found[5].text, HasSubstr("1 file is named by"));
}

}  // namespace
}  // namespace weather::gateway
