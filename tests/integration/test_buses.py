"""Sensors wired to the machine: a tree like /sys, a serial line, a Modbus instrument; through the gateway to Kafka."""

import json
import os
import pty
import tty
import unittest

from harness import suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.modbus import Instrument, settings
from harness.mosquitto import Mosquitto

TOPIC = "topic_weather"
SOURCES = """
[[bus]]
kind = "iio"
root = "{sysfs}"
interval = "1s"
[[bus]]
kind = "one_wire"
root = "{sysfs}"
interval = "1s"
[[nmea]]
device = "{line}"
name = "mast"
"""
GOOD = "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125\n"


def setUpModule():
    global kafka, sysfs, line, instrument
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    sysfs = suite.folder("sysfs")
    write("bus/iio/devices/iio:device0/name", "bme280\n")
    write("bus/iio/devices/iio:device0/in_temp_input", "22500\n")
    write("bus/iio/devices/iio:device0/in_pressure_input", "101.325\n")
    write("bus/w1/devices/28-0316a2794bff/w1_slave", GOOD)
    line, slave = pty.openpty()
    tty.setraw(slave)
    instrument = Instrument({0: 35, 1: -56}).start()
    gateway = Gateway(Mosquitto().start(), kafka.bootstrap, TOPIC,
                      extra=SOURCES.format(sysfs=sysfs, line=os.ttyname(slave)) + settings("anemometer", instrument.port))
    gateway.start()
    unittest.addModuleCleanup(os.close, slave)


def write(path, text):
    (sysfs / path).parent.mkdir(parents=True, exist_ok=True)
    (sysfs / path).write_text(text)


class Buses(unittest.TestCase):
    def new_value(self, key, condition=lambda value: True):
        """The next value of this sensor for which `condition` holds."""
        before = kafka.count(TOPIC)

        def found():
            values = (json.loads(r.value) for r in kafka.records(TOPIC)[before:] if r.key == key)
            return next(filter(condition, values), None)
        return suite.wait_for(found, f"a value of {key}")

    def test_iio_is_read_again_and_again_and_an_error_is_null(self):
        key = "iio:bme280:iio:device0"
        self.assertEqual(self.new_value(key), {"temperature": 22.5, "pressure": 1013.25})
        file = sysfs / "bus/iio/devices/iio:device0/in_temp_input"
        file.unlink()
        file.symlink_to("/proc/self/mem")  # reading it gives EIO, as a driver does whose chip is silent
        value = self.new_value(key, lambda v: v["temperature"] is None)
        self.assertEqual((value["pressure"], value["in_temp"]), (1013.25, "Input/output error"))

    def test_one_wire_value_of_a_failed_read_is_not_taken_for_a_new_one(self):
        key = "w1:28-0316a2794bff"
        self.assertEqual(self.new_value(key), {"temperature": 23.125})
        write("bus/w1/devices/28-0316a2794bff/w1_slave", GOOD.replace("YES", "NO"))
        self.assertIn("CRC error", self.new_value(key, lambda v: v["temperature"] is None)["w1_slave"])

    def test_a_station_on_a_serial_line(self):
        os.write(line, b"$WIMWV,214.8,R,9.9,M,A*00\r\n"  # wrong checksum: a dead letter, not a reading
                 b"$WIMDA,29.7544,I,1.0076,B,35.5,C,,,42.1,,20.6,C,116.4,T,107.7,M,1.2,N,0.6,M*66\r\n")
        values = suite.wait_for(
            lambda: [json.loads(r.value) for r in kafka.records(TOPIC) if r.key.startswith("nmea:WI:")],
            "the sentence is in Kafka")
        self.assertEqual(values, [{"pressure": 1007.6, "temperature": 35.5, "humidity": 42.1, "dew_point": 20.6,
                                   "wind_direction": 116.4, "wind_speed": 0.6}])

    def test_a_modbus_instrument_goes_away_and_comes_back(self):
        key = "modbus:anemometer"
        self.assertEqual(self.new_value(key), {"wind_speed": 3.5, "temperature": -5.6})
        instrument.stop()
        gone = self.new_value(key, lambda v: v["wind_speed"] is None)
        self.assertIsNone(gone["temperature"])
        self.assertIn("modbus_error", gone)
        instrument.start()
        self.assertEqual(self.new_value(key, lambda v: v["wind_speed"] is not None)["temperature"], -5.6)


if __name__ == "__main__":
    suite.main()
