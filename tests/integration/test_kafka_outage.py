"""Kafka is away: in the middle, at the start, while the gateway restarts. Nothing is lost, order is kept."""

import unittest

from harness import expect, fair_clock, suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()


class KafkaOutage(unittest.TestCase):
    def setUp(self):
        kafka.start()
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic, partitions=2)
        self.gateway = Gateway(mosquitto, kafka.bootstrap, self.topic)
        self.addCleanup(self.gateway.kill9)
        self.publisher = Publisher(mosquitto)
        self.addCleanup(self.publisher.close)

    def everything_arrives(self):
        self.publisher.wait_for_acknowledgements()
        kafka.wait_for_count(self.topic, self.publisher.total_acknowledged(), seconds=120)
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, self.publisher.acknowledged)
        repeats = expect.same_reading_same_id(self, records)
        self.assertLess(repeats, len(records) / 2, "the backlog was sent again and again")

    def test_in_the_middle_third(self):
        self.gateway.start()
        self.publisher.publish_for(seconds=4, rate=300)
        kafka.stop()
        self.publisher.publish_for(seconds=4, rate=300)
        kafka.start()
        self.publisher.publish_for(seconds=4, rate=300)
        self.everything_arrives()

    def test_killed_in_the_middle_third(self):
        self.gateway.start()
        self.publisher.publish_for(seconds=3, rate=300)
        kafka.kill9()
        self.publisher.publish_for(seconds=3, rate=300)
        kafka.start()
        self.publisher.publish_for(seconds=3, rate=300)
        self.everything_arrives()

    def test_at_the_start(self):
        kafka.stop()
        self.gateway.start()
        self.publisher.publish(600)
        self.publisher.wait_for_acknowledgements()
        kafka.start()
        self.everything_arrives()

    def test_one_that_takes_connections_and_never_answers_is_told_within_nine_seconds(self):
        kafka.pause()
        self.addCleanup(kafka.resume)
        self.gateway.start()
        began = fair_clock.seconds()
        self.publisher.publish(50)
        suite.wait_for(lambda: "does not answer" in self.gateway.status()["verdict"], lambda: self.gateway.status()["verdict"], seconds=20)
        self.assertLess(fair_clock.seconds() - began, 9)
        self.assertIn("Kafka cannot be reached", self.gateway.process.output())
        self.assertIn("takes the connection and does not answer", self.gateway.process.output())
        kafka.resume()
        self.everything_arrives()

    def test_while_the_gateway_restarts(self):
        self.gateway.start()
        self.publisher.publish(300)
        kafka.stop()
        self.publisher.publish(300)
        suite.wait_for(lambda: self.gateway.status()["unsent"] >= 300, lambda: str(self.gateway.status()))
        code, seconds = self.gateway.terminate()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 5)
        self.gateway.start()
        self.publisher.publish(300)
        kafka.start()
        self.everything_arrives()


if __name__ == "__main__":
    suite.main()
