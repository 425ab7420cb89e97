"""kill -9 of the gateway at random moments under load, with Kafka up and down.

The promise: what got a PUBACK is in the topic, in order for its sensor; twice only under the same id, and no more of it than
was under way when the gateway died: where the route stood rides on the commits.
"""

import os
import threading
import time
import unittest

from harness import expect, suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

KILLS = 500 if os.environ.get("WEATHER_SUITE") == "soak" else 25
RATE = 400
TOPIC = "killed"


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    kafka.create_topic(TOPIC, partitions=3)
    mosquitto = Mosquitto().start()


class KillNine(unittest.TestCase):
    def test_at_random_moments_under_load(self):
        random = suite.seeded_random()
        gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC).start()
        publisher = Publisher(mosquitto, in_flight=1000)
        stop = threading.Event()

        def load():
            while not stop.is_set():
                publisher.publish(RATE // 10, rate=RATE)
        station = threading.Thread(target=load)
        station.start()
        self.addCleanup(station.join)
        self.addCleanup(stop.set)

        up = True
        for kill in range(KILLS):
            time.sleep(random.choice([random.uniform(0, 0.2), random.uniform(0, 2)]))  # a kill anywhere: in a start or later
            gateway.kill9()
            if kill % 5 == 4:  # Kafka goes, comes back five kills later
                if up:
                    random.choice([kafka.stop, kafka.kill9])()
                else:
                    kafka.start()
                up = not up
            gateway.start(wait=random.random() < 0.5)
        stop.set()
        station.join()
        publisher.wait_for_acknowledgements()
        if not up:
            kafka.start()

        kafka.wait_for_count(TOPIC, publisher.total_acknowledged(), seconds=120)
        records = self.when_settled()
        expect.everything_arrived(self, records, publisher.acknowledged)
        repeats = expect.same_reading_same_id(self, records)
        print(f"{KILLS} kills, {publisher.total_acknowledged()} acknowledged, {len(records)} records, "
              f"{repeats} of them repeats by id", flush=True)
        self.assertEqual(gateway.terminate()[0], 0)
        verified = gateway.verify_log()
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def when_settled(self):
        """The records once their number has not changed for two seconds (repeats may hide missing ones)."""
        count = -1
        while count != (count := kafka.count(TOPIC)):
            time.sleep(2)  # only two seconds without a new record show the end
        return kafka.records(TOPIC)


class Repeats(unittest.TestCase):
    """`window_records` is 2000 unless configured."""
    KILLS = 100 if os.environ.get("WEATHER_SUITE") == "soak" else 12

    def repeats_per_kill(self, topic, rate):
        random = suite.seeded_random()
        kafka.create_topic(topic, partitions=3)
        gateway = Gateway(mosquitto, kafka.bootstrap, topic).start()
        publisher = Publisher(mosquitto, in_flight=1000)
        stop = threading.Event()

        def load():
            while not stop.is_set():
                publisher.publish(50, rate=rate)
        station = threading.Thread(target=load)
        station.start()
        self.addCleanup(station.join)
        self.addCleanup(stop.set)
        for _ in range(self.KILLS):
            delivered = kafka.count(topic)
            suite.wait_for(lambda: kafka.count(topic) > delivered + 200, "records in the topic", 60)
            time.sleep(random.uniform(0.2, 1.2))  # a kill anywhere in a transaction
            gateway.kill9()
            gateway.start()
        stop.set()
        station.join()
        publisher.wait_for_acknowledgements()
        acknowledged = publisher.total_acknowledged()
        kafka.wait_for_count(topic, acknowledged, seconds=120)
        suite.wait_for(lambda: gateway.route()["waiting"] == 0, lambda: str(gateway.route()), every=0.2)
        records = kafka.records(topic)
        expect.everything_arrived(self, records, publisher.acknowledged)
        repeats = expect.same_reading_same_id(self, records)
        self.assertEqual(gateway.terminate()[0], 0)
        print(f"{rate or 'unlimited'}/s: {self.KILLS} kills, {acknowledged} acknowledged, {repeats} repeats, "
              f"{repeats / self.KILLS:.1f} a kill", flush=True)
        return repeats / self.KILLS

    def test_at_500_a_second_few_records_come_twice(self):
        self.assertLess(self.repeats_per_kill("repeats-500", 500), 50)

    def test_at_full_speed_no_more_than_the_window_comes_twice(self):
        self.assertLessEqual(self.repeats_per_kill("repeats-full", None), 2000)


if __name__ == "__main__":
    suite.main()
