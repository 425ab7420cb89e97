"""Twenty thousand readings as fast as they are acknowledged: all there, once, in order for each sensor."""

import time
import unittest

from harness import expect, suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

READINGS = 20000


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()


class Order(unittest.TestCase):
    def test_holds_for_each_sensor_over_three_partitions(self):
        kafka.create_topic("ordered", partitions=3)
        gateway = Gateway(mosquitto, kafka.bootstrap, "ordered").start()
        publisher = Publisher(mosquitto, sensors=10, in_flight=500)
        began = time.monotonic()
        publisher.publish(READINGS)
        publisher.wait_for_acknowledgements()
        kafka.wait_for_count("ordered", READINGS, seconds=120)
        print(f"{READINGS / (time.monotonic() - began):.0f} readings/s end to end", flush=True)
        records = kafka.records("ordered")
        expect.everything_arrived(self, records, publisher.acknowledged)
        self.assertEqual(expect.same_reading_same_id(self, records), 0, "repeats without any fault")
        self.assertEqual(len(records), READINGS)
        self.assertEqual(gateway.terminate()[0], 0)


if __name__ == "__main__":
    suite.main()
