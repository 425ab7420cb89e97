"""docs/raspberry-pi.md is true: its commands are run in a machine as they stand there, its settings are checked."""

import json
import pathlib
import re
import tempfile
import unittest

import packages
from harness import gateway, suite
from harness.kafka import Kafka, headers
from machine import Machine, enter_own_network, what_is_missing

TEXT = (packages.ROOT / "docs" / "raspberry-pi.md").read_text(encoding="utf-8")
SUDO = '#!/bin/sh\nexec "$@"\n'


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


class Settings(unittest.TestCase):
    def check(self, name, content, toml):
        folder = pathlib.Path(tempfile.mkdtemp(dir=suite.FOLDER))
        (folder / "weather-gateway.toml").write_text((packages.ROOT / "cross/etc/weather-gateway/weather-gateway.toml").read_text())
        (folder / "conf.d").mkdir()
        (folder / "conf.d" / "manual.toml").write_text(toml)
        (folder / "conf.d" / name).write_text(content)
        done = gateway.run("check", "--offline", "-c", folder / "weather-gateway.toml")
        self.assertNotIn("manual.toml:", done.stderr + done.stdout)
        self.assertEqual(done.returncode, 0, f"{content}\n{done.stdout}{done.stderr}")

    def test_settings_are_accepted(self):
        found = blocks("toml")
        self.assertGreaterEqual(len(found), 1)
        for block in found:
            self.check("unused", "", block)

    def test_properties_are_accepted(self):
        found = blocks("properties")
        self.assertEqual(len(found), 2)
        for block in found:
            self.check("client.properties", block, '[kafka]\nproperties_file = "client.properties"\n')


def subscribed(machine):
    """Whether the gateway that was just restarted has its topics from every broker."""
    told = machine.call("weather-gateway", "status", "--json")
    return told.returncode == 0 and all(source["up"] for source in json.loads(told.stdout)["sources"])


class Commands(unittest.TestCase):
    def test_from_the_package_to_the_first_event(self):
        missing = what_is_missing()
        self.assertEqual(missing, "", f"no test machine: {missing}")
        packing = packages.pack()
        kafka = Kafka().start()
        kafka.create_topic("topic_weather")
        machine = Machine()
        self.addCleanup(machine.stop)
        machine.write("/usr/local/bin/sudo", SUDO, "755")
        machine.write("/root/weather-gateway_0.1.0_arm64.deb", packing.wait().read_bytes())
        told = ""
        for block in blocks("sh"):
            if "mosquitto_pub" in block:  # nobody types as fast as this; mosquitto keeps nothing for who was never there
                suite.wait_for(lambda: subscribed(machine), lambda: f"subscribed: {machine.journal()}", 60)
            script = block.replace("broker.example.net:9092", kafka.bootstrap)
            done = machine.call("bash", "-euxo", "pipefail", "-c", f"cd /root\n{script}")
            self.assertEqual(done.returncode, 0, f"{block}\n{done.stdout}\n{done.stderr}\n{machine.journal()}")
            told += done.stdout
        not_its_own = machine.run("find", "/var/lib/weather-gateway", "!", "-user", "weather-gateway")
        self.assertEqual(not_its_own, "", "the tools, run by root, left files that the service cannot open")
        kafka.wait_for_count("topic_weather", 2)
        first, second = kafka.records("topic_weather")
        self.assertEqual((first.key, first.value), ("roof-1", '{"temperature":21.5,"humidity":60,"location":"Nairobi"}'))
        self.assertEqual(second.key, "garden")
        self.assertIn('"temperature":7.9', second.value)
        self.assertEqual(headers(first)["source"], "weather-station")
        self.assertIn("roof-1", told)
        self.assertIn("14s", told)  # the watchdog


if __name__ == "__main__":
    if not what_is_missing():
        enter_own_network()
    suite.main()
