"""`produce`, `consume` and `send`: the small client of the article, and a file through the durable log."""

import json
import select
import signal
import subprocess
import unittest

from harness import fair_clock, json_schema, suite
from harness.gateway import PROGRAM, Gateway, run
from harness.kafka import Kafka, headers
from harness.mosquitto import Mosquitto
from harness.publisher import publish_one, reading

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
        event = json_schema.check("consume", done.stdout)
        self.assertEqual((event["key"], event["headers"]["unit"]), ("sensor-001", "metric"))
        self.assertEqual(event["value"], json.loads(VALUE))
        self.assertEqual(event["timestamp"], "2025-09-20T06:30:00Z")

    def test_ends_within_two_seconds_of_ctrl_c_and_leaves_its_group(self):
        kafka.create_topic("interrupted")
        produce("interrupted", "k", "first")
        command = [PROGRAM, "consume", "--config", properties, "--topic", "interrupted", "--group", "leaves"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as consumer:
            self.assertIn("first", consumer.stdout.readline())
            began = fair_clock.seconds()
            consumer.send_signal(signal.SIGINT)
            consumer.communicate(timeout=10)
            self.assertLess(fair_clock.seconds() - began, 2)
            self.assertEqual(consumer.returncode, 0)
        # A member that had not left would hold the partition until its session times out (45 s).
        began = fair_clock.seconds()
        produce("interrupted", "k", "second")
        done = run("consume", "--config", properties, "--topic", "interrupted", "--group", "leaves", "--count", 1)
        self.assertIn("second", done.stdout)
        self.assertLess(fair_clock.seconds() - began, 15)


class Send(unittest.TestCase):
    def test_puts_a_file_through_the_log_in_order(self):
        kafka.create_topic("sent")
        gateway = Gateway(None, kafka.bootstrap, "sent")
        events = gateway.folder / "events.ndjson"
        events.write_text("".join(reading(f"sensor-{n % 3}", n) + "\n" for n in range(3500)))
        done = run("send", "-c", gateway.config, "--file", events)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        records = kafka.records("sent")
        self.assertEqual([int(json.loads(r.value)["temperature"]) for r in records], list(range(3500)))
        self.assertEqual(gateway.verify_log().returncode, 0)

    def test_a_line_that_is_too_long_is_said_and_the_others_are_stored(self):
        gateway = Gateway(None, kafka.bootstrap, "sent")
        events = gateway.folder / "events.ndjson"
        events.write_text(f"{reading('a', 1)}\n\n{reading('b', 2)[:-1]},\"note\":\"{'x' * 400_000}\"}}\n{reading('c', 3)}\n")
        done = run("send", "-c", gateway.config, "--file", events, "--no-wait")
        self.assertEqual(done.returncode, 65)
        self.assertRegex(done.stderr, r"events\.ndjson:3: 4\d+ bytes in a line are more than")
        self.assertIn("3 lines stored as 3 readings, 1 undecodable", done.stdout)

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


class JsonOutput(unittest.TestCase):
    """What commands print with --json follows docs/command-output.schema.json."""

    @classmethod
    def setUpClass(cls):
        cls.mosquitto = Mosquitto().start()
        kafka.create_topic("as_documents")
        cls.gateway = Gateway(cls.mosquitto, kafka.bootstrap, "as_documents").start()
        cls.addClassCleanup(cls.gateway.kill9)

    def publish(self, sensor):
        publish_one(self.mosquitto, "weather/roof", reading(sensor, 5))

    def command(self, *words):
        done = run(*words, "-c", self.gateway.config)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_what_commands_print_as_json_follows_their_schemas(self):
        self.publish("schema")
        with subprocess.Popen([PROGRAM, "tail", "--json", "-c", self.gateway.config], stdout=subprocess.PIPE, text=True) as tail:
            deadline = fair_clock.seconds() + 30
            while not select.select([tail.stdout], [], [], 0.5)[0]:
                self.assertLess(fair_clock.seconds(), deadline)
                self.publish("schema")
            json_schema.check("tail", tail.stdout.readline())
            tail.kill()
        events = self.gateway.folder / "events.ndjson"
        events.write_text('{"id":"sent","temperature":1}\nnonsense\n')
        done = run("send", "--json", "--file", events, "-c", self.gateway.config)
        sent = json_schema.check("send", done.stdout)
        self.assertEqual((sent["lines"], sent["undecodable"], sent["running"]), (2, 1, True))
        for words in (["pause"], ["resume"], ["retry"], ["drain", "--timeout", "30s"]):
            json_schema.check(words[0], self.command(*words, "--json"))
        json_schema.check("doctor", self.command("doctor", "--json"))
        letter = suite.wait_for(lambda: json.loads(self.command("dead-letters", "ls", "--json"))["dead_letters"], "a dead letter")[0]
        shown = json_schema.check("dead-letters show", self.command("dead-letters", "show", "--json", letter["id"]))
        self.assertEqual(shown["raw"], "nonsense")
        json_schema.check("dead-letters drop", self.command("dead-letters", "drop", "--json", letter["id"]))
        replayed = json_schema.check("replay", self.command("replay", "--from", "1", "--json"))
        self.assertEqual(replayed["route"], "kafka")

    def test_what_log_tools_print_as_json_follows_their_schemas(self):
        self.publish("tools")
        data, copy, backlog = self.gateway.data, self.gateway.folder / "copy", self.gateway.folder / "backlog.wgx"

        def tool(*words, code=0):
            done = run(*words)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            return done.stdout
        listing = json_schema.check("log ls", tool("log", "ls", "--json", data))
        self.assertTrue(listing["running"])
        self.assertTrue(listing["segments"])
        self.assertTrue(json_schema.check("log stat", tool("log", "stat", "--json", data))["cursors"])
        json_schema.check("log verify", tool("log", "verify", "--json", data))
        lines = tool("log", "dump", data, "--json").splitlines()
        for line in lines:
            json_schema.check("log dump", line)
        exported = json_schema.check("log export", tool("log", "export", "--json", "-o", backlog, data))
        self.assertGreaterEqual(exported["records"], len(lines))
        self.assertTrue(json_schema.check("audit", tool("audit", "--json", data))["cursors"])
        imported = json_schema.check("log import", tool("log", "import", "--json", "-i", backlog, copy))
        self.assertGreater(imported["records"], 0)
        self.assertEqual(json_schema.check("log repair", tool("log", "repair", "--json", copy))["verdict"], "clean")
        # A bit that fell over: the verdict, the place and the exit code agree.
        segment = max(copy.rglob("*.seg"), key=lambda file: file.stat().st_size)
        bytes_ = bytearray(segment.read_bytes())
        bytes_[bytes_.index(b"tools")] ^= 1
        segment.write_bytes(bytes_)
        done = run("log", "verify", "--json", copy)
        found = json_schema.check("log verify", done.stdout)
        self.assertEqual(done.returncode, ["clean", "torn_tail", "damage", "loss"].index(found["verdict"]))
        self.assertNotEqual(found["verdict"], "clean")
        self.assertTrue(found["findings"])


if __name__ == "__main__":
    suite.main()
