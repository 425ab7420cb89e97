"""/metrics, the alerts, the dashboard and /api/v1/status: well-formed, and nothing is named that does not exist."""

import json
import pathlib
import re
import subprocess
import unittest
import urllib.error
import urllib.request

import jsonschema
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from harness import suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher, publish_one

ROOT = pathlib.Path(__file__).resolve().parents[2]
MONITORING = ROOT / "gateway" / "monitoring"
SOURCES = """
[[listener]]
listen = "127.0.0.1:{listener}"
topics = ["#"]
[[http]]
listen = "127.0.0.1:{http}"
relay = true
[[simulator]]
stations = 3
[[lines]]
path = "{root}/events"
[[udp]]
listen = "127.0.0.1:{udp}"
[[i2c]]
chip = "shtc3"
device = "/dev/not-there"
[[bluetooth]]
accept = "all"
[[weatherlink]]
address = "127.0.0.1:9"
[[serial]]
device = "/dev/not-there"
poll = ["?"]
[[pulse]]
name = "bucket"
kind = "count"
chip = "/dev/not-there"
line = 6
[[program]]
name = "radio"
[device]
root = "{root}"
[fleet]
topic = "metrics-fleet"
[downlink]
topic = "metrics-downlink"
keys = {{ centre = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw" }}
"""


def fake_machine(folder):
    """A tree like a Raspberry Pi's whose supply is too weak."""
    files = {"events": "",
             "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
             "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
             "sys/class/thermal/thermal_zone0/temp": "61234\n",
             "proc/meminfo": "MemTotal: 949448 kB\nMemAvailable: 700000 kB\n"}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def setUpModule():
    global gateway, kafka, root
    kafka = Kafka().start()
    kafka.create_topic("metrics")
    mosquitto = Mosquitto().start()
    root = fake_machine(suite.folder("machine"))
    gateway = Gateway(mosquitto, kafka.bootstrap, "metrics",
                      SOURCES.format(listener=suite.free_port(), http=suite.free_port(), udp=suite.free_port(), root=root)).start()
    publisher = Publisher(mosquitto)
    publisher.publish(100)
    publisher.wait_for_acknowledgements()
    publisher.close()
    publish_one(mosquitto, "weather/x", "{not json")
    kafka.wait_for_count("metrics", 100)


def prometheus():
    return gateway.get("/metrics")


def names_in(text):
    """What a query or a text names; a histogram's and a counter's series by their family."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\b(?:weather_gateway|process)_\w+", text)}


class Metrics(unittest.TestCase):
    def test_promtool_finds_nothing_to_say(self):
        checked = subprocess.run(["promtool", "check", "metrics"], input=prometheus(), capture_output=True, text=True, timeout=30)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))

    def test_openmetrics_is_given_to_those_who_ask_and_passes_the_strict_parser(self):
        text = gateway.get("/metrics", Accept="application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
        families = {family.name: family for family in text_string_to_metric_families(text)}
        self.assertGreater(len(families), 60)
        self.assertEqual(families["weather_gateway_log_sync_duration_seconds"].type, "histogram")
        received = families["weather_gateway_readings_received"]
        self.assertEqual(received.type, "counter")
        by_source = {sample.labels["ingress"]: sample.value for sample in received.samples if sample.name.endswith("_total")}
        self.assertGreaterEqual(by_source["mqtt"], 101)
        # A scrape by Prometheus itself asks like this.
        self.assertTrue(gateway.get("/metrics", Accept="text/plain;version=0.0.4;q=0.5,*/*;q=0.1").endswith("\n"))

    def test_every_time_is_a_histogram_that_counts(self):
        suite.wait_for(lambda: re.search(r'weather_gateway_end_to_end_delay_seconds_count\{[^}]*\} [1-9]', prometheus()), "a delivery")
        text = prometheus()
        for name in ("log_sync_duration", "ingest_duration", "kafka_delivery_duration", "end_to_end_delay"):
            self.assertIn(f"# TYPE weather_gateway_{name}_seconds histogram", text)
            counted = re.search(rf"weather_gateway_{name}_seconds_count\S* (\S+)", text)
            self.assertGreater(float(counted.group(1)), 0, name)
        self.assertRegex(text, r'readings_rejected_total\{ingress="mqtt",[^}]*reason="json_syntax"\} 1')

    def test_the_rules_pass_promtool(self):
        for arguments in (["check", "rules", "weather-gateway.rules.yml"], ["test", "rules", "weather-gateway.rules.test.yml"]):
            checked = subprocess.run(["promtool", *arguments], cwd=MONITORING, capture_output=True, text=True, timeout=60)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_every_rule_is_tested(self):
        rules = set(re.findall(r"alert: (\w+)", (MONITORING / "weather-gateway.rules.yml").read_text()))
        tested = set(re.findall(r"alertname: (\w+)", (MONITORING / "weather-gateway.rules.test.yml").read_text()))
        self.assertEqual(rules - tested, set())

    def test_rules_dashboard_and_documents_name_existing_metrics_only(self):
        offered = set(re.findall(r"^# TYPE (\S+)", prometheus(), re.M))
        places = [MONITORING / "weather-gateway.rules.yml", MONITORING / "weather-gateway-overview.json",
                  ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
        seen = set()
        for place in places:
            named = names_in(place.read_text())
            self.assertEqual(named - offered, set(), f"{place.name} names metrics that do not exist")
            seen |= named
        self.assertGreater(len(seen), 30)

    def test_every_metric_is_documented(self):
        offered = {name for name in re.findall(r"^# TYPE (\S+)", prometheus(), re.M)}
        self.assertEqual(offered - names_in((ROOT / "docs" / "metrics.md").read_text()), set())

    def test_the_dashboard_is_one_grafana_takes(self):
        board = json.loads((MONITORING / "weather-gateway-overview.json").read_text())
        self.assertEqual(board["__inputs"][0]["pluginId"], "prometheus")
        self.assertEqual({v["name"] for v in board["templating"]["list"]}, {"job", "instance"})
        identities = [panel["id"] for panel in board["panels"]]
        self.assertEqual(len(identities), len(set(identities)))
        for panel in board["panels"]:
            if panel["type"] == "row":
                continue
            self.assertTrue(panel["targets"], panel["title"])
            for target in panel["targets"]:
                self.assertIn('instance=~"$instance"', target["expr"], panel["title"])
                self.assertEqual(target["datasource"]["uid"], "${DS_PROMETHEUS}")
        # Each query is one that Prometheus understands.
        rules = "groups:\n- name: board\n  rules:\n" + "".join(
            f"  - record: board:{number}\n    expr: {json.dumps(target['expr'].replace('$__rate_interval', '5m'))}\n"
            for number, target in enumerate(t for panel in board["panels"] for t in panel.get("targets", [])))
        file = suite.folder("board") / "rules.yml"
        file.write_text(rules)
        checked = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, timeout=30)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)


class Status(unittest.TestCase):
    def test_follows_its_schema(self):
        for path, schema in (("/api/v1/status", "status"), ("/api/v1/sensors", "sensors")):
            schema = json.loads((ROOT / "gateway" / "api" / "schema" / f"{schema}.schema.json").read_text())
            jsonschema.Draft7Validator.check_schema(schema)
            jsonschema.validate(json.loads(gateway.get(path)), schema)

    def test_is_the_same_over_the_control_socket(self):
        done = run("status", "-c", gateway.config, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout).keys(), json.loads(gateway.get("/api/v1/status")).keys())

    def test_shows_the_machine_it_runs_on(self):
        device = gateway.status()["device"]
        self.assertIs(device["undervoltage"], True)
        self.assertEqual(device["temperature_celsius"], 61.234)
        self.assertEqual(device["memory_available_bytes"], 700000 << 10)
        self.assertIn("weather_gateway_host_undervoltage 1\n", prometheus())
        self.assertIn("undervoltage: the supply or its cable is too weak", gateway.get("/"))
        self.assertRegex(gateway.process.output(), "undervoltage: the power supply")

    def test_health_and_readiness_do_not_ask_for_kafka(self):
        kafka.pause()
        try:
            self.assertEqual(gateway.get("/healthz"), "ok\n")
            self.assertEqual(gateway.get("/readyz"), "ready\n")
        finally:
            kafka.resume()


if __name__ == "__main__":
    suite.main()
