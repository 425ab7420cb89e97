"""Routes that send fewer records than readings: summaries of a period, and what has changed; with kill -9 in between."""

import collections
import json
import time
import unittest

from harness import suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka, headers
from harness.mosquitto import Mosquitto

PERIOD_S = 4
ROUTES = f"""
[[route]]
name = "raw"
[[route]]
name = "summary"
topic = "summary"
period = "{PERIOD_S}s"
statistics = ["mean", "min", "max", "count"]
[[route]]
name = "once"
topic = "once"
period = "{PERIOD_S}s"
statistics = ["last", "count"]
[[route]]
name = "changes"
topic = "changes"
heartbeat = "1h"
changes = {{ temperature = 0.5, wind_direction = 360 }}
"""


def setUpModule():
    global kafka, gateway
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()
    for name in ("raw", "summary", "once", "changes"):
        kafka.create_topic(name)
    gateway = Gateway(mosquitto, kafka.bootstrap, "raw", extra=ROUTES).start()


def seconds(record):
    return record.timestamp_ms // 1000


class Thinning(unittest.TestCase):
    def test_every_reading_is_in_one_summary_across_kill_9(self):
        said = 0
        for batch in range(12):
            lines = [json.dumps({"id": f"s{n % 3}", "temperature": 20 + (said + n) % 40 / 10, "wind_speed": 3, "wind_direction": 350 + n % 20})
                     for n in range(10)]
            sent = run("send", "-c", gateway.config, "--file", "-", input="\n".join(lines) + "\n")
            self.assertEqual(sent.returncode, 0, sent.stderr)
            said += len(lines)
            if batch in (3, 6, 9):
                gateway.kill9()
                gateway.start()
            else:
                time.sleep(0.7)  # periods are of the wall clock
        kafka.wait_for_count("raw", said)
        for route in ("summary", "once"):
            suite.wait_for(lambda route=route: gateway.route(route)["waiting"] == 0, lambda route=route: str(gateway.route(route)), 60)
        raw = {headers(r)["ce_id"]: r for r in kafka.records("raw")}
        self.assertEqual(len(raw), said)
        for topic in ("summary", "once"):
            self.count_summaries(topic, raw)

        changes = {headers(r)["ce_id"]: json.loads(r.value)["temperature"] for r in kafka.records("changes")}
        self.assertLess(len(changes), said)
        self.assertTrue(set(changes) <= set(raw))
        status = gateway.route("changes")
        self.assertEqual(status["waiting"], 0)
        self.check_changes(raw, changes)

    def count_summaries(self, topic, raw):
        expected = collections.defaultdict(list)
        for record in raw.values():
            expected[record.key, seconds(record) // PERIOD_S].append(json.loads(record.value)["temperature"])
        seen, found = {}, collections.defaultdict(list)
        for record in kafka.records(topic):
            self.assertEqual(seconds(record) % PERIOD_S, 0)
            identity = headers(record)["ce_id"]
            self.assertRegex(identity, rf"^[0-9a-f]{{32}}-\d+/{PERIOD_S}s$")
            self.assertEqual(seen.setdefault(identity, record.value), record.value, "another summary of the same id")
            if len(seen) > sum(map(len, found.values())):
                found[record.key, seconds(record) // PERIOD_S - 1].append(json.loads(record.value))
        self.assertLess(len(seen), len(raw))
        self.assertEqual({key: sum(v["number_of_observations"] for v in values) for key, values in found.items()},
                         {key: len(values) for key, values in expected.items()})
        if topic == "summary":
            for key, values in found.items():
                self.assertEqual((min(v["temperature_min"] for v in values), max(v["temperature_max"] for v in values)),
                                 (min(expected[key]), max(expected[key])))
                for value in values:  # north is in the middle of 350 to 9 degrees
                    self.assertTrue(value["wind_direction"] >= 350 or value["wind_direction"] < 10, value)
                    self.assertNotIn("wind_direction_max", value)

    def check_changes(self, raw, changes):
        """Between two records of a sensor nothing was half a degree away from the first of them."""
        last = {}
        for identity, record in sorted(raw.items(), key=lambda item: int(item[0].split("-")[1])):
            temperature = json.loads(record.value)
            if identity in changes:
                last[record.key] = temperature
            else:
                self.assertLess(abs(temperature["temperature"] - last[record.key]["temperature"]), 0.5)


if __name__ == "__main__":
    suite.main()
