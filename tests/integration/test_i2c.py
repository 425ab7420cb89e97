"""Chips on an I2C bus without a driver of the kernel: from a bus that is preloaded, through the gateway, to Kafka."""

import json
import os
import time
import unittest

from harness import suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto

TOPIC = "topic_weather"
CHIPS = ("scd41", "sen55", "shtc3", "htu21d", "bme680")
SOURCES = "".join(f'[[i2c]]\nchip = "{chip}"\ninterval = "1s"\n' for chip in CHIPS)
# What is in the registers of tests/unit/i2c/fake_chips.hpp.
VALUES = {
    "i2c:scd41:1-0062": {"co2": 500, "temperature": 25, "humidity": 37},
    "i2c:shtc3:1-0070": {"temperature": 25, "humidity": 37},
    "i2c:htu21d:1-0040": {"temperature": 24.69, "humidity": 32.29},
    "i2c:bme680:1-0076": {"temperature": 26.69, "humidity": 42.41, "pressure": 987.17, "gas_resistance_Ohm": 499500},
}


def setUpModule():
    global kafka, gateway, faults
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    gateway = Gateway(Mosquitto().start(), kafka.bootstrap, TOPIC, extra=SOURCES)
    faults = gateway.folder / "faults"
    faults.write_text("")
    gateway.process.environment = {"LD_PRELOAD": os.environ["WEATHER_FAKE_I2C"], "FAKE_I2C_FILE": str(faults)}
    gateway.start()


def source(name):
    status = json.loads(run("status", "--json", "-c", gateway.config).stdout)
    return next(one for one in status["sources"] if one["name"] == name)


class I2c(unittest.TestCase):
    def values(self, key, after=0):
        return [json.loads(record.value) for record in kafka.records(TOPIC)[after:] if record.key == key]

    def since(self, key, time_ms):
        """Of what was measured from then on: what was before may still be under way."""
        return [json.loads(record.value) for record in kafka.records(TOPIC) if record.key == key and record.timestamp_ms >= time_ms]

    def next_values(self, key):
        before = kafka.count(TOPIC)
        return suite.wait_for(lambda: self.values(key, before), f"a value of {key}: {gateway.process.output()[-2000:]}")

    def journal(self, text):
        suite.wait_for(lambda: text in gateway.process.output(), lambda: f"{text} in {gateway.process.output()[-2000:]}")

    def test_each_chip_reaches_kafka(self):
        for key, value in VALUES.items():
            with self.subTest(key):
                self.assertEqual(self.next_values(key)[0], value)
                self.assertTrue(source(key)["up"])

    def test_a_module_with_a_fan_is_started_and_warms_up(self):
        value = suite.wait_for(lambda: self.values("i2c:sen55:1-0069"), "the module has warmed up", 90)[0]
        self.assertEqual(value, {"pm1": 10.5, "pm2_5": 20.3, "pm4": 31, "pm10": 40.2, "humidity": 37, "temperature": 25,
                                 "voc_index": 100})

    def test_a_chip_that_is_gone_is_no_reading_and_is_told_and_comes_back(self):
        for key, address in (("i2c:scd41:1-0062", "62"), ("i2c:bme680:1-0076", "76")):
            with self.subTest(key):
                self.next_values(key)
                faults.write_text(f"gone {address}\n")
                suite.wait_for(lambda name=key: not source(name)["up"], f"{key} is told gone", 30)
                self.journal(f"{key}: nothing answers at 0x{address} on /dev/i2c-1")
                self.assertIn("nothing answers", source(key)["reason"])
                gone_ms = time.time() * 1000
                others = self.next_values("i2c:shtc3:1-0070")
                self.assertEqual((others[0], self.since(key, gone_ms)), (VALUES["i2c:shtc3:1-0070"], []))
                faults.write_text("")
                self.assertEqual(self.next_values(key)[0], VALUES[key])
                suite.wait_for(lambda name=key: source(name)["up"], f"{key} is back", 30)

    def test_a_wrong_checksum_is_no_reading(self):
        key = "i2c:htu21d:1-0040"
        self.next_values(key)
        faults.write_text("corrupt 40\n")
        self.addCleanup(faults.write_text, "")
        self.journal(f"{key}: its answer has a wrong checksum")
        wrong_ms = time.time() * 1000
        self.next_values("i2c:shtc3:1-0070")
        self.assertEqual(self.since(key, wrong_ms), [])
        faults.write_text("")
        self.assertEqual(self.next_values(key)[0], VALUES[key])

    def test_how_often_a_chip_failed_is_counted(self):
        self.next_values("i2c:shtc3:1-0070")
        metrics = gateway.get("/metrics")
        for name in ("measurements", "failures"):
            self.assertRegex(metrics, f'weather_gateway_i2c_{name}_total{{[^}}]*source="i2c:shtc3:1-0070"')


if __name__ == "__main__":
    suite.main()
