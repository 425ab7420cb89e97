"""What the simulator's model takes for granted of Kafka's brokers, against a real one: each script of
tests/sim/conformance_broker_test.cpp, which the suite `sim` runs against the model alone."""

import os
import re
import subprocess
import unittest

from harness import suite
from harness.kafka import Kafka

SCRIPTS = 11


def setUpModule():
    global kafka
    kafka = Kafka().start()


class Conformance(unittest.TestCase):
    def test_kafka_and_librdkafka_do_what_the_model_does(self):
        done = subprocess.run([os.environ["WEATHER_CONFORMANCE"], "--gtest_filter=*Brokers*Kafka"], capture_output=True, text=True,
                              env={**os.environ, "WEATHER_KAFKA": kafka.bootstrap}, timeout=220)
        self.assertEqual(done.returncode, 0, done.stdout[-8000:])
        passed = re.search(r"\[  PASSED  \] (\d+) tests", done.stdout)
        self.assertGreaterEqual(int(passed.group(1)), SCRIPTS, done.stdout[-2000:])


if __name__ == "__main__":
    suite.main()
