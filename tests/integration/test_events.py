"""One reading on its way: published to mosquitto, seen in Kafka, as the format promises."""

import json
import re
import time
import unittest

from harness import quiet, suite
from harness.gateway import Gateway
from harness.kafka import Kafka, headers
from harness.mosquitto import Mosquitto
from harness.publisher import publish_one

TOPIC = "topic_weather"
SAMPLE = """{"key":"sensor-001",
 "value":{"temperature":22.5,"humidity":60,"location":"Nairobi"},
 "timestamp":"2025-09-20T06:30:00Z",
 "headers":{"source":"weather-station","unit":"metric"}}
"""
FLAT = '{"id":"sensor-001","temperature":22.5,"humidity":60,"location":"Nairobi","time":"2025-09-20T06:30:00Z"}'
VALUE = '{"temperature":22.5,"humidity":60,"location":"Nairobi"}'
TIME_MS = 1758349800000  # 2025-09-20T06:30:00Z


def setUpModule():
    global kafka, mosquitto, gateway
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    mosquitto = Mosquitto().start()
    gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC).start()
    quiet.at_the_end(gateway)


class Events(unittest.TestCase):
    def arrives(self, payload, topic="weather/roof", qos=1):
        """The record that `payload` becomes."""
        before = kafka.count(TOPIC)
        publish_one(mosquitto, topic, payload, qos)
        kafka.wait_for_count(TOPIC, before + 1)
        return kafka.records(TOPIC)[-1]

    def test_the_article_event_comes_out_byte_for_byte(self):
        record = self.arrives(SAMPLE)
        self.assertEqual((record.key, record.value, record.timestamp_ms), ("sensor-001", VALUE, TIME_MS))
        found = headers(record)
        self.assertEqual((found["source"], found["unit"]), ("weather-station", "metric"))

    def test_a_flat_object_becomes_the_same_event(self):
        record = self.arrives(FLAT)
        self.assertEqual((record.key, record.value, record.timestamp_ms), ("sensor-001", VALUE, TIME_MS))

    def test_all_three_qualities_of_service_arrive(self):
        for qos in (0, 1, 2):
            with self.subTest(qos=qos):
                payload = json.dumps({"id": f"qos-{qos}", "temperature": qos, "time": "2025-09-20T06:30:00Z"})
                self.assertEqual(self.arrives(payload, qos=qos).key, f"qos-{qos}")

    def test_cloudevents_headers_name_the_event(self):
        found = headers(self.arrives(SAMPLE))
        self.assertEqual(found["ce_specversion"], "1.0")
        self.assertRegex(found["ce_id"], r"^[0-9a-f-]{8,}-\d+$")
        self.assertEqual(found["ce_source"], f"/weather-gateway/{gateway.id}")
        self.assertEqual(found["ce_subject"], "sensor-001")
        self.assertEqual(found["ce_time"], "2025-09-20T06:30:00Z")
        self.assertEqual(found["content-type"], "application/json")
        self.assertTrue(found["ce_type"].endswith(".reading.v1"), found["ce_type"])

    def test_ids_count_up_within_one_log(self):
        logs, numbers = zip(*(re.fullmatch(r"(.*)-(\d+)", headers(self.arrives(FLAT.replace("22.5", value).replace("sensor-001", "sensor-ids")))["ce_id"])
                              .groups() for value in ("1.5", "2.5", "3.5")))
        self.assertEqual(len(set(logs)), 1)
        self.assertEqual(sorted(set(map(int, numbers))), list(map(int, numbers)))

    def test_without_an_id_the_topic_names_the_sensor(self):
        self.assertEqual(self.arrives('{"temperature":19.25}', "weather/garden/shed-7").key, "shed-7")

    def test_without_a_time_the_arrival_counts(self):
        record = self.arrives('{"id":"sensor-002","temperature":19.25}')
        self.assertLess(abs(record.timestamp_ms / 1000 - time.time()), 60)

    def test_text_beyond_ascii_stays_as_it_is(self):
        record = self.arrives('{"id":"Zürich-☀","temperature":-3.5,"location":"Zürich, \\"Höngg\\"","time":1758349800}')
        self.assertEqual(record.key, "Zürich-☀")
        self.assertEqual(json.loads(record.value)["location"], 'Zürich, "Höngg"')


if __name__ == "__main__":
    suite.main()
