#include "tests/unit/account/rows.hpp"

namespace weather::sensors {

std::vector<Row> rows_of_stations() {
  return {
      {"Ecowitt_batteries_in_volts", "ecowitt", "/",
       "PASSKEY=A&model=M&tempf=68&wh90batt=3.04&wh80batt=2.3&soilbatt1=1.6&tf_batt1=1.5&leaf_batt1=1.5&"
       "wh68batt=1.5&"
       "wh40batt=1.5&console_batt=3.1&ws90cap_volt=5.0",
       R"(ecowitt:M:559aead0 {"temperature":20,"battery_voltage_wh90":3.04,"battery_voltage_wh80":2.3,"battery_voltage_soil_ch1":1.6,"battery_voltage_probe_1":1.5,"battery_voltage_leaf_ch1":1.5,"battery_voltage_wh68":1.5,"battery_voltage_wh40":1.5,"battery_voltage_console":3.1,"battery_voltage_ws90_capacitor":5,"battery_low":true})"},
      {"Ecowitt_bars", "ecowitt", "/", "PASSKEY=A&model=M&tempf=68&leakbatt1=4&wh57batt=5&co2_batt=6",
       R"(ecowitt:M:559aead0 {"temperature":20,"battery_level_leak_ch1":80,"battery_level_wh57":100,"battery_level_co2":100})"},
      {"Ecowitt_soil", "ecowitt", "/", "PASSKEY=A&model=M&soil_ec_hum1=33&soil_ec_temp1=65.66&soil_ec1=1200",
       R"(ecowitt:M:559aead0 {"soil_moisture_ch1":33,"soil_temperature_ch1":18.7,"soil_conductivity_ch1_uS_cm":1200})"},
      {"Ecowitt_air_quality", "ecowitt", "/",
       "PASSKEY=A&model=M&pm1_co2=3&pm4_co2=4&pm25_24h_co2=7&co2in=600&pm25_avg_24h_ch1=6.0",
       R"(ecowitt:M:559aead0 {"pm1_co2":3,"pm4_co2":4,"pm2_5_co2_24h":7,"co2_indoor":600,"pm2_5_ch1_24h":6})"},
      {"Ecowitt_heat", "ecowitt", "/", "PASSKEY=A&model=M&vpd=0.102&bgt=77.0&wbgt=68.0",
       R"(ecowitt:M:559aead0 {"vapor_pressure_deficit_inHg":0.102,"black_globe_temperature_F":77,"wet_bulb_globe_temperature_F":68})"},
      {"Ecowitt_depth", "ecowitt", "/", "PASSKEY=A&model=M&depth_ch1=300&air_ch1=1200&thi_ch1=1500",
       R"(ecowitt:M:559aead0 {"depth_ch1_mm":300,"air_gap_ch1_mm":1200,"total_height_ch1_mm":1500})"},
      {"Ecowitt_lightning", "ecowitt", "/",
       "PASSKEY=A&model=M&lightning_num=3&lightning=12&lightning_time=1795000000",
       R"(ecowitt:M:559aead0 {"lightning_count":3,"lightning_distance":12,"lightning_time_s":1795000000})"},
      {"Ecowitt_day", "ecowitt", "/", "PASSKEY=A&model=M&24hourrainin=0.5&train_piezo=1.0",
       R"(ecowitt:M:559aead0 {"rain_24h":12.7,"rain_piezo_total":25.4})"},
      {"Ecowitt_felt_temperatures", "ecowitt", "/",
       "PASSKEY=A&model=M&dewptf=50&windchillf=50&heatindexf=50&feelslikef=50",
       R"(ecowitt:M:559aead0 {"dew_point":10,"wind_chill":10,"heat_index":10,"feels_like":10})"},
      {"Ambient_milliseconds", "ecowitt", "/",
       "PASSKEY=A&stationtype=AMBWeatherV4&tempf=68&lightning_time=1795000000000",
       R"(ecowitt:unknown:559aead0 {"temperature":20,"lightning_time_ms":1795000000000})"},
      {"Ambient_miles", "ecowitt", "/",
       "PASSKEY=A&stationtype=AMBWeatherV4&lightning_distance=10&feelsLike=68&soilhum1=20",
       R"(ecowitt:unknown:559aead0 {"lightning_distance":16.1,"feels_like":20,"soil_moisture_ch1":20})"},
      {"Console_line_end_in_the_last_field", "ecowitt", "/", "tempf=68&PASSKEY=A&model=M&humidity=50\r\n",
       R"(ecowitt:M:559aead0 {"temperature":20,"humidity":50})"},
      {"Acurite_probe", "wunderground", "/", "ID=K&sensor=0001&ptempf=68&phumidity=50",
       R"(wunderground:K:0001 {"temperature_probe":20,"humidity_probe":50})"},
      {"Wunderground_metric_style", "wunderground", "/",
       "ID=K&outtemp=20&absbaro=1000&windspeed=3.5&dailyrain=1.2&UVI=3",
       R"(wunderground:K {"temperature":20,"pressure":1000,"wind_speed":3.5,"rain_daily":1.2,"uv_index":3})"},
      {"Nmea_MDA", "nmea", "p",
       "$WIMDA,29.7544,I,1.0076,B,35.5,C,18.2,C,42.1,,20.6,C,116.4,T,107.7,M,1.2,N,0.6,M",
       R"(nmea:WI:ttyUSB0 {"pressure":1007.6,"temperature":35.5,"water_temperature":18.2,"humidity":42.1,"dew_point":20.6,"wind_direction":116.4,"wind_speed":0.6})"},
      {"Nmea_MTA", "nmea", "p", "$WIMTA,12.5,C", R"(nmea:WI:ttyUSB0 {"temperature":12.5})"},
      {"Nmea_MTA_in_fahrenheit", "nmea", "p", "$WIMTA,50.0,F", R"(nmea:WI:ttyUSB0 {"temperature":10})"},
      {"Nmea_MTW", "nmea", "p", "$YXMTW,17.75,C", R"(nmea:YX:ttyUSB0 {"water_temperature":17.75})"},
      {"Nmea_MHU", "nmea", "p", "$WIMHU,66.0,,8.1,C", R"(nmea:WI:ttyUSB0 {"humidity":66,"dew_point":8.1})"},
      {"Nmea_MMB", "nmea", "p", "$WIMMB,29.92,I,,B", R"(nmea:WI:ttyUSB0 {"pressure":1013.2})"},
      {"Nmea_MWV", "nmea", "p", "$WIMWV,214.8,R,3.6,K,A",
       R"(nmea:WI:ttyUSB0 {"wind_direction":214.8,"wind_speed":1})"},
      {"Nmea_MWD", "nmea", "p", "$WIMWD,116.4,T,107.7,M,1.2,N,0.6,M",
       R"(nmea:WI:ttyUSB0 {"wind_direction":116.4,"wind_speed":0.6})"},
      {"Nmea_VWR", "nmea", "p", "$IIVWR,045.0,L,12.6,N,6.5,M,23.3,K",
       R"(nmea:II:ttyUSB0 {"wind_direction":315,"wind_speed":6.5})"},
      {"Nmea_VWT", "nmea", "p", "$IIVWT,030.0,R,10.1,N,,,,",
       R"(nmea:II:ttyUSB0 {"wind_direction":30,"wind_speed":5.2})"},
      {"Nmea_supply", "nmea", "p", "$WIXDR,U,12.1,N,0,U,12.3,V,1",
       R"(nmea:WI:ttyUSB0 {"battery_voltage":12.3,"U_0_N":12.1})"},
      {"Wxt_composite", "vaisala-wxt", "/dev/ttyUSB0",
       "0R0,Dn=200D,Dm=236D,Dx=283D,Sn=0.1M,Sm=1.2M,Sx=3.4M,Ta=21.4C,Ua=38.2P,Pa=1012.3H,Rc=0.50M,Rd=20s,Ri="
       "1.2M,"
       "Hc=0.0M,Th=23.1C,Vh=12.0N,Vs=12.2V",
       R"(vaisala:ttyUSB0 {"wind_direction_min":200,"wind_direction":236,"wind_direction_max":283,"wind_speed_min":0.1,"wind_speed":1.2,"wind_speed_max":3.4,"temperature":21.4,"humidity":38.2,"pressure":1012.3,"rain":0.5,"rain_duration_s":20,"rain_rate":1.2,"hail_hits_per_cm2":0,"temperature_heater":23.1,"heater_voltage_V":12,"supply_voltage_V":12.2,"0":"0R0"})"},
      {"Wxt_other_units", "vaisala-wxt", "tcp://10.0.0.1:4001", "0R1,Sm=10.0K,Ta=70.7F,Pa=29.92I,Rc=0.5I",
       R"(vaisala:10.0.0.1:4001 {"wind_speed":2.78,"temperature":21.5,"pressure":1013.2,"rain":12.7,"0":"0R1"})"},
      {"Wxt_without_a_value", "vaisala-wxt", "/dev/ttyUSB0", "0R1,Dm=000#,Sm=000#,Ta=21.4C",
       R"(vaisala:ttyUSB0 {"wind_direction":null,"wind_speed":null,"temperature":21.4,"quality":{"wind_direction":"missing","wind_speed":"missing"},"0":"0R1"})"},
  };
}

}  // namespace weather::sensors
