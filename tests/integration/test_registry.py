"""format = "confluent-protobuf": the schema is registered with a real registry, a stock Confluent deserializer reads the
records, and once the number is known the registry may be away."""

import json
import pathlib
import subprocess
import unittest

from harness import suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.registry import Registry, confluent_python

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


if __name__ == "__main__":
    suite.main()
