"""Payloads that are no readings: kept, counted, never in the way of the good ones."""

import base64
import json
import signal
import unittest

from harness import suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import publish_raw, reading

TOPIC = "topic_weather"
MALFORMED = {  # name: (payload, what its error says; None: it is a reading all the same)
    "blank": (b" ", "empty"),
    "not JSON": (b"temperature is fine today", "offset 0"),
    "cut off": (b'{"id":"sensor-001","temperature":22', "offset 35"),
    "a scalar": (b"22.5", "expected an object"),
    "an array of numbers": (b"[1,2,3]", "element 0: expected an object"),
    "nested without end": (b'{"a":' * 20000, "offset"),
    "not UTF-8": (b'{"id":"sensor-\xff\xfe","temperature":22.5}', "offset"),
    "a number beyond any": (b'{"id":"sensor-001","temperature":1e999}', "larger than a double can hold"),
    "a time that is none": (b'{"id":"sensor-001","temperature":1,"time":"yesterday"}', None),
    "a value that is no object": (b'{"key":"sensor-001","value":"warm","timestamp":"2025-09-20T06:30:00Z"}', None),
    "null bytes": (b"\x00" * 100, "offset 0"),
    "nothing measured": (b"{}", "no quantity"),
}


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()


def letters(gateway):
    return json.loads(run("dead-letters", "ls", "-c", gateway.config, "--json").stdout or '{"dead_letters":[]}')["dead_letters"]


class Malformed(unittest.TestCase):
    def test_does_not_stop_the_readings_around_it_and_is_kept_with_its_reason(self):
        for name, (payload, error) in MALFORMED.items():
            with self.subTest(name):
                topic = "topic_" + name.replace(" ", "_")
                kafka.create_topic(topic)
                gateway = Gateway(mosquitto, kafka.bootstrap, topic).start()
                self.addCleanup(gateway.kill9)
                publish_raw(mosquitto, "weather/roof", [reading("before", 1), payload, reading("after", 2)])
                suite.wait_for(lambda: {"before", "after"} <= {r.key for r in kafka.records(topic)},
                               "the readings around it arrive", every=0.3)
                if error is None:
                    kafka.wait_for_count(topic, 3)
                    self.assertEqual(letters(gateway), [])
                else:
                    self.check_letter(gateway, payload, error)
                self.assertEqual(gateway.terminate()[0], 0)
                self.assertEqual(gateway.verify_log().returncode, 0)

    def check_letter(self, gateway, payload, error):
        [listed] = suite.wait_for(lambda: letters(gateway), "a dead letter", every=0.3)
        self.assertEqual(listed["reason"], "undecodable")
        self.assertIn(error, listed["error"])
        whole = json.loads(run("dead-letters", "show", "-c", gateway.config, listed["id"]).stdout)
        self.assertEqual(whole["source_topic"], "weather/roof")
        self.assertEqual(base64.b64decode(whole["raw_base64"]), payload)
        self.assertIn(error, run("sensors", "-c", gateway.config).stdout)


class Mapping(unittest.TestCase):
    """A station nobody has described yet: seen, kept, and a reading in Kafka once its mapping is right."""

    MAPPING = """
[[mqtt]]
url = "{url}"
topics = ["station/#"]
format = "mapping"
client_id = "gateway-stations"
name = "stations"
[[mapping]]
name = "roof"
topics = ["station/{{device}}/json"]
id = "roof:{{device}}"
[[mapping.field]]
path = "{path}"
quantity = "air_temperature"
unit = "F"
"""
    PAYLOAD = '{"outside":{"temp":71.78},"serial":17}'

    def write_mapping(self, gateway, path):
        gateway.config.write_text(self.without + self.MAPPING.format(url=mosquitto.url, path=path))

    def test_what_was_not_understood_is_replayed_when_the_mapping_is_fixed(self):
        topic = "topic_mapping"
        kafka.create_topic(topic)
        gateway = Gateway(mosquitto, kafka.bootstrap, topic)
        self.addCleanup(gateway.kill9)
        self.without = gateway.config.read_text()
        self.write_mapping(gateway, "/outdoor/temp")
        gateway.start()
        suite.wait_for(lambda: " station/#" in mosquitto.process.output(), "the gateway subscribes")
        publish_raw(mosquitto, "station/shed/json", [self.PAYLOAD])
        [letter] = suite.wait_for(lambda: letters(gateway), "the payload is a dead letter", every=0.3)
        listed = run("sensors", "-c", gateway.config).stdout
        self.assertRegex(listed, r"(?m)^station/shed/json +rejecting .*has no rule for any of its fields")
        self.assertEqual(kafka.count(topic), 0)

        sample = self.PAYLOAD.encode()
        refused = run("dead-letters", "retry", "-c", gateway.config, letter["id"])
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("it still cannot be decoded", refused.stderr)
        explained = run("check", "-c", gateway.config, "--topic", "station/shed/json", "--sample", "-", input=sample.decode())
        self.assertEqual(explained.returncode, 65, explained.stderr)
        self.assertIn("/outside/temp = 71.78 -> kept as it came: no rule for it", explained.stdout)

        self.write_mapping(gateway, "/outside/temp")
        explained = run("check", "-c", gateway.config, "--topic", "station/shed/json", "--sample", "-", input=sample.decode())
        self.assertEqual(explained.returncode, 0, explained.stderr)
        self.assertIn("/outside/temp = 71.78 -> air_temperature 22.1 Cel", explained.stdout)
        self.assertIn('Kafka gets: key roof:shed, value {"temperature":22.1,"serial":17}', explained.stdout)
        gateway.process.signal(signal.SIGHUP)
        suite.wait_for(lambda: run("dead-letters", "retry", "-c", gateway.config, letter["id"]).returncode == 0,
                       lambda: f"read again after SIGHUP: {gateway.process.output()}", every=0.3)
        self.assertEqual(gateway.process.output().count("starts as"), 1, "without a restart")
        kafka.wait_for_count(topic, 1)
        [record] = kafka.records(topic)
        self.assertEqual((record.key, json.loads(record.value)), ("roof:shed", {"temperature": 22.1, "serial": 17}))
        self.assertEqual(letters(gateway), [], "the letter is settled")


class Silence(unittest.TestCase):
    def test_a_sensor_that_falls_silent_is_told_once_and_its_return_too(self):
        topic = "topic_silence"
        kafka.create_topic(topic)
        gateway = Gateway(mosquitto, kafka.bootstrap, topic,
                          extra='[silence]\nsensors = { roof = "2s", cellar = "3s", gate = "never" }\n').start()
        self.addCleanup(gateway.kill9)
        publish_raw(mosquitto, "weather/x", [reading("roof", 1), reading("gate", 1)])

        def silent():
            return json.loads(run("status", "-c", gateway.config, "--json").stdout)["silent_sensors"]
        suite.wait_for(lambda: silent() == ["cellar", "roof"], "both are missed, also the one that never spoke", every=0.3)
        listed = {one["id"]: one["state"] for one in
                  json.loads(run("sensors", "-c", gateway.config, "--json").stdout)["sensors"]}
        self.assertEqual((listed["roof"], listed["cellar"], listed["gate"]), ("silent", "silent", "ok"))
        self.assertIn("silent   cellar, roof", run("status", "-c", gateway.config).stdout)
        publish_raw(mosquitto, "weather/x", [reading("roof", 2)])
        suite.wait_for(lambda: "sensor roof is heard again" in gateway.process.output(), "its return is told")
        log = gateway.process.output()
        self.assertEqual(log.count("sensor roof is silent: last heard of"), 1)
        self.assertEqual(log.count("sensor cellar is silent: not heard of in the"), 1)
        self.assertNotIn("sensor gate", log)

    def test_a_restart_knows_every_sensor_its_silence_and_what_was_forgotten(self):
        kafka.create_topic("topic_known")
        gateway = Gateway(mosquitto, kafka.bootstrap, "topic_known",
                          extra='[silence]\nat_least = "2s"\nat_most = "2s"\nsensors = { gate = "never" }\n').start()
        self.addCleanup(gateway.kill9)

        def ask(*words):
            return run(*words, "-c", gateway.config)

        def listed():
            return {one["id"]: one for one in json.loads(ask("sensors", "--json").stdout)["sensors"]}

        def again(end):
            end()
            gateway.start()
            gateway.answers()
        publish_raw(mosquitto, "weather/x", [reading("roof", 1), reading("gate", 7)])
        suite.wait_for(lambda: gateway.status()["silent_sensors"] == ["roof"], "the roof is missed", every=0.3)
        kept = gateway.data / "sensors"
        known = kept.stat().st_mtime_ns
        suite.wait_for(lambda: kept.stat().st_mtime_ns != known, "a silence is written down")
        for end in (gateway.kill9, gateway.terminate, gateway.kill9):
            checked = ask("status", "--check")
            self.assertEqual((checked.returncode, "1 sensor is silent: roof" in checked.stdout), (1, True), checked.stdout)
            again(end)
            self.assertEqual(gateway.status()["silent_sensors"], ["roof"])
            self.assertEqual({name: one["state"] for name, one in listed().items()}, {"roof": "silent", "gate": "ok"})
            self.assertIn(7, listed()["gate"]["recent"], "its last hour")
        self.assertEqual(gateway.process.output().count("sensor roof is silent"), 1, "said once")

        # What came after the last writing is in the log.
        publish_raw(mosquitto, "weather/x", [reading("attic", 3)])
        suite.wait_for(lambda: "attic" in listed(), "the attic is heard")
        self.assertEqual(ask("sensors", "forget", "roof").returncode, 0)
        publish_raw(mosquitto, "weather/x", [reading("cave", 4)])
        suite.wait_for(lambda: "cave" in listed(), "the cave is heard")
        again(gateway.kill9)
        self.assertEqual(sorted(listed()), ["attic", "cave", "gate"])
        unknown = ask("sensors", "forget", "roof")
        self.assertEqual((unknown.returncode, unknown.stderr.strip()), (69, 'weather-gateway: no sensor "roof"; `sensors` lists them'))
        publish_raw(mosquitto, "weather/x", [reading("roof", 5)])
        suite.wait_for(lambda: listed().get("roof", {}).get("readings") == 1, "it is known again, as new")
        # A file that cannot be read costs what is not in the log's end.
        gateway.terminate()
        (gateway.data / "sensors").write_bytes(b"WGSENS1\nnonsense")
        gateway.start()
        gateway.answers()
        self.assertEqual(sorted(listed()), ["attic", "cave", "gate", "roof"])
        self.assertIn("which sensors there are is taken from the end of the log", gateway.process.output())


if __name__ == "__main__":
    suite.main()
