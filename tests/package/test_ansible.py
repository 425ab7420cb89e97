"""The Ansible playbook of the examples sets a machine up from an apt repository, as `ansible-playbook` of Debian plays it."""

import pathlib
import re
import unittest

import packages
from harness import suite
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import publish_one
from machine import enter_own_network, what_is_missing
from repository import ADDRESS, add, bare_machine, own_gnupg, serve

PLAY = packages.ROOT / "cross" / "examples" / "ansible"


class Ansible(unittest.TestCase):
    def test_a_gateway_is_set_up_and_a_fault_in_the_settings_does_not_reach_it(self):
        missing = what_is_missing()
        self.assertEqual(missing, "", f"no test machine: {missing}")
        packing = packages.pack()
        own_gnupg()
        kafka, mosquitto = Kafka().start(), Mosquitto("listener 1883 127.0.0.1\n").start()
        kafka.create_topic("topic_weather")
        served = suite.folder("served") / "apt"
        add(packing.wait(), served)
        address = serve(served)
        self.machine = bare_machine()
        self.addCleanup(self.machine.stop)
        for path in filter(pathlib.Path.is_file, PLAY.rglob("*")):
            text = path.read_text().replace(ADDRESS, address).replace("broker.example.net:9092", kafka.bootstrap)
            self.put(path.relative_to(PLAY), re.sub(r"ansible_host=\S+", "ansible_connection=local", text))
        self.put("weather-gateway.asc", (served / "weather-gateway.asc").read_text())

        self.plays(changed=5)
        self.assertEqual(self.machine.state(), "active")
        suite.wait_for(lambda: mosquitto.connections("weather-gateway-pi-roof") > 0, lambda: f"subscribed: {self.machine.journal()}")
        publish_one(mosquitto, "weather/1", '{"id":"roof","temperature":21.5}')
        kafka.wait_for_count("topic_weather", 1)
        self.assertEqual(kafka.records("topic_weather")[0].key, "roof")
        self.plays(changed=0)

        running = self.machine.main_pid()
        self.put("conf.d/20-consoles.toml.j2", '[[http]]\nlisten_at = "0.0.0.0:8681"\n')
        done = self.play()
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("listen_at", done.stdout)
        self.assertEqual(self.machine.main_pid(), running)
        self.machine.run("weather-gateway", "check", "--offline")
        self.assertEqual(self.machine.run("find", "/tmp", "-name", "ansible.*"), "")

    def put(self, name, text):
        self.machine.write(f"/root/play/{name}", text)

    def play(self):
        return self.machine.call("sh", "-c", "cd /root/play && HOME=/root ansible-playbook -i inventory.ini --limit pi-roof playbook.yml")

    def plays(self, changed):
        done = self.play()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"changed={changed} ", done.stdout)


if __name__ == "__main__":
    if not what_is_missing():
        enter_own_network()
    suite.main()
