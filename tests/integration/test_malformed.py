"""Payloads that are no readings: kept, counted, never in the way of the good ones."""

import unittest

from harness import suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import publish_raw, reading

TOPIC = "topic_weather"
MALFORMED = {
    "empty": b"",
    "not JSON": b"temperature is fine today",
    "cut off": b'{"id":"sensor-001","temperature":22',
    "a scalar": b"22.5",
    "an array of numbers": b"[1,2,3]",
    "nested without end": b'{"a":' * 20000,
    "not UTF-8": b'{"id":"sensor-\xff\xfe","temperature":22.5}',
    "a number beyond any": b'{"id":"sensor-001","temperature":1e999}',
    "a time that is none": b'{"id":"sensor-001","temperature":1,"time":"yesterday"}',
    "a value that is no object": b'{"key":"sensor-001","value":"warm","timestamp":"2025-09-20T06:30:00Z"}',
    "null bytes": b"\x00" * 100,
    "nothing measured": b"{}",
}


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()


class Malformed(unittest.TestCase):
    def test_does_not_stop_the_readings_around_it(self):
        for name, payload in MALFORMED.items():
            with self.subTest(name):
                topic = "topic_" + name.replace(" ", "_")
                kafka.create_topic(topic)
                gateway = Gateway(mosquitto, kafka.bootstrap, topic).start()
                self.addCleanup(gateway.kill9)
                publish_raw(mosquitto, "weather/roof", [reading("before", 1), payload, reading("after", 2)])
                suite.wait_for(lambda: {"before", "after"} <= {r.key for r in kafka.records(topic)},
                               "the readings around it arrive", every=0.3)
                self.assertEqual(gateway.terminate()[0], 0)
                self.assertEqual(gateway.verify_log().returncode, 0)


if __name__ == "__main__":
    suite.main()
