"""SIGTERM and SIGINT: the gateway ends within five seconds, its log consistent, and goes on from there."""

import shutil
import signal
import threading
import unittest

from harness import expect, suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()


class Stop(unittest.TestCase):
    def setUp(self):
        kafka.start()
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic)
        self.gateway = Gateway(mosquitto, kafka.bootstrap, self.topic).start()
        self.addCleanup(self.gateway.kill9)
        self.publisher = Publisher(mosquitto)
        self.addCleanup(self.publisher.close)

    def ends_well(self):
        code, seconds = self.gateway.terminate()
        self.assertEqual(code, 0, self.gateway.process.output()[-2000:])
        self.assertLess(seconds, 5)
        verified = self.gateway.verify_log()
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def everything_arrives(self):
        kafka.wait_for_count(self.topic, self.publisher.total_acknowledged())
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, self.publisher.acknowledged)
        expect.same_reading_same_id(self, records)

    def test_under_load(self):
        station = threading.Thread(target=self.publisher.publish, args=(3000, 1000))
        station.start()
        for _ in range(3):
            station.join(0.7)
            self.ends_well()
            self.gateway.start()
        station.join()
        self.publisher.wait_for_acknowledgements()
        self.everything_arrives()

    def test_with_a_backlog_and_kafka_away(self):
        kafka.stop()
        self.publisher.publish(1000)
        self.publisher.wait_for_acknowledgements()
        self.ends_well()
        kafka.start()
        self.gateway.start()
        self.everything_arrives()

    def test_its_folder_is_deleted(self):
        """Nothing more is acknowledged, Kafka gets what was there, the gateway ends and says why; a restart goes on."""
        self.publisher.publish(100)
        self.publisher.wait_for_acknowledgements()
        kafka.stop()
        self.publisher.publish(50)
        self.publisher.wait_for_acknowledgements()
        while self.gateway.data.exists():  # what the gateway writes meanwhile goes as well
            shutil.rmtree(self.gateway.data, ignore_errors=True)
        self.publisher.publish(20)
        kafka.start()
        suite.wait_for(lambda: not self.gateway.process.running(), self.gateway.process.output, seconds=50)
        self.assertEqual(self.gateway.process.child.returncode, 74)
        self.assertRegex(self.gateway.process.output(), "data_dir .* was deleted or moved while the gateway ran")
        self.assertIn("ending, so that a restart makes a new log", self.gateway.process.output())
        self.gateway.start()
        self.everything_arrives()

    def test_by_ctrl_c(self):
        self.gateway.process.signal(signal.SIGINT)
        self.assertEqual(self.gateway.process.child.wait(5), 0)


if __name__ == "__main__":
    suite.main()
