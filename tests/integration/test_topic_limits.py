"""Topics whose settings a backlog does not fit: too old for them, too large, past their retention. Nothing waits behind it."""

import base64
import json
import os
import time
import unittest

from harness import expect, suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka, headers
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher, publish_raw

HOUR_MS = 3600 * 1000


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka(proxied=True).start()
    mosquitto = Mosquitto().start()


def reading_of_now(sensor, number, **more):
    return json.dumps({"id": sensor, "temperature": number, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **more})


class TopicLimits(unittest.TestCase):
    """The publisher's readings are of the year 2025: older than any of these topics takes."""

    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]
        self.link = kafka.proxies[0]
        self.addCleanup(self.link.heal)

    def gateway_with_backlog(self, count, backlog="", properties=None, **config):
        kafka.create_topic(self.topic, partitions=2, **config)
        self.link.down()
        extra = f"[backlog]\n{backlog}\n" if backlog else ""
        self.gateway = Gateway(mosquitto, kafka.bootstrap_proxied, self.topic, extra=extra, properties=properties).start()
        self.addCleanup(self.gateway.kill9)
        self.publisher = Publisher(mosquitto, in_flight=1000)
        self.addCleanup(self.publisher.close)
        self.publisher.publish(count)
        suite.wait_for(lambda: self.gateway.route()["waiting"] == count, lambda: self.gateway.route(), seconds=180, every=0.5)
        self.publisher.wait_for_acknowledgements()
        self.assertNotEqual(self.drain("1s").returncode, 0, "nothing can go out now")
        self.link.up()

    def drain(self, timeout):
        return run("drain", "--timeout", timeout, "-c", self.gateway.config)

    def wait_for_warning(self, text):
        """The topic's settings are asked for beside the stream: records may be there before the answer."""
        suite.wait_for(lambda: text in " ".join(self.gateway.route()["warnings"]), lambda: self.gateway.route())

    def test_a_backlog_too_old_for_the_topic_gets_the_present_time(self):
        self.gateway_with_backlog(5000, message_timestamp_before_max_ms=HOUR_MS)
        began = time.monotonic()
        kafka.wait_for_count(self.topic, 5000, seconds=30)
        print(f"5,000 records too old: delivered after {time.monotonic() - began:.1f} s", flush=True)
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, self.publisher.acknowledged)
        self.assertEqual(expect.same_reading_same_id(self, records), 0)
        for record in records:
            self.assertLess(abs(record.timestamp_ms / 1000 - time.time()), 300)
            self.assertTrue(headers(record)["ce_time"].startswith("2025-09-20T"), record)
        drained = self.drain("20s")
        self.assertEqual(drained.returncode, 0, drained.stdout + drained.stderr)
        route = self.gateway.route()
        self.assertEqual((route["delivered"], route["dead_lettered"], route["state"]), (5000, 0, "online"))
        self.wait_for_warning("refuses records older than 60 min")
        after = self.gateway.process.output().split("Kafka is reached")[-1]
        self.assertNotIn("cannot be reached", after)

    def test_as_dead_letters_they_hold_nothing_up(self):
        self.gateway_with_backlog(1000, 'refused_time = "dead_letter"', message_timestamp_before_max_ms=HOUR_MS)
        publish_raw(mosquitto, "weather/new", [reading_of_now("new", n) for n in range(100)])
        kafka.wait_for_count(self.topic, 100, seconds=30)
        suite.wait_for(lambda: self.gateway.route()["dead_lettered"] == 1000, lambda: self.gateway.route())
        self.assertEqual({record.key for record in kafka.records(self.topic)}, {"new"})
        listed = json.loads(run("dead-letters", "ls", "--json", "-c", self.gateway.config).stdout)
        self.assertEqual(listed["count"], 1000)
        self.assertEqual({letter["reason"] for letter in listed["dead_letters"]}, {"invalid_timestamp"})
        self.assertIn("takes at most 60 min", listed["dead_letters"][0]["error"])

    def test_held_they_wait_until_the_limit_is_raised(self):
        self.gateway_with_backlog(500, 'refused_time = "hold"', message_timestamp_before_max_ms=HOUR_MS)
        suite.wait_for(lambda: self.gateway.route()["state"] == "blocked", lambda: self.gateway.route())
        self.assertIn("held as configured", self.gateway.route()["reason"])
        self.assertEqual((kafka.count(self.topic), self.gateway.route()["dead_lettered"]), (0, 0))
        kafka.alter_topic(self.topic, message_timestamp_before_max_ms=9223372036854775807)
        self.assertEqual(run("retry", "-c", self.gateway.config).returncode, 0)
        kafka.wait_for_count(self.topic, 500)
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, self.publisher.acknowledged)
        self.assertLess(max(record.timestamp_ms for record in records), 1758349800000 + 500000, "the readings' own time")

    def test_past_the_retention_they_get_the_present_time_if_so_configured(self):
        self.gateway_with_backlog(500, 'past_retention = "ingest_time"', retention_ms=HOUR_MS)
        kafka.wait_for_count(self.topic, 500)
        self.assertGreater(min(record.timestamp_ms for record in kafka.records(self.topic)), (time.time() - 300) * 1000)
        # In the journal: what is said of a record that waits stands in the status only until it is sent.
        suite.wait_for(lambda: "keeps records for 60 min" in self.gateway.process.output(), self.gateway.route)

    def test_a_record_too_large_for_the_topic_goes_aside(self):
        self.gateway_with_backlog(300, max_message_bytes=20000)
        publish_raw(mosquitto, "weather/large", [reading_of_now("large", 1, location=base64.b64encode(os.urandom(30000)).decode()), reading_of_now("after", 2)])
        suite.wait_for(lambda: (self.gateway.route()["delivered"], self.gateway.route()["dead_lettered"]) == (301, 1),
                       lambda: self.gateway.route(), seconds=90)
        kafka.wait_for_count(self.topic, 301)
        self.assertNotIn("large", {record.key for record in kafka.records(self.topic)})
        self.wait_for_warning("at most 20000 bytes")

    def test_a_topic_made_later_is_asked_for_its_limits_too(self):
        gateway = self.gateway = Gateway(mosquitto, kafka.bootstrap_proxied, self.topic,
                                         properties={"statistics.interval.ms": 500,
                                                     "topic.metadata.propagation.max.ms": 4000}).start()
        self.addCleanup(gateway.kill9)
        publish_raw(mosquitto, "weather/one", [reading_of_now("one", 1)])
        suite.wait_for(lambda: gateway.route()["state"] == "blocked", lambda: gateway.route())
        kafka.create_topic(self.topic, max_message_bytes=20000)
        self.assertEqual(run("retry", "-c", gateway.config).returncode, 0)
        kafka.wait_for_count(self.topic, 1)
        self.wait_for_warning("at most 20000 bytes")

    def test_a_quota_of_the_broker_makes_the_backlog_go_slower(self):
        kafka.limit_client("limited", 10000)
        self.gateway_with_backlog(3000, properties={"client.id": "limited", "statistics.interval.ms": 1000,
                                                    "batch.num.messages": 200, "compression.type": "none"})
        suite.wait_for(lambda: self.gateway.route()["allowed_per_second"] > 0 and "patience" in self.gateway.route()["reason"],
                       lambda: self.gateway.route(), every=0.3)
        kafka.limit_client("limited", 10_000_000)
        kafka.wait_for_count(self.topic, 3000, seconds=120)
        expect.everything_arrived(self, kafka.records(self.topic), self.publisher.acknowledged)


if __name__ == "__main__":
    suite.main()
