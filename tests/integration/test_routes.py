"""Several ways out of one log, each with its topic, form, cursor and state; replays."""

import json
import pathlib
import re
import subprocess
import unittest
import urllib.request

from harness import suite
from harness.gateway import Gateway, run
from harness.kafka import SCRIPT, Kafka, headers
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

PROTO = pathlib.Path(__file__).resolve().parents[2] / "sensors" / "reading"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ROUTES = """
[[route]]
name = "live"
[[route]]
name = "lean"
topic = "lean"
layout = "envelope"
key = "{station}/{sensor}"
headers = { site = "north" }
omit_headers = ["content-type", "ce_specversion", "ce_source", "ce_subject", "ce_time", "ce_recordedtime", "ce_timequality"]
[[route]]
name = "archive"
topic = "archive.{sensor}"
format = "protobuf"
match = { sensor = "sensor-001|sensor-002" }
[[route]]
name = "later"
topic = "later"
[[listener]]
listen = "127.0.0.1:LISTENER"
"""
LISTENER = str(suite.free_port())
READINGS = 50  # of five sensors


def setUpModule():
    global kafka, mosquitto, gateway, publisher
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()
    for name, partitions in [("live", 7), ("lean", 1), ("archive.sensor-001", 1), ("archive.sensor-002", 1), ("again", 1)]:
        kafka.create_topic(name, partitions)
    gateway = Gateway(mosquitto, kafka.bootstrap, "live", extra=ROUTES.replace("LISTENER", LISTENER)).start()
    publisher = Publisher(mosquitto)
    publisher.publish(READINGS)
    publisher.wait_for_acknowledgements()
    kafka.wait_for_count("live", READINGS)


def routes():
    return {route["name"]: route for route in status()["kafka"]}


def status():
    return json.loads(run("status", "-c", gateway.config, "--json").stdout)


class Routes(unittest.TestCase):
    def test_1_a_topic_that_is_not_there_holds_no_other(self):
        suite.wait_for(lambda: routes()["later"]["state"] == "blocked", lambda: str(routes()["later"]))
        for name in ("live", "lean", "archive"):
            self.assertEqual(routes()[name]["state"], "online", name)
        self.assertEqual(routes()["later"]["waiting"], READINGS)
        self.assertEqual(routes()["live"]["waiting"], 0)
        self.assertIn("route later: ", status()["verdict"])
        listen = re.search(r'^listen = "(.*)"$', gateway.config.read_text(), re.M).group(1)
        with urllib.request.urlopen(f"http://{listen}/metrics", timeout=10) as answer:
            metrics = answer.read().decode()
        self.assertIn('weather_gateway_kafka_blocked{route="later",topic="later"} 1', metrics)
        self.assertIn('weather_gateway_kafka_blocked{route="live",topic="live"} 0', metrics)
        kafka.create_topic("later")
        run("retry", "-c", gateway.config)
        kafka.wait_for_count("later", READINGS)

    def test_2_an_envelope_with_fewer_headers_and_another_key(self):
        kafka.wait_for_count("lean", READINGS)
        record = next(r for r in kafka.records("lean") if r.key == "Nairobi/sensor-003")
        self.assertEqual(set(headers(record)), {"source", "unit", "site", "ce_id", "ce_type"})
        envelope = json.loads(record.value)
        self.assertEqual(set(envelope), {"key", "value", "timestamp", "headers"})
        self.assertEqual(envelope["headers"], {"source": "weather-station", "unit": "metric", "site": "north"})

    def test_3_only_what_fits_by_a_topic_of_its_own_in_protobuf(self):
        for sensor in ("sensor-001", "sensor-002"):
            kafka.wait_for_count(f"archive.{sensor}", READINGS // 5)
            raw = subprocess.run(["kcat", "-b", kafka.bootstrap, "-C", "-t", f"archive.{sensor}", "-e", "-q", "-c", "1", "-f", "%s"],
                                 capture_output=True, check=True, timeout=60).stdout
            text = subprocess.run(["protoc", f"--proto_path={PROTO}", "--decode=weather.v1.Reading", "reading.proto"],
                                  input=raw, capture_output=True, check=True).stdout.decode()
            self.assertIn(f'sensor_id: "{sensor}"', text)
            self.assertIn('name: "air_temperature"', text)
            self.assertIn(f'gateway_id: "{gateway.id}"', text)

    def test_4_trace_headers_are_passed_through(self):
        before = kafka.count("live")
        subprocess.run(["mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", LISTENER, "-q", "1", "-t", "weather/traced", "-m",
                        '{"id":"traced","temperature":1}', "-D", "publish", "user-property", "traceparent", TRACE,
                        "-D", "publish", "user-property", "tracestate", "rojo=00f067aa0ba902b7"], check=True, timeout=30)
        kafka.wait_for_count("live", before + 1)
        record = next(r for r in kafka.records("live") if r.key == "traced")
        self.assertEqual((headers(record)["traceparent"], headers(record)["tracestate"]), (TRACE, "rojo=00f067aa0ba902b7"))

    def test_5_keys_go_where_javas_own_producer_puts_them(self):
        kafka.create_topic("java", 7)
        keys = [f"sensor-{n:03}" for n in range(1, 6)]
        subprocess.run([SCRIPT, "tool", "org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", kafka.bootstrap,
                        "--topic", "java", "--property", "parse.key=true"],  # Kafka 3 has it under this name only
                       env=kafka.environment,
                       input="".join(f"{key}\t1\n" for key in keys), text=True, check=True, capture_output=True, timeout=60)
        javas = {r.key: r.partition for r in kafka.records("java")}
        ours = {r.key: r.partition for r in kafka.records("live") if r.key in javas}
        self.assertEqual(ours, javas)
        self.assertGreater(len(set(javas.values())), 1)

    def test_6_a_replay_has_the_same_ids_and_says_that_it_is_one(self):
        first = {headers(r)["ce_id"]: r for r in kafka.records("live")}
        done = run("replay", "-c", gateway.config, "--route", "live", "--from", "1h", "--to", "21", "--topic", "again")
        self.assertEqual((done.returncode, done.stdout), (0, "20 records of route live sent again\n"), done.stderr)
        again = kafka.records("again")
        self.assertEqual(len(again), 20)
        for record in again:
            found = headers(record)
            self.assertEqual(found["ce_replay"], "1")
            original = first[found["ce_id"]]
            self.assertEqual((record.key, record.value, record.timestamp_ms), (original.key, original.value, original.timestamp_ms))

    def test_7_mistakes_in_commands_name_the_nearest_route(self):
        for command in (["replay", "--from", "1h"], ["pause"], ["resume"]):
            failed = run(*command, "-c", gateway.config, "--route", "lvie")
            self.assertEqual(failed.returncode, 69, command)
            self.assertIn('there is no route "lvie"; did you mean "live"?', failed.stderr)
        failed = run("replay", "-c", gateway.config, "--from", "1h")
        self.assertIn("there are several routes", failed.stderr)
        failed = run("replay", "-c", gateway.config, "--route", "live", "--from", "yesterday")
        self.assertIn('"yesterday" is no time, no age and no sequence', failed.stderr)

    def test_8_each_routes_account_comes_out_even(self):
        suite.wait_for(lambda: status()["unsent"] == 0, "everything is sent")
        self.assertEqual(gateway.terminate()[0], 0)
        audit = run("audit", "--json", gateway.data)
        self.assertEqual(audit.returncode, 0, audit.stdout)
        lines = {line["cursor"]: line for line in json.loads(audit.stdout)["cursors"]}
        self.assertEqual(set(lines), {"live", "lean", "archive", "later"})
        self.assertEqual((lines["archive"]["delivered"], lines["archive"]["passed"]), (READINGS // 5 * 2, READINGS // 5 * 3 + 1))
        self.assertEqual(lines["live"]["delivered"], READINGS + 1)


class Units(unittest.TestCase):
    """Each route in units and names of its own; the header `unit` tells the truth of each."""

    ROUTES = """
[[route]]
name = "metric"
topic = "units_metric"
[[route]]
name = "imperial"
topic = "units_imperial"
units = "imperial"
aliases = { air_temperature = "outside", wind_speed = "wind" }
"""
    EVENTS = (
        {"id": "metric", "temperature": 22.5, "pressure": 1013.25, "wind_speed": 10, "humidity": 60},
        {"key": "imperial", "value": {"temperature": 72.5, "humidity": 60}, "headers": {"unit": "imperial"}},
    )

    def test_metric_and_imperial_by_route(self):
        for topic in ("units_metric", "units_imperial"):
            kafka.create_topic(topic)
        home = Gateway(None, kafka.bootstrap, extra=self.ROUTES).start(wait=False)
        suite.wait_for(lambda: run("status", "-c", home.config).returncode == 0, "it answers")
        sent = run("send", "-c", home.config, "--file", "-", input="".join(json.dumps(event) + "\n" for event in self.EVENTS))
        self.assertEqual(sent.returncode, 0, sent.stderr)
        found = {}
        for topic in ("units_metric", "units_imperial"):
            kafka.wait_for_count(topic, 2)
            for record in kafka.records(topic):
                self.assertEqual(headers(record)["unit"], topic.removeprefix("units_"), record)
                found[topic, record.key] = json.loads(record.value)
        self.assertEqual(found["units_metric", "metric"], {"temperature": 22.5, "pressure": 1013.25, "wind_speed": 10, "humidity": 60})
        self.assertEqual(found["units_metric", "imperial"], {"temperature": 22.5, "humidity": 60})
        self.assertEqual(found["units_imperial", "imperial"], {"outside": 72.5, "humidity": 60})
        imperial = found["units_imperial", "metric"]
        self.assertEqual(set(imperial), {"outside", "pressure", "wind", "humidity"})
        self.assertEqual((imperial["outside"], imperial["humidity"]), (72.5, 60))
        self.assertAlmostEqual(imperial["pressure"], 29.92, delta=0.01)
        self.assertAlmostEqual(imperial["wind"], 22.4, delta=0.001)
        self.assertEqual(home.terminate()[0], 0)


class Identity(unittest.TestCase):
    def test_a_backlog_carried_to_another_machine_keeps_its_ids(self):
        kafka.create_topic("carried")
        remote = Gateway(None, "127.0.0.1:1", "carried")
        remote.send(range(5), "--no-wait")  # no gateway runs: send writes the log itself
        remote_id = json.loads(run("log", "stat", "--json", remote.data).stdout)["id"]
        stick = suite.folder("stick") / "backlog"
        self.assertEqual(run("log", "export", "--unsent", "-o", stick, remote.data).returncode, 0)

        home = Gateway(None, kafka.bootstrap, "carried").start(wait=False)
        suite.wait_for(lambda: run("status", "-c", home.config).returncode == 0, "it answers")
        home.send(range(100, 102), "--no-wait")
        self.assertEqual(home.terminate()[0], 0)
        imported = run("log", "import", "-i", stick, home.data)
        self.assertEqual(imported.returncode, 0, imported.stderr)
        self.assertEqual(run("log", "import", "-i", stick, home.data).returncode, 0, "twice appends nothing twice")
        home.start(wait=False)
        kafka.wait_for_count("carried", 7)
        ids = {json.loads(r.value)["temperature"]: headers(r)["ce_id"] for r in kafka.records("carried")}
        self.assertEqual({n: ids[n] for n in range(5)}, {n: f"{remote_id}-{n + 1}" for n in range(5)})
        self.assertNotIn(remote_id, ids[100])
        self.assertEqual(len(kafka.records("carried")), 7)
        self.assertEqual(home.terminate()[0], 0)


if __name__ == "__main__":
    suite.main()
