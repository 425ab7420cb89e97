"""A real schema registry: Apicurio from Maven, with Confluent's API; and Confluent's own Python deserializer."""

import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import unittest
import urllib.error
import urllib.request

from harness import suite
from harness.process import Process

APICURIO = "2.6.13.Final"  # the last that runs on Java 17
CONFLUENT = "confluent-kafka[schemaregistry,protobuf]==2.16.0"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weather-gateway-tests"


def _once(path, make):
    """`path`, made by make(part) when it is not there; one test program at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{path.name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            part = path.with_name(path.name + ".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            make(part)
            part.rename(path)
    return path


def _run(*command):
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _fetch_apicurio(folder):
    archive = f"apicurio-registry-app-{APICURIO}-all.tar.gz"
    _run("mvn", "-B", "-q", "dependency:copy", f"-Dartifact=io.apicurio:apicurio-registry-app:{APICURIO}:tar.gz:all",
         f"-DoutputDirectory={folder}")
    _run("tar", "-xzf", folder / archive, "-C", folder)
    (folder / archive).unlink()


def confluent_python():
    """The interpreter of a virtual environment that has Confluent's client."""
    home = _once(CACHE / "confluent-kafka", lambda part: (
        _run("/usr/bin/python3", "-m", "venv", part), _run(part / "bin" / "pip", "install", "-q", CONFLUENT)))
    return home / "bin" / "python3"


class Registry:
    """One registry, in memory: it forgets everything when it is stopped."""

    def __init__(self):
        home = _once(CACHE / f"apicurio-{APICURIO}", _fetch_apicurio)
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
