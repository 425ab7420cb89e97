"""mosquitto is away: at the start, again and again under load. No restart of the gateway, nothing lost."""

import unittest

from harness import expect, suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher


def setUpModule():
    global kafka
    kafka = Kafka().start()


class MqttOutage(unittest.TestCase):
    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic)
        self.mosquitto = Mosquitto()
        self.gateway = Gateway(self.mosquitto, kafka.bootstrap, self.topic)
        self.addCleanup(self.gateway.kill9)
        self.addCleanup(self.mosquitto.stop)

    def test_at_the_start(self):
        self.gateway.start(wait=False)
        self.mosquitto.start()
        self.gateway.wait_for_connection(before=0)
        publisher = Publisher(self.mosquitto)
        publisher.publish(100)
        publisher.wait_for_acknowledgements()
        publisher.close()
        kafka.wait_for_count(self.topic, 100)
        expect.everything_arrived(self, kafka.records(self.topic), publisher.acknowledged)

    def test_restarts_under_load(self):
        self.mosquitto.start()
        self.gateway.start()
        acknowledged = {}
        for round_number in range(4):
            # A new publisher each time: one that lived through the restart would itself publish again.
            publisher = Publisher(self.mosquitto, sensors=3, prefix=f"round-{round_number}")
            publisher.publish(2000)
            publisher.wait_for_acknowledgements()
            publisher.close()
            acknowledged.update(publisher.acknowledged)
            before = self.gateway.connections()
            self.mosquitto.restart()  # while the gateway still takes in what it was given
            if round_number % 2:
                self.gateway.wait_for_connection(before)
        kafka.wait_for_count(self.topic, 8000, seconds=120)
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, acknowledged)
        expect.same_reading_same_id(self, records)


if __name__ == "__main__":
    suite.main()
