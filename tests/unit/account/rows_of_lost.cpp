#include "tests/unit/account/rows.hpp"

namespace weather::sensors {

std::vector<Row> rows_of_lost() {
  return {
      // The battery is a member.
      {"Battery_of_a_status_event", "chirpstack", "application/1/device/d/event/status",
       R"({"deviceInfo":{"devEui":"AB"},"batteryLevel":75.3})", R"(lora:ab {"battery_level":75.3})"},
      {"Battery_and_signal_theengs", "openmqttgateway", "home/g/BTtoMQTT/A",
       R"({"id":"a4c138000001","type":"THB","tempc":21,"batt":90,"volt":2.9,"rssi":-71})",
       R"(ble:A4:C1:38:00:00:01 {"temperature":21,"battery_level":90,"battery_voltage":2.9,"signal_strength":-71,"id":"a4c138000001","type":"THB"})"},
      {"Battery_low_of_a_console", "ecowitt", "/",
       "PASSKEY=A&model=M&tempf=68&batt1=1&wh65batt=0&soilbatt2=1.2",
       R"(ecowitt:M:559aead0 {"temperature":20,"battery_low_ch1":true,"battery_low_wh65":false,"battery_voltage_soil_ch2":1.2,"battery_low":true})"},
      {"Battery_good_of_ambient", "ecowitt", "/",
       "PASSKEY=A&stationtype=AMBWeatherV4.2.9&tempf=68&batt1=1&battout=1",
       R"(ecowitt:unknown:559aead0 {"temperature":20,"battery_low_ch1":false,"battery_low_outdoor":false})"},
      {"Battery_low_wunderground", "wunderground", "/", "ID=K&tempf=68&lowbatt=1",
       R"(wunderground:K {"temperature":20,"battery_low":true,"lowbatt":1})"},
      {"Battery_low_rtl_433", "rtl_433", "r", R"({"model":"N","id":1,"temperature_C":1,"battery_ok":0})",
       R"(rtl433:N:1 {"temperature":1,"battery_level":0,"battery_low":true})"},
      {"Battery_low_weewx", "weewx", "weather/loop", R"({"outTemp_C":1,"outTempBatteryStatus":1})",
       R"(weewx:weather {"temperature":1,"battery_low":true})"},
      {"Battery_low_bits_weewx", "weewx", "weather/loop", R"({"outTemp_C":1,"txBatteryStatus":4})",
       R"(weewx:weather {"temperature":1,"battery_low":true,"txBatteryStatus":4})"},
      {"Battery_in_millivolts", "chirpstack", "application/1/device/d/event/up",
       R"({"deviceInfo":{"devEui":"AB"},"object":{"temperature":1,"vdd":3600}})",
       R"(lora:ab {"temperature":1,"battery_voltage":3.6})"},
      // One half of a message does not hide the other.
      {"Halves_of_an_uplink", "things-stack", "v3/a@t/devices/d/up",
       R"({"end_device_ids":{"dev_eui":"AB"},"uplink_message":{"frm_payload":"AA==","normalized_payload":[{"air":{"temperature":21.4}}],"decoded_payload":{"temp":21.4,"soil_temperature":4.2}}})",
       R"(lora:ab {"temperature":21.4,"soil_temperature":4.2})"},
      // Objects of value and unit, and lists of typed measurements.
      {"Typed_decentlab", "chirpstack", "application/1/device/d/event/up",
       R"({"deviceInfo":{"devEui":"AB"},"object":{"air_temperature":{"value":20.1,"unit":"°C","displayName":"Air temperature"},"atmospheric_pressure":{"value":97.34,"unit":"kPa"},"solar_radiation":{"value":500,"unit":"W⋅m⁻²"},"maximum_wind_speed":{"value":3.2,"unit":"m⋅s⁻¹"}}})",
       R"(lora:ab {"temperature":20.1,"pressure":973.4,"solar_radiation":500,"wind_gust":3.2})"},
      {"Typed_soil", "chirpstack", "application/1/device/d/event/up",
       R"({"deviceInfo":{"devEui":"AB"},"object":{"volumetric_water_content":{"value":0.23,"unit":"m³⋅m⁻³"}}})",
       R"(lora:ab {"soil_moisture":23})"},
      {"Typed_component", "chirpstack", "application/1/device/d/event/up",
       R"({"deviceInfo":{"devEui":"AB"},"object":{"wind_speed":3,"north_wind_speed":{"value":1.2,"unit":"m⋅s⁻¹"}}})",
       R"(lora:ab {"wind_speed":3,"north_wind_speed":{"value":1.2,"unit":"m⋅s⁻¹"}})"},
      {"Typed_sensecap", "chirpstack", "application/1/device/d/event/up",
       R"({"deviceInfo":{"devEui":"AB"},"object":{"messages":[{"measurementId":"4097","measurementValue":21.4,"type":"Air Temperature"},{"measurementId":4101,"measurementValue":"101320","type":"Barometric Pressure"}]}})",
       R"(lora:ab {"temperature":21.4,"pressure":1013.2})"},
      {"Typed_list", "chirpstack", "application/1/device/d/event/up",
       R"({"deviceInfo":{"devEui":"AB"},"object":{"sensors":[{"type":"temperature","value":68,"unit":"F"},{"type":"humidity","value":20}]}})",
       R"(lora:ab {"temperature":20,"humidity":20})"},
      // What is no weather is passed over.
      {"Passed_plug", "tasmota", "tele/r/SENSOR", R"({"ENERGY":{"Power":12}})", "passed over"},
      {"Passed_plug_voltage", "zigbee2mqtt", "zigbee2mqtt/plug", R"({"voltage":230.5})", "passed over"},
      {"Passed_switch", "shelly-gen2", "s/events/rpc",
       R"({"src":"s","method":"NotifyStatus","params":{"ts":1758349800,"switch:0":{"id":0,"output":true}}})",
       "passed over"},
      {"Passed_availability", "zigbee2mqtt", "zigbee2mqtt/a/availability", R"({"state":"online"})",
       "passed over"},
      {"Passed_cleared", "zigbee2mqtt", "zigbee2mqtt/a", "", "passed over"},
      {"Passed_cleared_line_end", "esphome", "g/sensor/temperature/state", "\n", "passed over"},
      {"Passed_last_will", "tasmota", "tele/r/LWT", "Online", "passed over"},
      {"Passed_door", "openmqttgateway", "home/g/BTtoMQTT/A",
       R"({"id":"a4c138000001","type":"DOOR","open":true})", "passed over"},
      {"Passed_text_of_the_first_generation", "shelly-gen2", "shellies/ht/sensor/ext_power", "false",
       "passed over"},
      {"Passed_relay", "shelly-gen2", "shellies/s1/relay/0", "on", "passed over"},
      {"Passed_sentence", "nmea", "p", "$GPGGA,1", "passed over"},
  };
}

}  // namespace weather::sensors
