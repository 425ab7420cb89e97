"""What the simulator's model takes for granted of Kafka's brokers, against a real one: each script of
tests/sim/conformance_broker_test.cpp, which the suite `sim` runs against the model alone. In soak also with the librdkafka of
Debian 13, these and the scripts against the library's own cluster."""

import os
import re
import subprocess
import unittest

from harness import suite
from harness.engines import newer_librdkafka
from harness.kafka import Kafka

SOAK = os.environ.get("WEATHER_SUITE") == "soak"
SCRIPTS = 11
LIBRARY_SCRIPTS = 15


class Conformance(unittest.TestCase):
    def setUp(self):
        self.kafka = Kafka().start()  # the scripts make their topics

    def follow(self, scripts, least, library=None):
        program = os.environ["WEATHER_CONFORMANCE"]
        environment = {**os.environ, "WEATHER_KAFKA": self.kafka.bootstrap}
        if library:
            environment["LD_LIBRARY_PATH"] = str(library)
            loaded = subprocess.run(["ldd", program], capture_output=True, text=True, env=environment, check=True).stdout
            self.assertIn(f"{library}/librdkafka.so.1", loaded)
        done = subprocess.run([program, f"--gtest_filter={scripts}"], capture_output=True, text=True, env=environment, timeout=220)
        self.assertEqual(done.returncode, 0, done.stdout[-8000:])
        passed = re.search(r"\[  PASSED  \] (\d+) tests", done.stdout)
        self.assertGreaterEqual(int(passed.group(1)), least, done.stdout[-2000:])

    def test_kafka_and_librdkafka_do_what_the_model_does(self):
        self.follow("*Brokers*Kafka", SCRIPTS)

    @unittest.skipUnless(SOAK, "a library from the network")
    def test_the_newer_librdkafka_does_it_as_well(self):
        self.follow("*Brokers*Kafka", SCRIPTS, newer_librdkafka())
        self.follow("*Librdkafka", LIBRARY_SCRIPTS, newer_librdkafka())


if __name__ == "__main__":
    suite.main()
