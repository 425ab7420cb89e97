"""A real schema registry: Apicurio from Maven, with Confluent's API; and Confluent's own Python deserializer."""

import http.server
import json
import threading
import unittest
import urllib.error
import urllib.request

from harness import cache, suite
from harness.process import Process

APICURIO = "2.6.13.Final"  # the last that runs on Java 17
CONFLUENT = "confluent-kafka[schemaregistry,protobuf,avro,json]==2.16.0"


def _fetch_apicurio(folder):
    archive = f"apicurio-registry-app-{APICURIO}-all.tar.gz"
    cache.run("mvn", "-B", "-q", "dependency:copy", f"-Dartifact=io.apicurio:apicurio-registry-app:{APICURIO}:tar.gz:all",
              f"-DoutputDirectory={folder}")
    cache.run("tar", "-xzf", folder / archive, "-C", folder)
    (folder / archive).unlink()


def confluent_python():
    """The interpreter of a virtual environment that has Confluent's client."""
    return cache.python_with("confluent-kafka-all", CONFLUENT)


class Registry:
    """One registry, in memory: it forgets everything when it is stopped."""

    def __init__(self):
        home = cache.once(f"apicurio-{APICURIO}", _fetch_apicurio)
        runner = next(home.rglob("*-runner.jar"))
        self.port = suite.free_port()
        self.url = f"http://127.0.0.1:{self.port}/apis/ccompat/v7"
        folder = suite.folder("registry")
        self.process = Process(["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                                "-Dquarkus.http.host=127.0.0.1", f"-Dquarkus.http.port={self.port}", "-jar", runner],
                               folder / "registry.log")
        unittest.addModuleCleanup(self.process.kill9)

    def start(self):
        self.process.start()
        return self

    def wait_ready(self):
        def answers():
            assert self.process.running(), f"the registry died: {self.process.output()[-2000:]}"
            try:
                return self.get("/subjects") is not None
            except (OSError, urllib.error.URLError):
                return False
        suite.wait_for(answers, lambda: f"the registry answers: {self.process.output()[-2000:]}", seconds=120, every=0.3)

    def stop(self):
        self.process.kill9()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)


class GuidRegistry:
    """What of Confluent's API of 8.0 a gateway and a reader by GUID ask; the registries that can be had freely have no GUIDs."""

    GUID = "89791762-2336-4186-9674-299b90a802e2"

    def __init__(self):
        registry = self
        self.schemas = []  # (subject, what was registered), its id is its place + 1

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, status, body):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                subject = self.path.split("/")[2]
                known = (subject, asked)
                if self.path.endswith("/versions") and known not in registry.schemas:
                    registry.schemas.append(known)
                if known not in registry.schemas:
                    return self.answer(404, {"error_code": 40403, "message": "Schema not found"})
                number = registry.schemas.index(known) + 1
                return self.answer(200, {"subject": subject, "version": 1, "id": number, "guid": registry.guid(number), **asked})

            def do_GET(self):
                for number, (subject, schema) in enumerate(registry.schemas, 1):
                    if self.path.split("?")[0].endswith("/schemas/guids/" + registry.guid(number)):
                        return self.answer(200, schema)
                return self.answer(404, {"error_code": 40403, "message": "Schema not found"})

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        unittest.addModuleCleanup(self.server.shutdown)

    def guid(self, number):
        return self.GUID[:-2] + f"{number:02x}"
