"""Real programs and simulated hardware, end to end: what people on a Pi really have, to Kafka."""

import hashlib
import itertools
import json
import os
import pathlib
import subprocess
import threading
import unittest

from harness import suite
from harness.gateway import PROGRAM, Gateway, run
from harness.kafka import Kafka
from harness.modbus import settings
from harness.mosquitto import Mosquitto
from harness.process import Process
from harness.serial import SerialLine
from harness.sparkplug import EdgeNode, metric

TOPIC = "topic_weather"
TOKEN = "0123456789abcdef0123456789abcdef"
INSTRUMENT = pathlib.Path(os.environ.get("WEATHER_MODBUS_INSTRUMENT", PROGRAM.parent / "tests" / "modbus-instrument"))
PLAIN_READLINK = os.environ["WEATHER_PLAIN_READLINK"]
# Nexus-TH (decoder 19 of rtl_433), id 145, channel 1, 22.5 degC, 60 %: one row is sent four times.
NEXUS = "/".join(["{36}9180e1f3c"] * 4)
SOURCES = """
[sensors]
names = {{ "rtl433:Nexus-TH:1:147" = "attic" }}
[sparkplug]
host_id = "pi-roof"
[[mqtt]]
url = "{url}"
topics = ["rtl_433/+/events"]
format = "rtl_433"
client_id = "gateway-rtl"
[[mqtt]]
url = "{url}"
topics = ["tele/+/SENSOR"]
format = "tasmota"
client_id = "gateway-tasmota"
[[mqtt]]
url = "{url}"
topics = ["zigbee2mqtt/#"]
format = "zigbee2mqtt"
client_id = "gateway-zigbee"
[[mqtt]]
url = "{url}"
topics = ["+/events/rpc"]
format = "shelly-gen2"
client_id = "gateway-shelly"
[[mqtt]]
url = "{url}"
topics = ["spBv1.0/#"]
format = "sparkplug"
client_id = "gateway-sparkplug"
[[lines]]
path = "{pipe}"
format = "rtl_433"
[[http]]
listen = "127.0.0.1:{http}"
[[http]]
listen = "127.0.0.1:{https}"
name = "https"
cert_file = "{folder}/server.pem"
key_file = "{folder}/server.key"
tokens_file = "{folder}/tokens"
[[nmea]]
device = "{nmea}"
[[modbus]]
name = "rtu"
device = "{rtu}"
interval_s = 1
[[modbus.register]]
address = 2
type = "f32"
quantity = "wind_speed"
[[modbus.register]]
address = 0
table = "input"
quantity = "relative_humidity"
scale = 0.1
[[bus]]
kind = "iio"
interval = "1s"
[[bus]]
kind = "hwmon"
interval = "1s"
[[bus]]
kind = "one_wire"
interval = "1s"
"""
# What umockdev shows the gateway in place of this machine's /sys.
HARDWARE = """\
P: /devices/platform/i2c-1/1-0076/iio:device0
E: SUBSYSTEM=iio
E: DEVTYPE=iio_device
A: name=bme280\\n
A: in_temp_input=21840\\n
A: in_humidityrelative_input=48210\\n
A: in_pressure_input=101.325\\n

P: /devices/platform/i2c-1/1-0044/hwmon/hwmon7
E: SUBSYSTEM=hwmon
A: name=sht3x\\n
A: temp1_input=19250\\n
A: humidity1_input=51500\\n

P: /devices/w1_bus_master1/28-0316a2794bff
E: SUBSYSTEM=w1
A: w1_slave=72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\\n72 01 4b 46 7f ff 0e 10 57 t=23125\\n
"""


def setUpModule():
    global kafka, mosquitto, gateway, folder, pipe, http, https, nmea
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    mosquitto = Mosquitto().start()
    folder = suite.folder("sources")
    pipe, http, https, modbus = folder / "rtl_433", suite.free_port(), suite.free_port(), suite.free_port()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "server.key",
                    "-out", folder / "server.pem"], check=True, capture_output=True)
    (folder / "tokens").write_text(hashlib.sha256(TOKEN.encode()).hexdigest() + "\n")
    for secret in ("server.key", "tokens"):
        (folder / secret).chmod(0o600)
    os.mkfifo(pipe)
    nmea, rtu = SerialLine("nmea"), SerialLine("rtu")
    for arguments in (("tcp", modbus), ("rtu", rtu.far)):
        instrument = Process([INSTRUMENT, *arguments], folder / f"instrument-{arguments[0]}.log")
        unittest.addModuleCleanup(instrument.kill9)
        instrument.start()
        suite.wait_for(lambda one=instrument: "ready" in one.output(), f"the instrument answers: {instrument.output()}")
    hardware = folder / "hardware.umockdev"
    hardware.write_text(HARDWARE)
    gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC, extra=SOURCES.format(
        url=mosquitto.url, pipe=pipe, http=http, https=https, folder=folder, nmea=nmea.near, rtu=rtu.near) + settings("tcp", modbus))
    # Killed with its parent, which is what a test kills.
    gateway.process.command = ["env", f"TMPDIR={folder}", "umockdev-run", "-d", str(hardware), "--",
                               "sh", "-c", f'LD_PRELOAD="{PLAIN_READLINK} $LD_PRELOAD" exec "$@"', "sh",
                               "setpriv", "--pdeathsig", "KILL", "--", *gateway.process.command]
    gateway.start()
    suite.wait_for(lambda: " spBv1.0/#" in mosquitto.process.output(), "the gateway subscribes as a Sparkplug host")


def arrived(key, more=lambda value: True, after=0):
    """The first (value, headers) of `key` behind the first `after` records of the topic."""
    def look():
        for record in kafka.records(TOPIC)[after:]:
            if record.key == key and more(json.loads(record.value)):
                return json.loads(record.value), dict(record.headers)
        return None
    return suite.wait_for(look, lambda: f"{key} is in Kafka: {gateway.process.output()[-2000:]}", every=0.3)


def curl(*arguments):
    return subprocess.run(["curl", "--silent", "--show-error", "--max-time", "20", *map(str, arguments)], check=True,
                          capture_output=True, text=True, timeout=30).stdout


class Rtl433(unittest.TestCase):
    def decoded(self):
        """What the real rtl_433 says of the code, as JSON lines."""
        done = subprocess.run(["rtl_433", "-R", "19", "-F", "json", "-M", "time:iso:usec:tz", "-y", NEXUS], check=True,
                              capture_output=True, text=True, timeout=30)
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        self.assertEqual(len(lines), 1, done.stderr)
        return lines[0]

    def test_json_lines_through_mosquitto(self):
        subprocess.run(["mosquitto_pub", "-p", str(mosquitto.port), "-q", "1", "-t", "rtl_433/pi/events", "-l"],
                       input=self.decoded() + "\n", text=True, check=True, timeout=30)
        value, headers = arrived("rtl433:Nexus-TH:1:145")
        self.assertEqual((value["temperature"], value["humidity"]), (22.5, 60))
        self.assertEqual(headers["unit"], "metric")

    def test_a_new_battery_gives_a_new_id_and_the_sensor_keeps_its_name(self):
        changed = self.decoded().replace('"id" : 145', '"id" : 147')
        subprocess.run(["mosquitto_pub", "-p", str(mosquitto.port), "-q", "1", "-t", "rtl_433/pi/events", "-l"],
                       input=changed + "\n" + changed + "\n", text=True, check=True, timeout=30)
        self.assertEqual(arrived("attic")[0]["temperature"], 22.5)
        self.assertEqual(sum(r.key == "attic" for r in kafka.records(TOPIC)), 1, "a radio repeat is no second reading")

    def test_its_own_output_in_a_pipe(self):
        def write():  # a pipe opens once the gateway reads it
            with open(pipe, "w", encoding="utf-8") as out:
                out.write(self.decoded().replace('"id" : 145', '"id" : 146') + "\n")
        writer = threading.Thread(target=write)
        writer.start()
        self.assertEqual(arrived("rtl433:Nexus-TH:1:146")[0]["temperature"], 22.5)
        writer.join(10)


class MosquittoPub(unittest.TestCase):
    def publish(self, topic, payload):
        subprocess.run(["mosquitto_pub", "-p", str(mosquitto.port), "-q", "1", "-t", topic, "-m", payload], check=True,
                       timeout=30)

    def test_tasmota(self):
        self.publish("tele/garden/SENSOR", '{"Time":"2018-03-02T18:25:03","BME280":{"Temperature":71.78,"Humidity":32.4,'
                     '"Pressure":30.12},"PressureUnit":"inHg","TempUnit":"F"}')
        value, _ = arrived("tasmota:garden")
        self.assertEqual((value["temperature_BME280"], value["pressure_BME280"]), (22.1, 1020))

    def test_zigbee2mqtt(self):
        self.publish("zigbee2mqtt/attic", '{"battery":91,"humidity":43.2,"linkquality":87,"temperature":18.4}')
        self.assertEqual(arrived("zigbee2mqtt:attic")[0], {"humidity": 43.2, "temperature": 18.4, "linkquality": 87, "battery_level": 91})

    def test_shelly(self):
        self.publish("shellyplusht/events/rpc", '{"src":"shellyplusht","dst":"x","method":"NotifyFullStatus","params":{'
                     '"ts":1758349800.25,"temperature:0":{"id":0,"tC":19.8,"tF":67.6},"humidity:0":{"id":0,"rh":51.2}}}')
        value, _ = arrived("shelly:shellyplusht")
        self.assertEqual((value["temperature"], value["humidity"]), (19.8, 51.2))


class Consoles(unittest.TestCase):
    def test_an_ecowitt_console_is_answered_once_its_post_is_durable(self):
        form = ("PASSKEY=0123456789ABCDEF0123456789ABCDEF&stationtype=GW2000A_V3.1.5&dateutc=2024-10-03+19:42:19&tempf=51.44"
                "&humidity=76&winddir=181&windspeedmph=1.79&baromabsin=29.394&dailyrainin=0.04&lightning=&freq=868M&model=GW2000A")
        before = kafka.count(TOPIC)
        self.assertEqual(curl("--data", form, f"http://127.0.0.1:{http}/data/report/"), "OK")
        kafka.wait_for_count(TOPIC, before + 1)
        key = next(r.key for r in kafka.records(TOPIC)[before:] if r.key.startswith("ecowitt:GW2000A:"))
        value, _ = arrived(key)
        self.assertEqual((value["temperature"], value["humidity"]), (10.8, 76))
        self.assertNotIn("0123456789ABCDEF", json.dumps(value) + key)

    def test_a_weather_underground_station(self):
        url = (f"http://127.0.0.1:{http}/weatherstation/updateweatherstation.php?ID=KTEST1&PASSWORD=secret&dateutc=now"
               "&tempf=71.78&humidity=60&baromin=29.92&windspeedmph=10&action=updateraw")
        self.assertEqual(curl(url).strip(), "success")
        key = suite.wait_for(lambda: next((r.key for r in kafka.records(TOPIC) if "KTEST1" in r.key), None),
                             "the station is in Kafka")
        value, _ = arrived(key)
        self.assertEqual((value["temperature"], value["humidity"], value["wind_speed"]), (22.1, 60, 4.47))
        self.assertNotIn("secret", json.dumps(value))


    def test_a_program_pushes_over_https_with_its_token(self):
        url = f"https://127.0.0.1:{https}/v1/readings"
        event = '{"key":"pushed","value":{"temperature":71.78},"headers":{"unit":"imperial"}}'
        ask = ("--cacert", folder / "server.pem", "--header", "Content-Type: application/json", "--data", event)
        self.assertIn("unauthorised", curl(*ask, url))
        self.assertEqual(curl(*ask, "--header", f"Authorization: Bearer {TOKEN}", url, url).split(), ['{"accepted":1}'] * 2)
        value, headers = arrived("pushed")
        self.assertEqual((value["temperature"], headers["unit"]), (22.1, "metric"))
        plain = subprocess.run(["curl", "--silent", "--max-time", "5", url.replace("https", "http")], timeout=30, check=False)
        self.assertNotEqual(plain.returncode, 0)


class Sparkplug(unittest.TestCase):
    def test_births_aliases_a_gap_history_and_death(self):
        node = EdgeNode(mosquitto, "plant", "mast", [metric("Outdoor/Temperature", 1, 20.5)], primary_host="pi-roof")
        self.addCleanup(node.close)
        key = "spb:plant/mast"
        suite.wait_for(lambda: node.births, "the node hears that its host is there, and is born")
        before = kafka.count(TOPIC)
        node.data(metric(alias=1, value=21.5))
        arrived(key, lambda v: v.get("temperature_Outdoor") == 21.5)
        node.skip_a_number()
        node.data(metric(alias=1, value=22.5))
        suite.wait_for(lambda: node.rebirths, "a gap is a loss: the host asks for a rebirth")
        node.data(metric(alias=1, value=15.5, at_ms=1758349800000, historical=True))
        arrived(key, lambda v: v.get("temperature_Outdoor") == 15.5, before)
        node.death()
        arrived(key, lambda v: v.get("online") is False, before)

    def test_a_node_keeps_its_data_while_the_host_is_away(self):
        node = EdgeNode(mosquitto, "plant", "gate", [metric("Outdoor/Temperature", 1, 1.5)], primary_host="pi-roof")
        self.addCleanup(node.close)
        suite.wait_for(lambda: node.host_online, "the host is online")
        gateway.kill9()  # no goodbye: the broker says it, by the will
        suite.wait_for(lambda: not node.host_online, "STATE says that the host is gone")
        node.data(metric(alias=1, value=7.5))
        gateway.start()
        value, _ = arrived("spb:plant/gate", lambda v: v.get("temperature_Outdoor") == 7.5)
        self.assertEqual(value["temperature_Outdoor"], 7.5)
        said = [online for online, _ in itertools.groupby(b'"online":true' in state for state in node.states)]
        self.assertEqual(said, [True, False, True])


class Instruments(unittest.TestCase):
    def test_nmea_on_a_serial_line(self):
        with open(nmea.far, "wb", buffering=0) as line:
            line.write(b"$WIMWV,214.8,R,9.9,M,A*2F\r\n$WIXDR,C,22.5,C,AIR*11\r\n")
        key = suite.wait_for(lambda: next((r.key for r in kafka.records(TOPIC) if r.key.startswith("nmea:WI:")), None),
                             lambda: f"the station is in Kafka: {gateway.process.output()[-1000:]}")
        value, _ = arrived(key, lambda v: "wind_speed" in v)
        self.assertEqual((value["wind_speed"], value["wind_direction"]), (9.9, 214.8))

    def test_libmodbus_over_tcp(self):
        self.assertEqual(arrived("modbus:tcp")[0], {"wind_speed": 3.5, "temperature": -5.6})

    def test_libmodbus_over_a_serial_line(self):
        self.assertEqual(arrived("modbus:rtu")[0], {"wind_speed": 7.25, "humidity": 61.5})


class Umockdev(unittest.TestCase):
    """The kernel's own paths, through the system calls of the C library; no other root in the configuration."""

    def test_iio(self):
        self.assertEqual(arrived("iio:bme280:1-0076")[0], {"temperature": 21.84, "humidity": 48.21, "pressure": 1013.25})

    def test_hwmon(self):
        self.assertEqual(arrived("hwmon:sht3x:1-0044")[0], {"temperature": 19.25, "humidity": 51.5})

    def test_one_wire(self):
        self.assertEqual(arrived("w1:28-0316a2794bff")[0], {"temperature": 23.125})


class Sensors(unittest.TestCase):
    def test_each_is_listed_with_value_age_source_and_quality(self):
        arrived("modbus:tcp")
        listed = run("sensors", "-c", gateway.config).stdout
        line = next(line for line in listed.splitlines() if line.startswith("modbus:tcp "))
        self.assertRegex(line, r"^modbus:tcp +ok +\d+ s +modbus:tcp .*temperature -5\.6 °C")


if __name__ == "__main__":
    suite.main()
