"""From `apt install` to the first own reading in Kafka, as docs/raspberry-pi.md has it with `weather-gateway init`: how long it takes.

A newcomer has ten minutes. Of these go what reading steps 2 to 5 takes and the downloads, which this machine has made already; the
rest is measured here, with a mosquitto and a sensor that publishes while init listens."""

import json
import re
import time
import unittest

import packages
from harness import suite
from harness.kafka import Kafka
from machine import Machine, enter_own_network, what_is_missing

TEXT = (packages.ROOT / "docs" / "raspberry-pi.md").read_text(encoding="utf-8")
STEPS = TEXT[TEXT.index("\n## 2. "):TEXT.index("\n## 6. ")]
TEN_MINUTES = 600
WORDS_A_MINUTE = 130  # slow: it is technical, and commands are words too
DOWNLOADS = 60  # the package, its libraries, mosquitto and its clients: 6 MB at 0.8 Mbit/s

SUDO = '#!/bin/sh\nexec "$@"\n'
SENSOR = r"""[Service]
ExecStart=/bin/sh -c 'while sleep 1; do mosquitto_pub -u roof -P roof-secret -q 1 -t weather/roof/2 \
  -m "{\\"id\\":\\"roof-2\\",\\"temperature\\":20.5}"; done'
"""


def block(words, kind="sh"):
    """The commands of the manual that have these words."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", STEPS, re.MULTILINE | re.DOTALL)
    [found] = [text for language, text in blocks if language == kind and words in text]
    return found


class FirstReading(unittest.TestCase):
    def test_is_in_kafka_within_ten_minutes(self):
        missing = what_is_missing()
        self.assertEqual(missing, "", f"no test machine: {missing}")
        packing = packages.pack()
        kafka = Kafka().start()
        kafka.create_topic("topic_weather")
        self.machine = Machine()
        self.addCleanup(self.machine.stop)
        self.machine.write("/usr/local/bin/sudo", SUDO, "755")
        self.machine.write("/root/weather-gateway_0.1.0_arm64.deb", packing.wait().read_bytes())
        self.machine.write("/run/systemd/system/sensor.service", SENSOR)

        self.took, self.began = {}, time.monotonic()
        self.type("2 the package", block("apt install"))
        self.type("3 mosquitto", block("mosquitto_passwd"))
        self.machine.run("systemctl", "start", "sensor")
        typed = block("init --replace", kind="").replace("broker.example.net:9092", kafka.bootstrap)
        said = self.type("4 init", typed.replace("init --replace", "init --replace --yes"))
        self.assertIn("roof-2", said)
        self.assertIn("Next: sudo systemctl restart weather-gateway", said)
        first = block("mosquitto_pub")
        suite.wait_for(self.subscribed, lambda: f"subscribed: {self.machine.journal()}")  # nobody types as fast as this
        publish, *look = first.splitlines()
        self.type("5 the first reading", publish)
        suite.wait_for(lambda: "roof-1" in {record.key for record in kafka.records("topic_weather")}, "the first own reading in Kafka")
        self.lap("5 the first reading")
        total = sum(self.took.values())
        self.assertIn("roof-", self.type("", "\n".join(look)))

        reading = len(STEPS.split()) / WORDS_A_MINUTE * 60
        for step, seconds in self.took.items():
            print(f"{step}: {seconds:.1f} s", flush=True)
        print(f"from apt install to the first own reading in Kafka: {total:.1f} s; reading the steps {reading:.0f} s, downloads {DOWNLOADS} s: "
              f"{(total + reading + DOWNLOADS) / 60:.1f} minutes", flush=True)
        self.assertLess(total, TEN_MINUTES - reading - DOWNLOADS)

    def lap(self, step):
        now = time.monotonic()
        self.took[step] = self.took.get(step, 0) + now - self.began
        self.began = now

    def type(self, step, script):
        done = self.machine.call("bash", "-euo", "pipefail", "-c", f"cd /root\n{script}")
        self.assertEqual(done.returncode, 0, f"{script}\n{done.stdout}\n{done.stderr}\n{self.machine.journal()}")
        if step:
            self.lap(step)
        return done.stdout

    def subscribed(self):
        told = self.machine.call("weather-gateway", "status", "--json")
        return told.returncode == 0 and all(source["up"] for source in json.loads(told.stdout)["sources"])


if __name__ == "__main__":
    if not what_is_missing():
        enter_own_network()
    suite.main()
