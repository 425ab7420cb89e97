"""format = "confluent-protobuf", -avro and -json: the schema is registered with a real registry, a stock Confluent deserializer reads the
records, and once the number is known the registry may be away."""

import json
import pathlib
import subprocess
import unittest

from harness import suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.registry import GuidRegistry, Registry, confluent_python

HERE = pathlib.Path(__file__).resolve().parent
ROUTES = """
[[route]]
name = "plain"
[[route]]
name = "framed"
topic = "framed"
format = "confluent-protobuf"
[schema_registry]
url = "{url}"
"""


def setUpModule():
    global kafka, registry
    registry = Registry()
    kafka = Kafka().start()
    kafka.create_topic("plain")
    kafka.create_topic("framed")


def routes(gateway):
    answer = run("status", "-c", gateway.config, "--json")
    return {route["name"]: route for route in json.loads(answer.stdout)["kafka"]} if answer.returncode == 0 else {}


class SchemaRegistry(unittest.TestCase):
    def read_with_confluents_own(self, count):
        folder = suite.folder("schema")
        versions = registry.get("/subjects/framed-value/versions/latest")
        (folder / "reading.proto").write_text(versions["schema"])
        # As a consumer anywhere would: from the schema that the registry hands out.
        subprocess.run(["protoc", f"--proto_path={folder}", f"--python_out={folder}", "reading.proto"], check=True)
        done = subprocess.run([confluent_python(), HERE / "confluent_reader.py", kafka.bootstrap, "framed", str(count), folder],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return versions["id"], [json.loads(line) for line in done.stdout.splitlines()]

    def test_from_absent_to_known_to_absent_again(self):
        gateway = Gateway(None, kafka.bootstrap, "plain", extra=ROUTES.format(url=registry.url)).start(wait=False)
        suite.wait_for(lambda: routes(gateway), "the gateway answers")

        # No registry: the route says so and holds no other.
        gateway.send(range(0, 10), "--no-wait")
        kafka.wait_for_count("plain", 10)
        suite.wait_for(lambda: routes(gateway)["framed"]["state"] == "blocked", lambda: str(routes(gateway)["framed"]))
        self.assertIn(f"the schema registry at {registry.url}: it cannot be reached", routes(gateway)["framed"]["reason"])
        self.assertEqual(routes(gateway)["plain"]["state"], "online")
        self.assertEqual(kafka.count("framed"), 0)

        # It comes: the schema is registered, and what waited goes out.
        registry.start().wait_ready()
        run("retry", "-c", gateway.config)
        kafka.wait_for_count("framed", 10)
        self.assertEqual(registry.get("/subjects"), ["framed-value"])
        number, read = self.read_with_confluents_own(10)
        self.assertEqual([(r["key"], r["sensor"], r["sequence"], r["quantities"]["air_temperature"]) for r in read],
                         [("roof", "roof", n + 1, n) for n in range(10)])
        self.assertEqual({r["schema_id"] for r in read}, {number})

        # A restart without the registry: the number is known.
        self.assertEqual(gateway.terminate()[0], 0)
        registry.stop()
        gateway.start(wait=False)
        suite.wait_for(lambda: routes(gateway), "the gateway answers")
        gateway.send(range(10, 15), "--no-wait")
        kafka.wait_for_count("framed", 15)
        self.assertEqual(gateway.terminate()[0], 0)
        audit = run("audit", gateway.data)
        self.assertEqual(audit.returncode, 0, audit.stdout)


    def read_by_schema(self, url, topic, count, kind, id_in):
        done = subprocess.run([confluent_python(), HERE / "confluent_schema_reader.py", kafka.bootstrap, topic, str(count), url, kind, id_in],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def stock_readers_understand(self, url, id_in, prefix):
        """Avro and JSON Schema beside plain JSON: the same readings, as Confluent's own client reads them."""
        extra = f'[schema_registry]\nurl = "{url}"\nid_in = "{id_in}"\n[[route]]\nname = "plain"\ntopic = "{prefix}-plain"\n'
        for kind in ("avro", "json", "protobuf"):
            extra += f'[[route]]\nname = "{kind}"\ntopic = "{prefix}-{kind}"\nformat = "confluent-{kind}"\n'
        for kind in ("plain", "avro", "json", "protobuf"):
            kafka.create_topic(f"{prefix}-{kind}")
        gateway = Gateway(None, kafka.bootstrap, f"{prefix}-plain", extra=extra).start(wait=False)
        suite.wait_for(lambda: routes(gateway), "the gateway answers")
        gateway.send(range(0, 20), "--no-wait")
        for kind in ("plain", "avro", "json", "protobuf"):
            kafka.wait_for_count(f"{prefix}-{kind}", 20)
        plain = [json.loads(record.value) for record in kafka.records(f"{prefix}-plain")]
        self.assertEqual([one["value"] for one in self.read_by_schema(url, f"{prefix}-json", 20, "json", id_in)], plain)
        for n, one in enumerate(self.read_by_schema(url, f"{prefix}-avro", 20, "avro", id_in)):
            value, of_record = one["value"], one["headers"]
            self.assertEqual((value["id"], value["sensor_id"], value["sequence"]), (of_record["ce_id"], one["key"], n + 1))
            self.assertEqual(round(value["event_time"] * 1000), one["timestamp_ms"])
            self.assertEqual([q["number"] if q["number"] is not None else q["integer"]
                              for q in value["quantities"] if q["name"] == "air_temperature"], [n])
            self.assertEqual(of_record["content-type"], "application/avro")
            self.assertEqual("__value_schema_id" in of_record, id_in == "header")
        # Our own reader, too.
        properties = suite.folder("ours") / f"{prefix}.properties"
        properties.write_text(f"bootstrap.servers={kafka.bootstrap}\n")
        shown = run("consume", "--config", properties, "--topic", f"{prefix}-avro", "--from-beginning", "--count", "20", "--format", "json", "--group", f"{prefix}-ours")
        self.assertEqual([json.loads(line)["value"] for line in shown.stdout.splitlines()], plain, shown.stderr)
        self.assertEqual(gateway.terminate()[0], 0)

    def test_avro_and_json_schema_with_the_number_in_front(self):
        registry.start().wait_ready()
        self.addCleanup(registry.stop)
        self.stock_readers_understand(registry.url, "value", "value")
        self.assertEqual(registry.get("/subjects/value-avro-value/versions/latest").get("schemaType", "AVRO"), "AVRO")
        self.assertEqual(registry.get("/subjects/value-json-value/versions/latest")["schemaType"], "JSON")

    def test_avro_and_json_schema_by_guid_in_a_header(self):
        guids = GuidRegistry()
        self.stock_readers_understand(guids.url, "header", "header")
        self.assertEqual(sorted(subject for subject, _ in guids.schemas),
                         ["header-avro-value", "header-json-value", "header-protobuf-value"])


if __name__ == "__main__":
    suite.main()
