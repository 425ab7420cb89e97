// The gateway's configuration, typed and complete: what load() makes of the files. Plain data, no behaviour.
// Every member is set from the table in schema.cpp, defaults included: they are written there and nowhere
// else.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sensors/buses/modbus.hpp"
#include "sensors/mapping/mapping.hpp"
#include "sensors/quality/settings.hpp"
#include "sensors/sparkplug/options.hpp"

namespace weather::gateway {

// Where a value came from, for messages and `config show --origin`. file "": the built-in default.
struct Place {
  std::string file;
  std::uint32_t line = 0, column = 0;
};

struct GatewayConfig {
  std::string id;  // empty: the host name
  std::filesystem::path data_dir;
  std::filesystem::path control_socket;  // empty: see control_socket()
  std::string log_level;
};

// What the process may take of the machine.
struct LimitsConfig {
  std::uint64_t memory_bytes{};
};

struct LogConfig {
  std::uint64_t segment_bytes{}, max_bytes{}, min_free_bytes{}, keep_sent_bytes{};
  std::string on_full, durability;
  std::chrono::milliseconds commit_interval{};
};

// What connections go through; url empty: nothing.
struct ProxyConfig {
  std::string url, username;
  std::filesystem::path password_file, ca_file;
  std::vector<std::string> no_proxy;
};

struct KafkaConfig {
  std::string topic, key, layout, format, units, profile, delivery;
  std::vector<std::string> omit_headers;
  std::uint64_t schema_id{};
  std::filesystem::path properties_file;  // absolute once loaded; empty: none
  std::map<std::string, std::string> properties, headers, aliases;
  std::uint64_t window_records{}, window_bytes{};
  bool status_members{};
  ProxyConfig proxy;
};

struct BacklogConfig {
  std::string order, refused_time, past_retention;
  double live_share{};
  std::uint64_t max_rate{};
  std::chrono::milliseconds start_jitter{};
  std::vector<std::string> hold;
};

struct DeadLettersConfig {
  std::uint64_t max_bytes{};
  std::string topic;
};

// One of several ways out, each with its own cursor. What is empty is as [kafka] says.
struct RouteConfig {
  std::string name, topic, key, layout, format, units;
  std::map<std::string, std::string> match, headers, properties, aliases;
  std::vector<std::string> omit_headers;
  std::uint64_t schema_id{};
  bool status_members = true;
  std::chrono::milliseconds period{}, heartbeat{};
  std::vector<std::string> statistics;
  std::map<std::string, std::string> changes;
  std::string to;  // another gateway's URL, instead of Kafka; with what to show it
  std::filesystem::path ca_file, cert_file, key_file, token_file;
  bool proxy{};  // through that of [kafka.proxy]
};

struct SchemaRegistryConfig {
  std::string url, username, subject, id_in;
  std::filesystem::path password_file, ca_file;
  bool enrol{};
};

struct MqttConfig {
  std::string url;
  std::vector<std::string> topics;
  std::uint64_t qos{};
  std::string format, protocol, client_id, username;
  std::filesystem::path password_file, ca_file, cert_file, key_file;
  bool proxy{};                              // through that of [kafka.proxy]
  std::string name;                          // empty: "mqtt:host:port"
  std::map<std::string, std::string> table;  // settings of the format
  std::map<std::string, std::string> units;  // of numbers whose unit no message says
};

struct ListenerConfig {
  std::string listen;
  std::vector<std::string> topics;
  std::string format;
  std::filesystem::path cert_file, key_file, client_ca_file, users_file;
  std::uint64_t max_connections{}, max_packet_bytes{}, max_messages_per_s{}, receive_maximum{};
  std::string ids;   // "any", or "user": a reading must be of one of its user's sensors
  std::string name;  // empty: "listener:host:port"
  std::map<std::string, std::string> table;  // settings of the format
  std::map<std::string, std::string> units;
};

// Pushed readings: consoles of weather stations, scripts.
struct HttpConfig {
  std::string listen;
  std::filesystem::path cert_file, key_file, client_ca_file, tokens_file;
  std::vector<std::string> hosts;
  std::string ids;
  bool relay{};
  std::string name;  // empty: "http"
  std::map<std::string, std::string> units;
};

// Messages as lines of a file, a pipe or the standard input.
struct LinesConfig {
  std::string path, format;
  bool follow{};
  std::string name;                          // empty: "lines:PATH"
  std::map<std::string, std::string> table;  // settings of the format
  std::map<std::string, std::string> units;
};

struct UdpConfig {
  std::string listen, format;
  bool lines{};
  std::vector<std::string> from;
  std::uint64_t buffer{};
  std::string name;                          // empty: "udp:host:port"
  std::map<std::string, std::string> table;  // settings of the format
  std::map<std::string, std::string> units;
};

struct WeatherlinkConfig {
  std::string address, name;
  std::chrono::milliseconds interval{};
  bool wind{};
};

struct ProgramConfig {
  std::string name, format;
  std::chrono::milliseconds deaf_after{};
  std::map<std::string, std::string> table;  // settings of the format
  std::map<std::string, std::string> units;
};

struct SensorsConfig {
  std::map<std::string, std::string> names, ignore;  // ignore: why
  bool quality{}, rain_delta{}, dew_point{};
  std::chrono::milliseconds repeat_window{};
};

// When a sensor counts as silent.
struct SilenceConfig {
  bool enabled{};
  double factor{};
  std::chrono::milliseconds at_least{}, at_most{};
  std::map<std::string, std::string> sensors;  // "10m" or "never", by name
};

struct BusConfig {
  std::string kind;
  std::chrono::milliseconds interval{};
  std::vector<std::string> names, celsius;
  std::filesystem::path root;
};

// A chip on an I2C bus, read without a driver of the kernel.
struct I2cConfig {
  std::string chip, device;
  std::uint64_t address{};  // 0: the chip's own
  std::chrono::milliseconds interval{};
  std::uint64_t heater{}, altitude{};  // degC of a BME680's plate, 0: no gas; metres, of an SCD4x
  std::chrono::milliseconds heater_for{};
  std::string name;  // empty: "i2c:CHIP:BUS-ADDRESS"
};

// Sensors heard by Bluetooth LE.
struct BluetoothConfig {
  std::string adapter;  // empty: the first that is switched on
  std::string accept;   // "known": devices and those with a key
  std::vector<std::string> devices, families;
  std::filesystem::path keys_file;
  std::chrono::milliseconds repeat{};
  std::string name;  // empty: "bluetooth:ADAPTER"
};

struct SerialConfig {
  std::string device, format, framing;
  std::uint64_t baud{};
  std::vector<std::string> poll;
  std::chrono::milliseconds interval{};
  std::string name;                          // empty: "serial:DEVICE"
  std::map<std::string, std::string> table;  // settings of the format
  std::map<std::string, std::string> units;
};

struct NmeaConfig {
  std::string device, name;
  std::uint64_t baud{};
  bool fixed_mast{};
};

// Pulses on a line of GPIO.
struct PulseConfig {
  std::string name, chip, line, kind, edge, bias;
  bool active_low{};
  std::chrono::milliseconds debounce{}, window{};
  double mm_per_tip{}, m_s_per_hz{}, m_s_offset{};
  std::string vane, vane_between;
  std::map<std::string, std::string> vane_degrees;  // by millivolts
  std::filesystem::path root;
};

struct ModbusConfig {
  sensors::ModbusOptions options;
  std::chrono::milliseconds interval{};
};

struct SimulatorConfig {
  std::uint64_t stations{}, seed{};
  std::chrono::milliseconds interval{};
  bool flaky{}, nonsense{};
  std::string name;  // empty: "simulator"
};

struct ClockConfig {
  std::string trust;
  std::filesystem::path synchronised_file;
  std::chrono::milliseconds hold{}, max_future{}, max_past{};
};

struct WebConfig {
  bool enabled{};
  std::string listen;
  std::vector<std::string> hosts;
  std::filesystem::path cert_file, key_file, users_file;
};

// The compacted topic in which every gateway says how it is.
struct FleetConfig {
  std::string topic;  // empty: nothing is said
  std::chrono::milliseconds interval{};
};

struct DownlinkConfig {
  std::string topic;  // empty: nothing is taken from anybody
  std::string group;
  std::map<std::string, std::string> keys;  // public keys by their ids
  std::chrono::milliseconds confirm_within{};
  std::vector<std::string> allow, sections;
};

struct DeviceConfig {
  std::filesystem::path root;
};

// Of the flashable image.
struct UpdateConfig {
  std::string url;  // of latest.json
  std::vector<std::string> hold;
};

struct Config {
  std::int64_t config_version{};
  GatewayConfig gateway;
  LimitsConfig limits;
  LogConfig log;
  KafkaConfig kafka;
  BacklogConfig backlog;
  DeadLettersConfig dead_letters;
  SchemaRegistryConfig schema_registry;
  std::vector<RouteConfig> route;  // none: one route by the name of "kafka", as [kafka] says
  WebConfig web;
  ClockConfig clock;
  DeviceConfig device;
  FleetConfig fleet;
  UpdateConfig update;
  DownlinkConfig downlink;
  SensorsConfig sensors;
  SilenceConfig silence;
  std::vector<MqttConfig> mqtt;
  std::vector<ListenerConfig> listener;
  std::vector<HttpConfig> http;
  std::vector<LinesConfig> lines;
  std::vector<BusConfig> bus;
  std::vector<I2cConfig> i2c;
  std::vector<BluetoothConfig> bluetooth;
  std::vector<UdpConfig> udp;
  std::vector<WeatherlinkConfig> weatherlink;
  std::vector<ProgramConfig> program;
  std::vector<SerialConfig> serial;
  std::vector<NmeaConfig> nmea;
  std::vector<PulseConfig> pulse;
  std::vector<SimulatorConfig> simulator;
  std::vector<sensors::Mapping> mapping;  // format = "mapping": all [[mapping]] of the files
  std::vector<ModbusConfig> modbus;
  sensors::QualitySettings quality;
  sensors::SparkplugOptions sparkplug;
  std::vector<sensors::FieldRule> lorawan;  // fields of the users' own codecs
  // What each source goes by, by section and in its order: "mqtt" -> "mqtt:pi:1883". No two are the same.
  std::map<std::string, std::vector<std::string>> source_names;
  // By full key: "kafka.topic", "mqtt[0].url", "kafka.properties.acks". Only what a file or the environment
  // set.
  std::map<std::string, Place> places;
  // Where the tables begin: "kafka", "mqtt[0]"; "": the first file. See fault_at() in load.hpp.
  std::map<std::string, Place> tables;
  std::map<std::string, std::string> values;  // the same keys as they were written, for `config show`
};

}  // namespace weather::gateway
