"""Sensors by Bluetooth LE: from a bluetoothd that is dbusmock's, on a bus of the test's own, through the gateway, to Kafka."""

import json
import os
import struct
import subprocess
import time
import unittest

from harness import suite
from harness.bluez import DENY, Bluetoothd, Bus
from harness.gateway import PROGRAM, Gateway, run
from harness.kafka import Kafka, headers
from harness.mosquitto import Mosquitto

TOPIC = "topic_weather"
BTHOME, RUUVI, ATC = 0xFCD2, 0x0499, 0x181A
ROOF, TAG, SHED, SEALED = "A4:C1:38:00:00:01", "CB:B8:33:4C:88:4F", "A4:C1:38:00:00:03", "54:48:E6:8F:80:A5"
ALL_TAKEN = "A4:C1:38:00:00:09"
# The example of bthome.io's encryption: 25.06 Cel and 50.55 %.
SEALED_KEY, SEALED_PACKET = "231d39c1d7cc1ab1aee224cd096db932", "41a47266c95f730011223378237214"
CROWD_PER_MINUTE, CROWD_S, MOST_CPU = 5000, 30, 0.01
KEYS = "[[bluetooth]]\ndevices = {devices}\nkeys_file = \"{keys}\"\n{more}"


def setUpModule():
    global kafka, mosquitto, bus, bluetoothd, gateway
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    mosquitto = Mosquitto().start()
    bus = Bus().start()
    bluetoothd = Bluetoothd(bus).start("hci0")
    gateway = bus.of(Gateway(mosquitto, kafka.bootstrap, TOPIC, extra=section([ROOF, TAG, SHED]))).start()
    bluetoothd.wait_until_scanned()


def section(devices, more=""):
    keys = suite.folder("keys") / "keys"
    keys.write_text(f"{SEALED} {SEALED_KEY}\n")
    keys.chmod(0o600)
    return KEYS.format(devices=json.dumps(devices), keys=keys, more=more)


def bthome(packet, celsius):
    return BTHOME, f"4000{packet:02x}02{struct.pack('<h', round(celsius * 100)).hex()}"


def source(of=None):
    status = json.loads(run("status", "--json", "-c", (of or gateway).config).stdout)
    return next(one for one in status["sources"] if one["kind"] == "bluetooth")


def checked(environment, config, name="bluetooth"):
    """What `check` says of Bluetooth."""
    done = run("check", "--json", "--offline", "-c", config, env={**os.environ, **environment})
    return next(f"{one['text']}: {one['todo']}" if one.get("todo") else one["text"]
                for one in json.loads(done.stdout)["checks"] if one["check"] == name)


class Bluetooth(unittest.TestCase):
    packet = 0

    def next_packet(self):
        Bluetooth.packet = (Bluetooth.packet + 1) % 256
        return Bluetooth.packet

    def records(self, key):
        return [record for record in kafka.records(TOPIC) if record.key == key]

    def temperatures(self, key):
        return [json.loads(record.value).get("temperature") for record in self.records(key)]

    def assert_heard(self, celsius, address=ROOF):
        """An advertisement of this moment becomes a record."""
        bluetoothd.advertise(address, bthome(self.next_packet(), celsius))
        suite.wait_for(lambda: celsius in self.temperatures(f"ble:{address}"),
                       lambda: f"{celsius} in Kafka: {gateway.process.output()[-3000:]}")

    def wait_for_source(self, up, of=None, text=""):
        suite.wait_for(lambda: source(of)["up"] == up and text in source(of)["reason"], lambda: f"{text}: {source(of)}", 40)

    def test_advertisements_of_each_family_reach_kafka(self):
        bluetoothd.advertise(TAG, manufacturer=(RUUVI, "0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F"), rssi=-71)
        bluetoothd.advertise(SHED, (ATC, "030000" + "38c1a4" + "6c07fa13d60a52090f"))
        bluetoothd.advertise(SEALED, (BTHOME, SEALED_PACKET))
        for key, value in ((f"ruuvi:{TAG}", {"temperature": 24.3, "humidity": 53.49, "pressure": 1000.44, "battery_voltage": 2.977,
                                             "signal_strength": -71}),
                           (f"ble:{SHED}", {"temperature": 19, "humidity": 51.14, "battery_level": 82}),
                           (f"ble:{SEALED}", {"temperature": 25.06, "humidity": 50.55})):
            with self.subTest(key):
                suite.wait_for(lambda key=key: self.records(key), lambda: f"{key}: {gateway.process.output()[-3000:]}")
                said = json.loads(self.records(key)[0].value)
                self.assertEqual({name: said.get(name) for name in value}, value)

    def test_a_measurement_is_one_reading_however_often_it_is_sent(self):
        packet = self.next_packet()
        for _ in range(20):
            bluetoothd.advertise(ROOF, bthome(packet, -1.5))
        self.assert_heard(-1.25)
        self.assertEqual(self.temperatures(f"ble:{ROOF}").count(-1.5), 1)

    def test_what_others_advertise_is_none_of_ours(self):
        bluetoothd.advertise("5E:11:22:33:44:55", bthome(1, 77))
        self.assert_heard(2.25)
        self.assertEqual(self.records("ble:5E:11:22:33:44:55"), [])

    def test_an_old_packet_that_is_sent_again_is_not_taken(self):
        bluetoothd.advertise(SEALED, (BTHOME, SEALED_PACKET))
        suite.wait_for(lambda: self.records(f"ble:{SEALED}"), "the packet")
        for _ in range(3):
            bluetoothd.advertise(SEALED, (BTHOME, "4002c409"))  # and not encrypted
            bluetoothd.advertise(SEALED, (BTHOME, SEALED_PACKET))
        self.assert_heard(2.5)
        self.assertEqual(len(self.records(f"ble:{SEALED}")), 1)
        self.assertRegex(gateway.get("/metrics"), r"weather_gateway_bluetooth_open_total{[^}]*} [1-9]")

    def test_properties_of_the_wrong_type_are_passed_over(self):
        bluetoothd.mock("AddDevice", "hci0", SHED.replace("03", "04"), "Telephone")  # dbusmock's own have lists for dictionaries
        bluetoothd.mock("Nonsense", "hci0")
        self.assert_heard(1.25)

    def test_the_adapter_is_switched_off_and_on_by_another(self):
        bluetoothd.mock("SetPowered", "hci0", False)
        self.wait_for_source(False, text="the adapter hci0 is switched off: rfkill")
        bluetoothd.mock("SetPowered", "hci0", True)
        self.wait_for_source(True)
        self.assert_heard(3.25)

    def test_the_adapter_is_pulled_out_and_comes_back_under_another_number(self):
        bluetoothd.mock("RemoveAdapter", "hci0")
        self.wait_for_source(False, text="there is no Bluetooth adapter")
        bluetoothd.add("hci1")
        self.wait_for_source(True)
        bluetoothd.wait_until_scanned("hci1")
        bluetoothd.advertise(ROOF, bthome(self.next_packet(), 4.25), adapter="hci1")
        suite.wait_for(lambda: 4.25 in self.temperatures(f"ble:{ROOF}"), "heard by the other adapter")
        bluetoothd.mock("RemoveAdapter", "hci1")
        bluetoothd.add("hci0")
        self.wait_for_source(True)
        self.assert_heard(4.5)

    def test_bluetoothd_is_killed_and_started_again(self):
        bluetoothd.kill()
        try:
            self.wait_for_source(False, text="bluetoothd does not run: sudo apt install bluez")
            self.assertIn("bluetoothd does not run", checked(bus.environment, gateway.config))
        finally:
            bluetoothd.start("hci0")
        self.wait_for_source(True)
        bluetoothd.wait_until_scanned()
        self.assert_heard(5.25)

    def test_a_scan_that_another_has_ended_is_begun_again(self):
        bluetoothd.connection.get_object("org.bluez", "/org/bluez/hci0", introspect=False).StopDiscovery(
            dbus_interface="org.bluez.Adapter1")
        self.assertFalse(bluetoothd.property("hci0", "Discovering"))
        suite.wait_for(lambda: bluetoothd.property("hci0", "Discovering"), "the scan is begun again", 40)
        self.assertIn("DuplicateData", bluetoothd.property("hci0", "DiscoveryFilter"))

    def test_killed_and_restarted_it_loses_nothing_and_says_nothing_twice(self):
        said = []
        for life in range(5):
            for step in range(4):
                packet = self.next_packet()
                said.append(20 + life + step / 4)
                for _ in range(3):
                    bluetoothd.advertise(ROOF, bthome(packet, said[-1]))
            suite.wait_for(lambda: said[-1] in self.temperatures(f"ble:{ROOF}"), lambda: gateway.process.output()[-3000:])
            gateway.process.kill9()
            gateway.start()
            self.wait_for_source(True)
            bluetoothd.advertise(ROOF, bthome(packet, said[-1]))  # it goes on sending what it measured last
        self.assert_heard(19.75)
        # What was under way when it was killed is sent again under the same id.
        by_id = {headers(record)["ce_id"]: json.loads(record.value)["temperature"] for record in self.records(f"ble:{ROOF}")}
        self.assertEqual([value for value in by_id.values() if 20 <= value < 26], said)

    def test_metrics(self):
        self.assert_heard(6.25)
        metrics = gateway.get("/metrics")
        for name in ("scans_total", "advertisements_total", "repeats_total", "replayed_total", "passive"):
            self.assertRegex(metrics, f'weather_gateway_bluetooth_{name}{{[^}}]*source="bluetooth"')


class Crowd(unittest.TestCase):
    """Thousands of strangers' advertisements a minute."""

    def cpu_of(self, gateway, crowd):
        bluetoothd.mock("Crowd", "hci0", 200, crowd)
        self.addCleanup(bluetoothd.mock, "Crowd", "hci0", 200, 0)
        sent, before, began = bluetoothd.mock("Sent"), gateway.process.cpu_seconds(), time.monotonic()
        suite.wait_for(lambda: time.monotonic() - began >= CROWD_S, "the time of measuring", CROWD_S + 10)
        took = time.monotonic() - began
        sent = bluetoothd.mock("Sent") - sent
        bluetoothd.mock("Crowd", "hci0", 200, 0)
        if crowd:
            self.assertGreater(sent, crowd / 60 * CROWD_S * 0.9)
        return (gateway.process.cpu_seconds() - before) / took

    def look(self, gateway, what):
        quiet, busy = self.cpu_of(gateway, 0), self.cpu_of(gateway, CROWD_PER_MINUTE)
        print(f"{what}: {CROWD_PER_MINUTE} foreign advertisements a minute take {100 * busy:.2f} % of a core, "
              f"{100 * quiet:.2f} % without them")
        self.assertLess(busy, MOST_CPU)
        return quiet, busy

    def test_strangers_cost_nothing_where_the_devices_are_named(self):
        quiet, busy = self.look(gateway, "devices named")
        self.assertLess(busy - quiet, MOST_CPU / 3)

    def test_strangers_cost_little_where_everybody_is_accepted(self):
        other = bus.of(Gateway(None, kafka.bootstrap, TOPIC, extra='[[bluetooth]]\naccept = "all"\n'))
        other.start(wait=False)
        self.addCleanup(other.process.kill9)
        suite.wait_for(lambda: "listens by a discovery" in other.process.output(), lambda: other.process.output())
        self.look(other, "all accepted")
        bluetoothd.advertise(ALL_TAKEN, bthome(7, 12.5))
        suite.wait_for(lambda: any(record.key == f"ble:{ALL_TAKEN}" for record in kafka.records(TOPIC)), "a sensor nobody named")


class Monitors(unittest.TestCase):
    """A bluetoothd that offers advertisement monitors, on a bus of its own."""

    def test_a_monitor_is_registered_with_what_is_looked_for_and_nobody_is_asked(self):
        own = Bus().start()
        daemon = Bluetoothd(own).start("hci0")
        daemon.mock("OfferMonitors", "hci0")
        quiet = own.of(Gateway(None, kafka.bootstrap, TOPIC, extra=section(["A4:C1:38:00:00:05"], 'families = ["bthome", "ruuvi"]\n')))
        quiet.start(wait=False)
        suite.wait_for(lambda: "listens by an advertisement monitor" in quiet.process.output(), lambda: quiet.process.output())
        self.assertEqual(list(daemon.mock("Registered")), ["or_patterns", "0016d2fc", "00ff9904"])
        self.assertFalse(daemon.property("hci0", "Discovering"))
        self.assertRegex(quiet.get("/metrics"), r"weather_gateway_bluetooth_passive{[^}]*} 1")
        self.assertIn("lets through what is looked for", checked(own.environment, quiet.config))
        daemon.advertise("A4:C1:38:00:00:05", bthome(1, 8.75))
        suite.wait_for(lambda: any(record.key == "ble:A4:C1:38:00:00:05" for record in kafka.records(TOPIC)), "its reading")


class Commands(unittest.TestCase):
    def test_check_says_what_is_missing_and_what_to_do(self):
        self.assertIn("hci0 is on", checked(bus.environment, gateway.config))
        nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus.folder}/nowhere"}
        self.assertIn("there is no D-Bus system bus (No such file or directory): sudo apt install dbus bluez: the gateway starts",
                      checked(nowhere, gateway.config))
        denied = Bus(DENY).start()
        Bluetoothd(denied).start()
        self.assertIn("the service needs the group bluetooth, by the drop-in 16-bluetooth.conf", checked(denied.environment, gateway.config))
        empty = Bus().start()
        daemon = Bluetoothd(empty).start()
        self.assertIn("there is no Bluetooth adapter: bluetoothctl list", checked(empty.environment, gateway.config))
        daemon.add("hci0")
        daemon.mock("SetPowered", "hci0", False)
        self.assertIn("hci0 is switched off: rfkill unblock bluetooth; bluetoothctl power on", checked(empty.environment, gateway.config))

    def test_a_wrong_key_is_told_with_its_line_and_not_shown(self):
        config = suite.folder("wrong") / "weather-gateway.toml"
        (config.parent / "keys").write_text(f"{SEALED} {SEALED_KEY}ff\n")
        config.write_text(gateway.config.read_text().split("[[bluetooth]]")[0] + '[[bluetooth]]\nkeys_file = "keys"\n')
        said = checked(bus.environment, config)
        self.assertIn("keys: line 1 needs a key of 32 hexadecimal digits", said)
        self.assertNotIn(SEALED_KEY, said)

    def test_init_writes_down_what_it_hears(self):
        folder = suite.folder("init")
        own = Bus().start()
        daemon = Bluetoothd(own).start("hci0")
        setup = subprocess.Popen([PROGRAM, "init", "--yes", "-c", folder / "weather-gateway.toml", "--root", folder, "--listen", "4s",
                                  "--kafka", kafka.bootstrap, "--topic", TOPIC],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 env={**os.environ, **own.environment})
        self.addCleanup(setup.kill)
        daemon.wait_until_scanned()
        daemon.advertise(ROOF, bthome(1, 9.5))
        daemon.advertise(TAG, manufacturer=(RUUVI, "0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F"))
        output, _ = setup.communicate(timeout=60)
        self.assertIn("ble:A4:C1:38:00:00:01: temperature 9.5", output)
        written = (folder / "conf.d" / "bluetooth.toml").read_text()
        self.assertIn(f'adapter = "hci0"\ndevices = [\n  "{ROOF}",  # temperature 9.5', written)
        self.assertIn(TAG, written)
        self.assertIn(f'# "ble:{ROOF}" = "?"', (folder / "conf.d" / "names.toml").read_text())


if __name__ == "__main__":
    suite.main()
