"""Many gateways: what each says of itself in the fleet's topic, and what a common outage does to them all."""

import datetime
import json
import time
import unittest

from harness import json_schema, suite
from harness.gateway import Gateway, run
from harness.kafka import SCRIPT, Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

STATUS_TOPIC = "weather-gateway-status"
FLEET = f"""
[fleet]
topic = "{STATUS_TOPIC}"
interval = "2s"
"""


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    kafka.create_topic("fleet")
    mosquitto = Mosquitto().start()


def said(gateway):
    """What a gateway has said, oldest first; nothing before one has created the topic."""
    try:
        records = kafka.records(STATUS_TOPIC)
    except RuntimeError as error:
        if "Unknown topic" in str(error):
            return []
        raise
    return [json.loads(record.value) for record in records if record.key == gateway.id]


def verdict(records):
    """As the centre judges, from the last record alone: docs/fleet.md."""
    last = records[-1]
    age = time.time() - datetime.datetime.fromisoformat(last["time"].replace("Z", "+00:00")).timestamp()
    return last["state"] if last["state"] == "stopped" or age < 3 * last["interval_seconds"] else "dark"


class Fleet(unittest.TestCase):
    def test_the_centre_tells_dark_from_catching_up(self):
        gateway = Gateway(mosquitto, kafka.bootstrap, "fleet", FLEET)
        (gateway.folder / "conf.d").mkdir()
        (gateway.folder / "conf.d" / "slow.toml").write_text(
            "[kafka]\nwindow_records = 5\n[backlog]\nmax_rate = 40\n")  # a drain of ten seconds: five beats see it
        gateway.start()
        self.addCleanup(gateway.kill9)
        suite.wait_for(lambda: said(gateway) and verdict(said(gateway)) == "online", lambda: said(gateway))
        first = said(gateway)[0]
        self.assertEqual(first["beat"], 1)
        self.assertEqual(first["gateway"], gateway.id)
        for name in ("born", "clock", "version", "librdkafka", "log_id", "unsent", "oldest_unsent", "eta_seconds"):
            self.assertIn(name, first)
        self.assertRegex(kafka.run("tool", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", kafka.bootstrap,
                                   "--describe", "--topic", STATUS_TOPIC), "cleanup.policy=compact")

        kafka.stop()
        publisher = Publisher(mosquitto)
        publisher.publish(400)
        publisher.wait_for_acknowledgements()
        publisher.close()
        kafka.start()
        catching = suite.wait_for(lambda: [one for one in said(gateway) if one["state"] == "catching_up"], lambda: said(gateway)[-3:],
                                  every=0.3)
        self.assertGreater(catching[0]["unsent"], 0)
        self.assertIsNotNone(catching[0]["oldest_unsent"])
        self.assertEqual(catching[0]["born"], first["born"])
        kafka.wait_for_count("fleet", 400)
        suite.wait_for(lambda: verdict(said(gateway)) == "online", lambda: said(gateway)[-3:])

        gateway.kill9()
        suite.wait_for(lambda: verdict(said(gateway)) == "dark", lambda: said(gateway)[-1], every=0.5)
        gateway.start()
        suite.wait_for(lambda: verdict(said(gateway)) == "online", lambda: said(gateway)[-1], every=0.5)
        self.assertNotEqual(said(gateway)[-1]["born"], first["born"])
        self.assertEqual(gateway.terminate()[0], 0)
        self.assertEqual(verdict(said(gateway)), "stopped")


class Simulate(unittest.TestCase):
    def simulate(self, topic, *arguments):
        kafka.create_topic(topic, partitions=3)
        properties = suite.folder("simulate") / "client.properties"
        properties.write_text(f"bootstrap.servers={kafka.bootstrap}\nreconnect.backoff.max.ms=2000\n")
        done = run("simulate", "--config", properties, "--topic", topic, "--json", *arguments, timeout=150)
        print(done.stdout[:600], flush=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json_schema.check("simulate", done.stdout)

    def test_a_fleet_that_acts_as_if_cut_off_loses_nothing(self):
        report = self.simulate("simulate", "--gateways", 40, "--sensors", 5, "--rate", "1/1s", "--for", "12s", "--outage", "4s@3s")
        self.assertEqual((report["lost"], report["out_of_order"], report["duplicates"]), (0, 0, 0))
        self.assertAlmostEqual(report["accepted"], 40 * 5 * 12, delta=300)
        self.assertEqual(kafka.count("simulate"), report["delivered"])
        self.assertGreater(report["outage"]["waiting_at_its_end"], 500)
        self.assertGreater(report["outage"]["drain"]["peak_records_per_second"], 250)
        self.assertIsNotNone(report["outage"]["drained_after_seconds"])

    def test_a_broker_that_hangs_is_a_real_outage(self):
        report = self.simulate("simulate_real", "--gateways", 40, "--sensors", 5, "--rate", "1/1s", "--for", "14s", "--outage", "5s@3s",
                               "--producers", 10, "--cut", f"KAFKA_DIR={kafka.folder} {SCRIPT} pause",
                               "--restore", f"KAFKA_DIR={kafka.folder} {SCRIPT} resume")
        self.assertEqual((report["lost"], report["out_of_order"]), (0, 0))
        self.assertGreater(report["outage"]["waiting_at_its_end"], 500)
        self.assertIsNotNone(report["outage"]["all_back_after_seconds"])
        self.assertGreaterEqual(report["connects"], 10)


if __name__ == "__main__":
    suite.main()
