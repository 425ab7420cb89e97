"""`produce`, `consume` and `send`: the small client of the article, and a file through the durable log."""

import json
import signal
import subprocess
import time
import unittest

from harness import suite
from harness.gateway import PROGRAM, Gateway, run
from harness.kafka import Kafka, headers
from harness.mosquitto import Mosquitto
from harness.publisher import reading

VALUE = '{"temperature":22.5,"humidity":60,"location":"Nairobi"}'


def setUpModule():
    global kafka, properties
    kafka = Kafka().start()
    properties = suite.folder("client") / "client.properties"
    properties.write_text(f"# comment\n\nbootstrap.servers={kafka.bootstrap}\nsecurity.protocol=PLAINTEXT\n")


def produce(topic, key="sensor-001", value=VALUE, *more):
    return run("produce", "--config", properties, "--topic", topic, "--key", key, "--value", value, *more)


class Produce(unittest.TestCase):
    def test_writes_key_value_headers_and_timestamp(self):
        kafka.create_topic("produced")
        done = produce("produced", "sensor-001", VALUE, "--header", "source=weather-station", "--header", "unit=metric",
                       "--timestamp", "2025-09-20T06:30:00Z")
        self.assertEqual(done.returncode, 0, done.stderr)
        record, = kafka.records("produced")
        self.assertEqual((record.key, record.value, record.timestamp_ms), ("sensor-001", VALUE, 1758349800000))
        self.assertEqual({k: v for k, v in headers(record).items() if not k.startswith("ce_")},
                         {"source": "weather-station", "unit": "metric"})

    def test_names_the_line_of_an_unknown_property(self):
        bad = properties.with_name("bad.properties")
        bad.write_text(properties.read_text() + "bootstrap.severs=x\n")
        done = run("produce", "--config", bad, "--topic", "t", "--key", "k", "--value", "v")
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("bad.properties:5", done.stderr)
        self.assertIn("bootstrap.severs", done.stderr)


class Consume(unittest.TestCase):
    def test_starts_at_the_earliest_and_prints_key_and_value(self):
        kafka.create_topic("consumed")
        for number in range(3):
            produce("consumed", f"k{number}", f"v{number}")
        done = run("consume", "--config", properties, "--topic", "consumed", "--group", "reader", "--count", 3)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 3)
        for number, line in enumerate(lines):
            self.assertRegex(line, rf"key = k{number}\s+value = v{number}")

    def test_goes_on_where_its_group_left(self):
        kafka.create_topic("continued")
        for number in range(4):
            produce("continued", "k", f"v{number}")
        seen = [run("consume", "--config", properties, "--topic", "continued", "--group", "again", "--count", 2).stdout
                for _ in range(2)]
        self.assertIn("v1", seen[0])
        self.assertIn("v2", seen[1])
        self.assertNotIn("v1", seen[1])

    def test_prints_one_json_event_a_line(self):
        kafka.create_topic("as_json")
        produce("as_json", "sensor-001", VALUE, "--header", "unit=metric", "--timestamp", "2025-09-20T06:30:00Z")
        done = run("consume", "--config", properties, "--topic", "as_json", "--count", 1, "--format", "json")
        event = json.loads(done.stdout)
        self.assertEqual((event["key"], event["headers"]["unit"]), ("sensor-001", "metric"))
        self.assertEqual(event["value"], json.loads(VALUE))
        self.assertEqual(event["timestamp"], "2025-09-20T06:30:00Z")

    def test_ends_within_two_seconds_of_ctrl_c_and_leaves_its_group(self):
        kafka.create_topic("interrupted")
        produce("interrupted", "k", "first")
        command = [PROGRAM, "consume", "--config", properties, "--topic", "interrupted", "--group", "leaves"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as consumer:
            self.assertIn("first", consumer.stdout.readline())
            began = time.monotonic()
            consumer.send_signal(signal.SIGINT)
            consumer.communicate(timeout=10)
            self.assertLess(time.monotonic() - began, 2)
            self.assertEqual(consumer.returncode, 0)
        # A member that had not left would hold the partition until its session times out (45 s).
        began = time.monotonic()
        produce("interrupted", "k", "second")
        done = run("consume", "--config", properties, "--topic", "interrupted", "--group", "leaves", "--count", 1)
        self.assertIn("second", done.stdout)
        self.assertLess(time.monotonic() - began, 15)


class Send(unittest.TestCase):
    def test_puts_a_file_through_the_log_in_order(self):
        kafka.create_topic("sent")
        gateway = Gateway(None, kafka.bootstrap, "sent")
        events = gateway.folder / "events.ndjson"
        events.write_text("".join(reading(f"sensor-{n % 3}", n) + "\n" for n in range(1000)))
        done = run("send", "-c", gateway.config, "--file", events)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        records = kafka.records("sent")
        self.assertEqual([int(json.loads(r.value)["temperature"]) for r in records], list(range(1000)))
        self.assertEqual(gateway.verify_log().returncode, 0)

    def test_goes_through_a_running_gateway_which_holds_the_log(self):
        mosquitto = Mosquitto().start()
        kafka.create_topic("held")
        gateway = Gateway(mosquitto, kafka.bootstrap, "held").start()
        self.addCleanup(gateway.kill9)
        events = gateway.folder / "events.ndjson"
        events.write_text(reading("sensor-1", 1) + "\n")
        done = run("send", "-c", gateway.config, "--file", events)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(gateway.process.running())
        kafka.wait_for_count("held", 1)
        self.assertEqual([r.key for r in kafka.records("held")], ["sensor-1"])


if __name__ == "__main__":
    suite.main()
