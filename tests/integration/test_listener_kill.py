"""kill -9 and outages on the way of publishers that connect to the gateway itself.

What got a PUBACK or PUBCOMP is in the topic, in order for its sensor; twice only under the same id. With QoS 2 a reading
is in the log once, whatever the moment of the kill.
"""

import os
import threading
import time
import unittest

from harness import expect, suite
from harness.kafka import Kafka
from harness.listener import ListeningGateway
from harness.ordered_publisher import OrderedPublisher
from harness.publisher import Publisher

KILLS = 300 if os.environ.get("WEATHER_SUITE") == "soak" else 12
RATE = 400


def setUpModule():
    global kafka
    kafka = Kafka().start()


class KillNine(unittest.TestCase):
    def test_at_random_moments_under_load(self):
        random = suite.seeded_random()
        kafka.create_topic("killed", partitions=3)
        gateway = ListeningGateway(kafka, "killed").start()
        publishers = [OrderedPublisher(gateway.port, f"station-{qos}-{n}", qos, RATE / 4) for qos in (1, 2) for n in (1, 2)]
        for kill in range(KILLS):
            time.sleep(random.choice([random.uniform(0, 0.3), random.uniform(1, 2.5)]))  # a kill anywhere: in a start or later
            gateway.kill9()
            if kill % 4 == 3:
                random.choice([kafka.stop, kafka.kill9])()
            gateway.start()
            if kill % 4 == 3:
                kafka.start()
        before = [len(publisher.acknowledged) for publisher in publishers]
        suite.wait_for(lambda: all(len(publisher.acknowledged) > had for publisher, had in zip(publishers, before)),
                       "each station gets on after the last kill")
        for publisher in publishers:
            publisher.stop()
        acknowledged = {publisher.sensor: sorted(publisher.acknowledged) for publisher in publishers}
        total = sum(map(len, acknowledged.values()))
        kafka.wait_for_count("killed", total, seconds=120)
        count = -1
        while count != (count := kafka.count("killed")):
            time.sleep(2)  # only two seconds without a new record show the end
        records = kafka.records("killed")
        expect.everything_arrived(self, records, acknowledged)
        repeats = expect.same_reading_same_id(self, records)  # so no reading is in the log twice
        print(f"{KILLS} kills, {total} acknowledged, {len(records)} records, {repeats} of them repeats by id", flush=True)
        self.assertEqual(gateway.terminate()[0], 0)
        verified = gateway.verify_log()
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)


class Outage(unittest.TestCase):
    def test_kafka_is_away_in_the_middle_third(self):
        kafka.create_topic("outage", partitions=2)
        gateway = ListeningGateway(kafka, "outage").start()
        publisher = Publisher(gateway)
        self.addCleanup(publisher.close)
        publisher.publish_for(seconds=3, rate=500)
        kafka.stop()
        publisher.publish_for(seconds=3, rate=500)
        publisher.wait_for_acknowledgements(10)  # Kafka's absence holds no publisher up
        kafka.start()
        publisher.publish_for(seconds=3, rate=500)
        publisher.wait_for_acknowledgements()
        kafka.wait_for_count("outage", publisher.total_acknowledged(), seconds=120)
        records = kafka.records("outage")
        expect.everything_arrived(self, records, publisher.acknowledged)
        expect.same_reading_same_id(self, records)

    def test_a_full_log_acknowledges_nothing_until_there_is_room(self):
        kafka.create_topic("full", partitions=2)
        gateway = ListeningGateway(kafka, "full", 'topics = ["weather/#"]\n[log]\nsegment_bytes = "128KiB"\nmax_bytes = "1MiB"\n'
                                                  'on_full = "block"').start()
        kafka.stop()
        publisher = Publisher(gateway, in_flight=200)
        self.addCleanup(publisher.close)
        sender = threading.Thread(target=publisher.publish, args=(8000,), daemon=True)
        sender.start()
        before = -1
        while before != (before := publisher.total_acknowledged()):
            time.sleep(3)  # only three seconds without an acknowledgement show that it is full
        print(f"{before} acknowledged before the log was full", flush=True)
        self.assertLess(before, 8000)
        kafka.start()
        sender.join(90)
        publisher.wait_for_acknowledgements(60)
        self.assertEqual(publisher.total_acknowledged(), 8000)
        kafka.wait_for_count("full", 8000, seconds=90)
        records = kafka.records("full")
        expect.everything_arrived(self, records, publisher.acknowledged)
        expect.same_reading_same_id(self, records)


if __name__ == "__main__":
    suite.main()
