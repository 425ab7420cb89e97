"""The gateway under test: its configuration, its process, its other commands."""

import json
import os
import pathlib
import re
import subprocess
import tarfile
import unittest
import urllib.request

from harness import quiet, suite
from harness.process import Process
from harness.publisher import reading

PROGRAM = pathlib.Path(os.environ.get("WEATHER_GATEWAY",
                                      pathlib.Path(__file__).resolve().parents[3] / "build" / "weather-gateway"))

CONFIG = """\
config_version = 1
[gateway]
id = "{id}"
data_dir = "{folder}/data"
[[mqtt]]
url = "{mqtt_url}"
topics = ["weather/#"]
qos = 1
format = "json"
[kafka]
topic = "{topic}"
properties_file = "{folder}/client.properties"
[kafka.properties]
{properties}
[kafka.headers]
source = "weather-station"
unit = "metric"
[web]
listen = "127.0.0.1:{web_port}"
{extra}
"""

PROPERTIES_FILE = """\
# Read as Java's clients read it.

bootstrap.servers={bootstrap}
security.protocol=PLAINTEXT
"""


def run(*arguments, **options):
    """One command of the program, to its end; the result of subprocess.run with text output."""
    options = {"timeout": 60, "stdin": subprocess.DEVNULL, **options}
    if "input" in options:
        del options["stdin"]
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, **options)


def bundled(archive):
    """The bytes of each file in what `bundle` wrote, as "bundle NAME"."""
    with tarfile.open(archive) as tar:
        return {f"bundle {member.name}": tar.extractfile(member).read() for member in tar if member.isfile()}


class Gateway:
    """`weather-gateway run` with a configuration of its own. `properties`: more librdkafka settings.

    Each has an id of its own, or mosquitto would give it what another one left in its session."""

    _count = 0
    _newest = None

    def __init__(self, mosquitto, bootstrap, topic="topic_weather", extra="", properties=None):
        Gateway._count += 1
        if Gateway._newest is None:  # so that it comes after the end of all gateways, and before Kafka's
            unittest.addModuleCleanup(lambda: quiet.check_again(Gateway._newest))
        Gateway._newest = self
        self.id = f"pi-{Gateway._count}"
        self.mosquitto = mosquitto
        self.folder = suite.folder("gateway")
        self.data = self.folder / "data"
        self.config = self.folder / "weather-gateway.toml"
        # Quick to notice that a link is back; everything else as installed.
        settings = {"reconnect.backoff.max.ms": 500, **(properties or {})}
        self.config.write_text(CONFIG.format(
            id=self.id, folder=self.folder, mqtt_url=mosquitto.url if mosquitto else "mqtt://127.0.0.1:1", topic=topic, extra=extra,
            web_port=suite.free_port(),
            properties="\n".join(f'"{key}" = "{value}"' for key, value in settings.items())))
        (self.folder / "client.properties").write_text(PROPERTIES_FILE.format(bootstrap=bootstrap))
        self.url = "http://" + re.search(r'\[web\]\nlisten = "([^"]+)"', self.config.read_text()).group(1)
        self.process = Process([PROGRAM, "run", "-c", self.config], self.folder / "gateway.log")
        unittest.addModuleCleanup(self.process.kill9)

    def start(self, wait=True):
        """Starts it; with `wait` until mosquitto has it connected and subscribed."""
        before = self.connections()
        self.process.start()
        if wait:
            self.wait_for_connection(before)
        return self

    def connections(self):
        """How often mosquitto has seen it come."""
        return self.mosquitto.connections(f"weather-gateway-{self.id}") if self.mosquitto else 0

    def wait_for_connection(self, before):
        """Until mosquitto has it connected once more than `before`."""
        def connected():
            assert self.process.running(), f"the gateway ended: {self.process.output()}"
            return self.connections() > before
        suite.wait_for(connected, lambda: f"connected to mosquitto: {self.process.output()}")

    def get(self, path, **headers):
        """The text of one of the page's addresses."""
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def usable(self):
        """Whether `run` would take its configuration."""
        return run("check", "--offline", "-c", self.config).returncode != 78

    def answers(self):
        """Waits until commands reach it: for one that was started without waiting for mosquitto."""
        suite.wait_for(lambda: run("status", "-c", self.config).returncode == 0, "the gateway answers")

    def send(self, numbers, *options, sensor="roof"):
        """The readings of these numbers, handed over by the `send` command."""
        lines = "".join(reading(sensor, number) + "\n" for number in numbers)
        sent = run("send", "-c", self.config, "--file", "-", *options, input=lines)
        assert sent.returncode == 0, sent.stderr

    def status(self):
        """What `status --json` says."""
        asked = run("status", "--json", "-c", self.config)
        assert asked.returncode == 0, asked.stderr + self.process.output()
        return json.loads(asked.stdout)

    def route(self, name="kafka"):
        """Its entry in the status."""
        return next(route for route in self.status()["kafka"] if route["name"] == name)

    def kill9(self):
        self.process.kill9()

    def terminate(self, seconds=15):
        return self.process.terminate(seconds)

    def verify_log(self):
        """`weather-gateway log verify` of the stopped gateway's log."""
        return run("log", "verify", self.data)
