#include <gmock/gmock.h>

#include "gateway/config/bluetooth.hpp"
#include "gateway/doctor/bluetooth.hpp"
#include "gateway/init/plan.hpp"

namespace weather::gateway {
namespace {

namespace ble = sensors::bluetooth;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

tl::expected<Config, std::vector<ConfigError>> loaded_bluetooth(const std::string& text) {
  const std::vector<ConfigText> texts{{"main.toml", text}};
  return load(texts, {});
}

std::vector<std::string> bluetooth_faults_of(const std::string& text) {
  std::vector<std::string> out;
  if (const auto config = loaded_bluetooth(text); !config)
    for (const auto& error : config.error()) out.push_back(to_string(error));
  return out;
}

TEST(ConfigBluetooth, DevicesAloneAreEnough) {
  const auto config = loaded_bluetooth("[[bluetooth]]\ndevices = [\"a4:c1:38:00:00:01\"]\n");
  ASSERT_TRUE(config) << to_string(config.error().front());
  const auto options = receiver_options(config->bluetooth.at(0));
  EXPECT_FALSE(options.accept_all);
  EXPECT_THAT(options.devices, ElementsAre(0xA4C138000001));
  EXPECT_THAT(options.families, IsEmpty());
  EXPECT_EQ(options.repeat, std::chrono::minutes(1));
  EXPECT_THAT(config->source_names.at("bluetooth"), ElementsAre("bluetooth"));
}

TEST(ConfigBluetooth, SaysWhatIsWrong) {
  EXPECT_THAT(bluetooth_faults_of("[[bluetooth]]\n"),
              ElementsAre(HasSubstr("bluetooth[0].devices: must name the sensors that count")));
  EXPECT_THAT(bluetooth_faults_of("[[bluetooth]]\ndevices = [\"A4C138000001\"]\n"),
              ElementsAre(HasSubstr("\"A4C138000001\" is no address such as A4:C1:38:00:00:01")));
  EXPECT_THAT(bluetooth_faults_of("[[bluetooth]]\naccept = \"all\"\nfamilies = [\"ruvi\"]\n"),
              ElementsAre(HasSubstr("\"ruvi\" is none of bthome, ruuvi, govee, xiaomi, atc")));
  EXPECT_THAT(bluetooth_faults_of("[[bluetooth]]\naccept = \"all\"\nadapter = \"usb0\"\n"),
              ElementsAre(HasSubstr("must be such as hci0, or an adapter's address")));
  EXPECT_THAT(bluetooth_faults_of("[[bluetooth]]\naccept = \"all\"\nadapter = \"hci\"\n"),
              ElementsAre(HasSubstr("must be such as hci0")));
}

TEST(ConfigBluetooth, AnAdapterIsOneSections) {
  const std::string one = "[[bluetooth]]\naccept = \"all\"\nadapter = \"hci0\"\n";
  EXPECT_THAT(bluetooth_faults_of(one + one), testing::Contains(HasSubstr("bluetooth[0] has hci0 already")));
  EXPECT_THAT(bluetooth_faults_of(one + "[[bluetooth]]\naccept = \"all\"\nadapter = \"00:01:02:03:04:05\"\n"),
              IsEmpty());
}

TEST(DoctorBluetooth, SaysWhatIsMissingAndWhatToDo) {
  ble::BluezLook look;
  look.error = ble::BusError{"", "No such file or directory"};
  const auto judged = [&](const std::string& adapter = {}) {
    BluetoothConfig config;
    config.adapter = adapter;
    return judge_bluetooth(config, look);
  };
  EXPECT_EQ(judged().grade, Grade::warning);
  EXPECT_THAT(judged().text, HasSubstr("there is no D-Bus system bus (No such file or directory)"));
  look.bus = true;
  look.error = ble::BusError{"org.freedesktop.DBus.Error.ServiceUnknown", ""};
  EXPECT_THAT(judged().text, HasSubstr("systemctl enable --now bluetooth"));
  look.error = ble::BusError{"org.freedesktop.DBus.Error.AccessDenied", "Rejected"};
  EXPECT_THAT(judged().text, HasSubstr("16-bluetooth.conf"));
  look.error = ble::BusError{"org.bluez.Error.Failed", "odd"};
  EXPECT_EQ(judged().text, "bluetoothd: odd");
  look.error.reset();
  EXPECT_THAT(judged().text, HasSubstr("there is no Bluetooth adapter: "));
  auto& adapter = look.adapters["/org/bluez/hci0"];
  adapter.path = "/org/bluez/hci0";
  adapter.powered = false;
  EXPECT_THAT(judged().text, HasSubstr("hci0 is switched off"));
  EXPECT_THAT(judged("hci1").text, HasSubstr("no Bluetooth adapter hci1"));
  adapter.powered = true;
  EXPECT_EQ(judged().grade, Grade::ok);
  EXPECT_THAT(judged().text, HasSubstr("a discovery is run"));
  adapter.monitors = true;
  EXPECT_THAT(judged().text, HasSubstr("lets through what is looked for"));
}

TEST(InitBluetooth, WritesASectionThatLoadsWithEachDeviceOnALine) {
  InitAnswers answers;
  answers.id = "pi";
  answers.data_dir = "/tmp/data";
  answers.kafka.bootstrap = "127.0.0.1:9092";
  answers.bluetooth.adapter = "hci0";
  answers.bluetooth.sensors = {{"ble:A4:C1:38:00:00:01", "temperature 21.6 °C", "", false}};
  answers.bluetooth.devices = {"A4:C1:38:00:00:01"};
  const auto files = plan_files(answers, "main.toml");
  std::vector<ConfigText> texts;
  for (const auto& file : files) texts.push_back({file.path.string(), file.text});
  const auto config = load(texts, {});
  ASSERT_TRUE(config) << to_string(config.error().front());
  ASSERT_EQ(config->bluetooth.size(), 1U);
  EXPECT_EQ(config->bluetooth[0].adapter, "hci0");
  EXPECT_THAT(config->bluetooth[0].devices, ElementsAre("A4:C1:38:00:00:01"));
}

}  // namespace
}  // namespace weather::gateway
