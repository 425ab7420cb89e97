"""The link to Kafka as mobile networks make it: slow, silent, reset, half open. The gateway recovers alone."""

import os
import time
import unittest

from harness import expect, suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

RATE = 300
BLACK_HOLE_SECONDS = 600 if os.environ.get("WEATHER_SUITE") == "soak" else 10
# As a person would set them for a link like this; the defaults are as patient as the worst one needs.
PATIENCE = {"socket.timeout.ms": 4000, "request.timeout.ms": 3000}
# A batch must cross a narrow link well within these: as in the profile "lte".
NARROW = {"socket.timeout.ms": 60000, "request.timeout.ms": 30000, "batch.size": 131072, "linger.ms": 1000}


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka(proxied=True).start()
    mosquitto = Mosquitto().start()


class BadLink(unittest.TestCase):
    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic, partitions=2)
        self.link = kafka.proxies[0]
        self.addCleanup(self.link.heal)
        gateway = Gateway(mosquitto, kafka.bootstrap_proxied, self.topic,
                          properties=NARROW if "kbit" in self.topic else PATIENCE).start()
        self.addCleanup(gateway.kill9)
        self.publisher = Publisher(mosquitto)
        self.addCleanup(self.publisher.close)
        self.publisher.publish_for(1, RATE)

    def everything_arrives(self):
        self.publisher.publish_for(1, RATE)
        self.publisher.wait_for_acknowledgements()
        kafka.wait_for_count(self.topic, self.publisher.total_acknowledged(), seconds=120)
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, self.publisher.acknowledged)
        repeats = expect.same_reading_same_id(self, records)
        print(f"{self.topic}: {len(records)} records, {repeats} of them repeats by id", flush=True)
        self.assertLess(repeats, len(records) / 2, "a storm of repeats")

    def test_400_ms_of_delay(self):
        self.link.delay(0.4)
        self.publisher.publish_for(5, RATE)
        self.everything_arrives()

    def test_64_kbit_a_second(self):
        self.link.limit(64000 // 8)
        self.publisher.publish_for(5, RATE)
        self.everything_arrives()

    def test_five_percent_of_loss(self):
        self.link.lose(0.05)
        self.publisher.publish_for(5, RATE)
        self.everything_arrives()

    def test_a_black_hole(self):
        self.link.blackhole()
        self.publisher.publish_for(BLACK_HOLE_SECONDS, RATE)
        self.link.heal()
        self.everything_arrives()

    def test_resets_twice_a_second(self):
        for _ in range(10):
            self.link.reset()
            self.publisher.publish_for(0.5, RATE)
        self.everything_arrives()

    def test_a_half_open_connection(self):
        self.link.half_open()
        self.publisher.publish_for(3, RATE)
        self.everything_arrives()

    def test_down_and_up(self):
        for _ in range(3):
            self.link.down()
            self.publisher.publish_for(1, RATE)
            self.link.up()
            time.sleep(1)  # long enough for a new connection, too short for the backlog
        self.everything_arrives()


if __name__ == "__main__":
    suite.main()
