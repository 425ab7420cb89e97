"""A real schema registry: Apicurio from Maven, with Confluent's API; and Confluent's own Python deserializer."""

import json
import unittest
import urllib.error
import urllib.request

from harness import cache, suite
from harness.process import Process

APICURIO = "2.6.13.Final"  # the last that runs on Java 17
CONFLUENT = "confluent-kafka[schemaregistry,protobuf]==2.16.0"


def _fetch_apicurio(folder):
    archive = f"apicurio-registry-app-{APICURIO}-all.tar.gz"
    cache.run("mvn", "-B", "-q", "dependency:copy", f"-Dartifact=io.apicurio:apicurio-registry-app:{APICURIO}:tar.gz:all",
              f"-DoutputDirectory={folder}")
    cache.run("tar", "-xzf", folder / archive, "-C", folder)
    (folder / archive).unlink()


def confluent_python():
    """The interpreter of a virtual environment that has Confluent's client."""
    return cache.python_with("confluent-kafka", CONFLUENT)


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
