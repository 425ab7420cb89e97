"""delivery = "exactly-once" against a real Kafka: the gateway ends as by kill -9 at each place of a transaction that a
crash could tell apart; a second instance takes over; the broker forbids it.

The promise: the topic, read_committed, equals the input. No id twice, none missing.
"""

import base64
import itertools
import json
import os
import pathlib
import shutil
import threading
import time
import unittest

from harness import expect, kafka_admin, suite
from harness.certificates import Certificates
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.process import Process
from harness.publisher import Publisher, publish_raw

KILLED = pathlib.Path(os.environ.get("WEATHER_KILLED_GATEWAY",
                                     pathlib.Path(__file__).resolve().parents[2] / "build" / "tests" / "killed_gateway"))
KILLS = 200 if os.environ.get("WEATHER_SUITE") == "soak" else 21
RATE = 150
# Where it ends, and whether some time after: while the commit is under way.
PLACES = [("transaction_begun", False), ("records_acknowledged", False), ("cursor_produced", False),
          ("committing", True), ("committed", False), ("cursor_moved", False), ("cursor_on_card", False)]
# Small transactions: many of them between two kills, also on a busy machine.
DELIVERY = 'delivery = "exactly-once"\nwindow_records = 300'


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka(KAFKA_USERS="alice=alice-secret bob=bob-secret").start()
    mosquitto = Mosquitto().start()


def exactly_once(gateway):
    text = gateway.config.read_text()
    gateway.config.write_text(text.replace("[kafka]\n", f"[kafka]\n{DELIVERY}\n", 1))
    return gateway


def reading(sensor, number, **more):
    return json.dumps({"id": sensor, "temperature": number, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **more})


def status(gateway):
    answer = run("status", "-c", gateway.config, "--json")
    return json.loads(answer.stdout) if answer.returncode == 0 else None


def state(gateway):
    found = status(gateway)
    return (found["kafka"][0]["state"], found["kafka"][0]["reason"]) if found else (None, None)


class KillNine(unittest.TestCase):
    def test_at_each_place_of_a_transaction(self):
        random = suite.seeded_random()
        kafka.create_topic("once", partitions=3)
        gateway = exactly_once(Gateway(mosquitto, kafka.bootstrap, "once"))
        publisher = Publisher(mosquitto, in_flight=1000)
        stop = threading.Event()

        def load():
            while not stop.is_set():
                publisher.publish(RATE // 10, rate=RATE)
        gateway.start()
        station = threading.Thread(target=load)
        station.start()
        self.addCleanup(station.join)
        self.addCleanup(stop.set)
        gateway.kill9()

        for place, later in itertools.islice(itertools.cycle(PLACES), KILLS):
            delay = random.randrange(1, 5000) if later else 0
            killed = Process([KILLED, gateway.config, place, random.randrange(1, 4), delay], gateway.folder / "killed.log")
            self.addCleanup(killed.kill9)
            killed.start()
            suite.wait_for(lambda p=killed: not p.running(), lambda p=killed: f"{place} comes by: {p.output()[-2000:]}")
            self.assertEqual(killed.child.returncode, -9, killed.output()[-2000:])
        stop.set()
        station.join()
        gateway.start()
        publisher.wait_for_acknowledgements()
        sent = publisher.total_acknowledged()
        suite.wait_for(lambda: status(gateway)["kafka"][0]["delivered"] >= sent,
                       lambda: f"{sent} delivered: {status(gateway)['kafka']}", seconds=120, every=0.3)
        drained = run("drain", "-c", gateway.config, "--timeout", "60s", timeout=90)
        self.assertEqual(drained.returncode, 0, drained.stdout + drained.stderr)

        records = kafka.records("once", isolation="read_committed")
        expect.everything_arrived(self, records, publisher.acknowledged)
        self.assertEqual(expect.same_reading_same_id(self, records), 0, "an id is there twice")
        self.assertEqual(len(records), sent, "the topic is the input, record for record")
        self.assertEqual(status(gateway)["kafka"][0]["delivered"], sent, "and the cursor counts the same")
        all_of_them = len(kafka.records("once"))
        print(f"{KILLS} kills, {len(records)} committed, {all_of_them - len(records)} more of aborted transactions",
              flush=True)
        self.assertEqual(gateway.terminate()[0], 0)
        self.assertEqual(run("audit", gateway.data).returncode, 0)


class TwoInstances(unittest.TestCase):
    def test_of_one_log_do_not_both_deliver(self):
        kafka.create_topic("fenced")
        one = exactly_once(Gateway(None, kafka.bootstrap, "fenced")).start(wait=False)
        suite.wait_for(lambda: state(one)[0], "the first answers")
        one.send(range(0, 10), "--no-wait")
        kafka.wait_for_count("fenced", 10)
        self.assertEqual(one.terminate()[0], 0)
        two = exactly_once(Gateway(None, kafka.bootstrap, "fenced"))
        two.config.write_text(two.config.read_text().replace(f'id = "{two.id}"', f'id = "{one.id}"', 1))
        shutil.copytree(one.data, two.data, ignore=shutil.ignore_patterns("LOCK", "control.sock"))

        one.start(wait=False)
        suite.wait_for(lambda: state(one)[0] == "online", lambda: f"the first goes on: {state(one)}")
        two.start(wait=False)
        suite.wait_for(lambda: state(two)[0] == "online", lambda: f"the second takes over: {state(two)}")
        two.send(range(100, 110), "--no-wait")
        suite.wait_for(lambda: status(two)["unsent"] == 0, "the second delivers")
        one.send(range(200, 205), "--no-wait")  # acknowledged and kept, but not delivered by two
        suite.wait_for(lambda: state(one)[0] == "blocked", lambda: f"the first notices: {state(one)}")
        self.assertIn("another", state(one)[1])
        records = kafka.records("fenced", isolation="read_committed")
        numbers = [json.loads(r.value)["temperature"] for r in records]
        self.assertEqual(numbers, [*range(10), *range(100, 110)])
        self.assertEqual(expect.same_reading_same_id(self, records), 0)

        # Brought back, it would give new readings ids that the other has used.
        self.assertEqual(one.terminate()[0], 0)
        self.assertEqual(two.terminate()[0], 0)
        one.start(wait=False)
        suite.wait_for(lambda: state(one)[0] == "blocked", lambda: f"the older copy is refused: {state(one)}")
        self.assertIn("is an older copy: Kafka has its records up to 20, here they end at 15", state(one)[1])
        one.terminate()


class CursorTopic(unittest.TestCase):
    def test_is_made_compacted(self):
        kafka.create_topic("made")
        gateway = exactly_once(Gateway(None, kafka.bootstrap, "made")).start(wait=False)
        suite.wait_for(lambda: state(gateway)[0] == "online", lambda: str(state(gateway)))
        described = kafka.run("tool", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", kafka.bootstrap,
                              "--describe", "--topic", "weather-gateway-cursors")
        self.assertIn("cleanup.policy=compact", described)
        self.assertIn("PartitionCount: 1", described)
        gateway.terminate()


class Forbidden(unittest.TestCase):
    def test_a_broker_that_forbids_transactions_is_named(self):
        kafka.create_topic("allowed")
        kafka.allow_write("alice", "allowed")
        tls = kafka.folder / "tls"
        gateway = exactly_once(Gateway(None, kafka.bootstrap, "allowed", properties={
            "bootstrap.servers": kafka.run("bootstrap", "ssl"), "security.protocol": "ssl",
            "ssl.ca.location": tls / "ca.crt", "ssl.certificate.location": tls / "alice.crt",
            "ssl.key.location": tls / "alice.key"})).start(wait=False)
        suite.wait_for(lambda: state(gateway)[0] == "blocked", lambda: f"blocked: {state(gateway)}")
        reason = state(gateway)[1]
        self.assertIn("exactly-once is not possible", reason)
        self.assertIn("ransactional", reason)
        self.assertNotIn("alice-secret", reason)
        gateway.terminate()


class Rights(unittest.TestCase):
    def test_each_right_of_the_documents_table_is_needed_and_they_are_enough(self):
        """docs/routes.md: with one of them missing the route is blocked and delivers nothing, with all of them it delivers."""
        certificates = Certificates(kafka, suite.folder("rights"))
        kafka.create_topic("rights")
        kafka.create_topic("weather-gateway-cursors", cleanup_policy="compact")
        gateway = exactly_once(Gateway(mosquitto, kafka.run("bootstrap", "ssl"), "rights", properties=certificates.issue("bob")))
        self.addCleanup(gateway.kill9)
        rights = [kafka_admin.right("bob", "rights", kafka_admin.WRITE),
                  kafka_admin.right("bob", f"weather-gateway/{gateway.id}/kafka", kafka_admin.WRITE, kafka_admin.TRANSACTIONAL_ID),
                  kafka_admin.right("bob", "weather-gateway-cursors", kafka_admin.WRITE),
                  kafka_admin.right("bob", "weather-gateway-cursors", kafka_admin.READ),
                  kafka_admin.right("bob", "weather-gateway-cursor", kafka_admin.READ, kafka_admin.GROUP)]
        words = ["write to the topic", "transactional id", "write to the topic", "the cursor cannot be read back", "use the group"]
        for missing in range(len(rights)):
            for number, right in enumerate(rights):
                (kafka_admin.revoke if number == missing else kafka_admin.grant)(kafka.bootstrap, right)
            gateway.start()
            publish_raw(mosquitto, "weather/rights", [reading("a", missing)])
            suite.wait_for(lambda: gateway.route()["state"] == "blocked", lambda: f"right {missing} is missing: {gateway.route()}",
                           seconds=60, every=0.2)
            self.assertEqual(gateway.route()["delivered"], 0, f"without right {missing}: {gateway.route()}")
            self.assertIn(words[missing], gateway.route()["reason"])
            gateway.kill9()
        for right in rights:
            kafka_admin.grant(kafka.bootstrap, right)
        gateway.start()
        suite.wait_for(lambda: gateway.route()["delivered"] == len(rights), lambda: gateway.route(), seconds=60, every=0.2)


class Refused(unittest.TestCase):
    """What Kafka does not take ends no route: the transaction is aborted, and all of it gets its fate."""

    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]

    def start(self, bootstrap=None, properties=None, **config):
        kafka.create_topic(self.topic, partitions=2, **config)
        self.gateway = exactly_once(Gateway(mosquitto, bootstrap or kafka.bootstrap, self.topic,
                                            properties={"linger.ms": 200, **(properties or {})}))
        self.addCleanup(self.gateway.kill9)
        return self.gateway

    def wait_for_fates(self, delivered, dead=0):
        suite.wait_for(lambda: (self.gateway.route()["delivered"], self.gateway.route()["dead_lettered"]) == (delivered, dead),
                       lambda: self.gateway.route(), seconds=60, every=0.2)
        suite.wait_for(lambda: self.gateway.route()["state"] == "online", lambda: self.gateway.route())
        records = kafka.records(self.topic, isolation="read_committed")
        self.assertEqual(len(records), delivered)
        self.assertEqual(expect.same_reading_same_id(self, records), 0, "an id is there twice")
        self.assertNotIn("without idempotence", self.gateway.process.output())

    def expect_blocked(self, words, seconds=20):
        suite.wait_for(lambda: self.gateway.route()["state"] == "blocked" and words in self.gateway.route()["reason"],
                       lambda: self.gateway.route(), seconds=seconds, every=0.2)

    def test_a_record_too_large(self):
        self.start(max_message_bytes=1500).start()
        publish_raw(mosquitto, "weather/small", [reading("a", n) for n in range(3)])
        suite.wait_for(lambda: self.gateway.route()["delivered"] == 3, lambda: self.gateway.route())
        large = reading("a", 9, location=base64.b64encode(os.urandom(3000)).decode())
        publish_raw(mosquitto, "weather/mixed", [*(reading("a", n) for n in range(3, 6)), large, reading("b", 6)])
        self.wait_for_fates(7, dead=1)
        self.assertEqual(self.gateway.terminate()[0], 0)
        self.gateway.start()
        publish_raw(mosquitto, "weather/after", [reading("a", 7)])
        self.wait_for_fates(8, dead=1)

    def test_a_time_that_is_refused(self):
        self.start(message_timestamp_before_max_ms=3600 * 1000).start()
        old = [json.dumps({"id": "a", "temperature": n, "time": "2025-09-20T06:00:00Z"}) for n in range(40)]
        publish_raw(mosquitto, "weather/old", old)
        self.wait_for_fates(40)

    def test_a_right_that_is_taken_away_and_given_back_and_a_renewed_certificate(self):
        certificates = Certificates(kafka, suite.folder("certificates"))
        kafka.allow_write("alice", self.topic)
        self.start(kafka.run("bootstrap", "ssl"), certificates.issue("alice"))
        kafka.allow_transactions("alice", f"weather-gateway/{self.gateway.id}/kafka")
        self.gateway.start()
        publish_raw(mosquitto, "weather/before", [reading("a", n) for n in range(5)])
        self.wait_for_fates(5)
        kafka.forbid_write("alice", self.topic)
        publish_raw(mosquitto, "weather/meanwhile", [reading("a", n) for n in range(5, 25)])
        self.expect_blocked("allow this client to write to the topic")
        certificates.issue("alice")
        suite.wait_for(lambda: "certificates were renewed" in self.gateway.process.output(), "the renewal is noticed")
        kafka.allow_write("alice", self.topic)
        run("retry", "-c", self.gateway.config)
        self.wait_for_fates(25)

    def test_a_topic_that_is_deleted_and_made_again(self):
        self.start(properties={"topic.metadata.propagation.max.ms": 2000, "topic.metadata.refresh.interval.ms": 2000}).start()
        publish_raw(mosquitto, "weather/before", [reading("a", n) for n in range(5)])
        self.wait_for_fates(5)
        kafka.delete_topic(self.topic)
        publish_raw(mosquitto, "weather/meanwhile", [reading("a", n) for n in range(5, 25)])
        self.expect_blocked("create the topic")
        kafka.create_topic(self.topic, partitions=2)
        run("retry", "-c", self.gateway.config)
        suite.wait_for(lambda: self.gateway.route()["delivered"] == 25, lambda: self.gateway.route(), seconds=60, every=0.2)
        self.assertEqual(len(kafka.records(self.topic, isolation="read_committed")), 20)
        suite.wait_for(lambda: self.gateway.route()["state"] == "online", lambda: self.gateway.route())


if __name__ == "__main__":
    suite.main()
