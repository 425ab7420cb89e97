"""Three brokers, one after another in trouble, under load: nothing lost, order kept, repeats only by id."""

import os
import threading
import time
import unittest

from harness import expect, suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

SOAK = os.environ.get("WEATHER_SUITE") == "soak"
RATE = 2000 if SOAK else 300
TROUBLE_SECONDS = 30 if SOAK else 6
NODES = (1, 2, 3)


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka(nodes=3).start()
    mosquitto = Mosquitto().start()


class Cluster(unittest.TestCase):
    def setUp(self):
        kafka.start()
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic, partitions=getattr(getattr(self, self._testMethodName), "partitions", 3))
        self.gateway = Gateway(mosquitto, kafka.bootstrap, self.topic).start()
        self.addCleanup(self.gateway.kill9)
        self.publisher = Publisher(mosquitto, in_flight=2000)
        self.addCleanup(self.publisher.close)
        self.stop = threading.Event()
        self.station = threading.Thread(target=self.load)
        self.station.start()
        self.addCleanup(self.station.join)
        self.addCleanup(self.stop.set)
        suite.wait_for(lambda: self.gateway.route()["delivered"] > 0, "readings arrive before the trouble")

    def load(self):
        while not self.stop.is_set():
            self.publisher.publish(RATE // 10, rate=RATE)

    def everything_arrives(self):
        self.stop.set()
        self.station.join()
        self.publisher.wait_for_acknowledgements()
        kafka.wait_for_count(self.topic, self.publisher.total_acknowledged(), seconds=120)
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, self.publisher.acknowledged)
        repeats = expect.same_reading_same_id(self, records)
        print(f"{self.topic}: {len(records)} records, {repeats} of them repeats by id", flush=True)

    def test_kill9_of_the_leader(self):
        kafka.kill9(kafka.leader(self.topic))
        time.sleep(TROUBLE_SECONDS)  # the others elect a leader, and the gateway goes on meanwhile
        self.everything_arrives()

    def test_kill9_of_the_controller(self):
        kafka.kill9(kafka.controller())
        time.sleep(TROUBLE_SECONDS)  # the others elect a controller, and the gateway goes on meanwhile
        self.everything_arrives()

    def test_rolling_restart(self):
        for node in NODES:
            kafka.stop(node)
            kafka.start(node)
            suite.wait_for(lambda: kafka.in_sync(self.topic) == len(NODES), "all replicas in sync again", every=0.5)
        self.everything_arrives()

    def test_a_paused_leader(self):
        node = kafka.leader(self.topic)
        kafka.pause(node)
        time.sleep(TROUBLE_SECONDS)  # the trouble lasts: connections hang
        kafka.resume(node)
        self.everything_arrives()

    def test_a_leader_that_hangs_until_another_leads(self):
        """What hangs with it must not be overtaken by what goes to the new leader."""
        node = kafka.leader(self.topic)
        others = [other for other in NODES if other != node]
        kafka.pause(node)
        suite.wait_for(lambda: kafka.leader_as_seen_by(others[0], self.topic) in others, "another leader", seconds=60, every=0.5)
        time.sleep(TROUBLE_SECONDS)  # the trouble lasts: the gateway still asks the old leader
        kafka.resume(node)
        self.everything_arrives()
    test_a_leader_that_hangs_until_another_leads.partitions = 1  # so that nothing is confirmed, and the gateway asks why

    def test_fewer_replicas_than_demanded(self):
        leader = kafka.leader(self.topic)
        others = [node for node in NODES if node != leader]
        for node in others:
            kafka.pause(node)
        time.sleep(TROUBLE_SECONDS)  # the trouble lasts: too few replicas answer
        for node in others:
            kafka.resume(node)
        self.everything_arrives()


if __name__ == "__main__":
    suite.main()
