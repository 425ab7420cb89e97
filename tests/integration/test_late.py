"""A boot without a network: addresses, ports and files that come later hold up nothing but what needs them."""

import json
import os
import pathlib
import subprocess
import unittest

from harness import suite
from harness.gateway import PROGRAM, run
from harness.process import Process

CONFIG = """\
config_version = 1
[gateway]
id = "late"
data_dir = "{folder}/data"
[[http]]
name = "lan"
listen = "10.77.0.1:8681"
[[http]]
name = "taken"
listen = "127.0.0.1:8682"
[[listener]]
name = "tls"
listen = "127.0.0.1:8883"
topics = ["weather/#"]
cert_file = "{folder}/late.pem"
key_file = "{folder}/late.key"
[[listener]]
name = "plain"
listen = "127.0.0.1:1883"
topics = ["weather/#"]
[kafka]
topic = "topic_weather"
[kafka.properties]
"bootstrap.servers" = "127.0.0.1:9"
[web]
listen = "127.0.0.1:8680"
"""


class Late(unittest.TestCase):
    """In a network namespace of its own, whose ports and addresses are nobody else's."""

    def setUp(self):
        self.folder = pathlib.Path(suite.folder("late"))
        self.config = self.folder / "gateway.toml"
        self.config.write_text(CONFIG.format(folder=self.folder))
        self.space = f"late-{os.getpid()}"
        subprocess.run(["ip", "netns", "add", self.space], check=True)
        self.addCleanup(subprocess.run, ["ip", "netns", "del", self.space])
        self.inside("ip", "link", "set", "lo", "up")

    def inside(self, *command, **options):
        return subprocess.run(["ip", "netns", "exec", self.space, *map(str, command)],
                              check=True, capture_output=True, text=True, timeout=30, **options)

    def occupy(self, *ports):
        """A program that listens there until it is ended."""
        script = ("import socket,time\nheld=[socket.create_server(('127.0.0.1',p)) for p in "
                  f"{list(ports)}]\nprint('held',flush=True)\ntime.sleep(120)")  # until it is ended
        child = subprocess.Popen(["ip", "netns", "exec", self.space, "/usr/bin/python3", "-c", script],
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        self.assertEqual(child.stdout.readline(), "held\n")
        return child

    def sources(self):
        status = json.loads(run("status", "-c", self.config, "--json").stdout)
        return {one["name"]: one for one in status.get("sources", [])}, status  # none before it listens for commands

    def wait_up(self, name):
        suite.wait_for(lambda: self.sources()[0].get(name, {}).get("up"), lambda: f"{name}: {self.sources()[0].get(name)}", seconds=15)

    def test_what_is_missing_is_waited_for_and_the_rest_runs(self):
        other = self.occupy(8682, 8680)
        checked = subprocess.run(
            ["ip", "netns", "exec", self.space, PROGRAM, "check", "-c", self.config, "--offline"],
            capture_output=True, text=True, timeout=60)
        self.assertIn("10.77.0.1 is no address of this machine yet", checked.stdout)
        self.assertIn("port 8682 of 127.0.0.1 is taken", checked.stdout)
        self.assertIn("late.pem", checked.stdout)
        gateway = Process(["ip", "netns", "exec", self.space, PROGRAM, "run", "-c", self.config],
                          self.folder / "gateway.log")
        gateway.start()
        self.addCleanup(gateway.kill9)
        suite.wait_for(lambda: (self.folder / "data" / "control.sock").exists(), gateway.output)
        self.wait_up("plain")
        found, status = self.sources()
        self.assertEqual(found["lan"]["reason"], "not listening yet: 10.77.0.1 is no address of this machine yet")
        self.assertEqual(found["taken"]["reason"],
                         "not listening yet: port 8682 of 127.0.0.1 is taken by another program")
        self.assertIn("late.pem is not there yet", found["tls"]["reason"])
        self.assertIn("port 8680 of 127.0.0.1 is taken", status["page_reason"])
        self.assertIn("not listening yet", run("status", "-c", self.config).stdout)

        self.inside("mosquitto_pub", "-q", "1", "-t", "weather/a", "-m", '{"id":"a","temperature":1}')
        self.inside("ip", "address", "add", "10.77.0.1/32", "dev", "lo")
        self.wait_up("lan")
        other.kill()
        self.wait_up("taken")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=late", "-days", "2",
                        "-keyout", self.folder / "late.key", "-out", self.folder / "late.pem"],
                       check=True, capture_output=True)
        self.wait_up("tls")
        suite.wait_for(lambda: self.sources()[1]["page_reason"] == "", "the page is there", seconds=15)
        self.assertIn("readings", self.inside("curl", "-s", "http://127.0.0.1:8680/api/v1/status").stdout)
        log = gateway.output()
        self.assertEqual(log.count("lan: not listening yet"), 1, "said once, not at each look")
        code, _ = gateway.terminate()
        self.assertEqual(code, 0)


if __name__ == "__main__":
    suite.main()
