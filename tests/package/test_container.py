"""The container image, built on a Debian made here, run by podman as cross/container/compose.yaml says, with the Kafka settings of
that file: its story is true, nothing runs as root, and kill -9 loses no reading that was acknowledged.

The services' names are loopback, and all share one network: what is not tried is a network between containers."""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

import packages
import yaml
from harness import cache, expect, fair_clock, suite
from harness.gateway import PROGRAM
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.process import Process
from harness.publisher import Publisher
from machine import enter_own_network

FILES = packages.ROOT / "cross" / "container"
COMPOSE = yaml.safe_load((FILES / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
TOPIC = "topic_weather"
USER = 8680
HOSTS = ("kafka", "mosquitto")


# runc, because crun does not start where control groups of both versions are mounted. What podman keeps is this test
# program's own; it takes no long path for what is in RUN, a file system of this program's mount namespace.
RUN = "/mnt"
PODMAN = ["/usr/bin/podman", "--root", str(suite.FOLDER / "storage"), "--runroot", f"{RUN}/podman", "--runtime", "runc",
          "--cgroup-manager", "cgroupfs"]


def podman(*arguments):
    return subprocess.run([*PODMAN, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True)


def run(*arguments):
    done = podman(*arguments)
    assert done.returncode == 0, f"podman {arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def libraries():
    """The Debian packages of the libraries that the program loads."""
    loaded = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout
    files = [str(pathlib.Path(line.split("=>")[1].split()[0]).resolve()) for line in loaded.splitlines() if "=>" in line]
    owners = subprocess.run(["dpkg", "-S", *files, *(file.removeprefix("/usr") for file in files)], capture_output=True, text=True).stdout
    return sorted({line.split(":")[0] for line in owners.splitlines()})


def base():
    """A Debian of this release with what the package needs, and no source of packages: what `apt-get install` fetches otherwise."""
    release = re.search(r"^VERSION_CODENAME=(\w+)$", pathlib.Path("/etc/os-release").read_text(), re.MULTILINE).group(1)
    names = ",".join([*libraries(), "ca-certificates", "systemd-standalone-sysusers"])
    key = hashlib.sha256(names.encode()).hexdigest()[:12]
    return cache.once(f"container-base-{release}-{key}", lambda part: cache.run(
        "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={names}",
        "--customize-hook=rm -r \"$1\"/etc/apt/sources.list*", release, part / "base.tar")) / "base.tar"


def setUpModule():
    global kafka, mosquitto
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", RUN], check=True)
    packing = packages.pack()
    mosquitto = Mosquitto("listener 1883 127.0.0.1\n").start()
    kafka = compose_kafka().start()
    run("import", base(), "localhost/base")
    tools = suite.folder("bin") / "podman"  # the script's podman is to use this test's storage
    tools.write_text(f'#!/bin/sh\nexec {" ".join(PODMAN)} "$@"\n')
    tools.chmod(0o755)
    built = subprocess.run(
        [FILES / "build-image", packing.wait(), "localhost/weather-gateway", "localhost/base", "--isolation", "chroot", "--pull=never"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, "CONTAINER_ENGINE": str(tools)})
    assert built.returncode == 0, built.stdout + built.stderr


def compose_kafka():
    """A broker of the harness with the settings that compose.yaml gives to Kafka's image: KAFKA_NODE_ID is node.id."""
    settings = {name.removeprefix("KAFKA_").lower().replace("_", "."): value for name, value in SERVICES["kafka"]["environment"].items()}
    settings["log.dirs"] = str(suite.folder("kafka-data"))
    settings["auto.create.topics.enable"] = "false"
    file = suite.folder("kafka-settings") / "server.properties"
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()).replace("//kafka:", "//127.0.0.1:"))
    return Kafka(KAFKA_PORT="9092", KAFKA_PROPERTIES=str(file))


class Container:
    """One service of compose.yaml, with its options as those of podman."""

    def __init__(self, test, service):
        self.name = service
        settings = SERVICES[service]
        options = ["--name", service, "--network", "host", *(word for host in HOSTS for word in ("--add-host", f"{host}:127.0.0.1"))]
        # A machine that gives root less than podman's own default of open files takes no more.
        options += ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"]
        options += ["--read-only"] * settings.get("read_only", False)
        for key, option in (("cap_drop", "--cap-drop"), ("security_opt", "--security-opt"), ("tmpfs", "--tmpfs"), ("volumes", "--volume")):
            options += [word for value in settings.get(key, []) for word in (option, re.sub(r"^\./", f"{FILES}/", value))]
        run("create", *options, "localhost/weather-gateway", *settings.get("command", []))
        test.addCleanup(podman, "rm", "--force", "--time", "2", service)

    def start(self):
        run("start", self.name)
        return self

    def kill9(self):
        run("kill", "--signal", "KILL", self.name)
        run("wait", self.name)

    def inside(self, *command):
        return podman("exec", self.name, *command)

    def output(self):
        said = podman("logs", self.name)
        return said.stdout + said.stderr

    def status(self):
        said = self.inside("weather-gateway", "status", "--json")
        return json.loads(said.stdout) if said.returncode == 0 else {}


class Uploads(threading.Thread):
    """A console that uploads to the published port all the time; `answered`: the numbers that got a 200."""

    def __init__(self):
        super().__init__(daemon=True)
        self.answered, self._end = [], threading.Event()

    def run(self):
        number = 0
        while not self._end.wait(0.02):
            number += 1
            query = f"ID=console&PASSWORD=x&action=updateraw&dateutc=now&tempf={number}"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:8681/weatherstation/updateweatherstation.php?{query}", timeout=5) as answer:
                    if answer.status == 200:
                        self.answered.append(number)
            except (urllib.error.URLError, OSError):
                pass

    def stop(self):
        self._end.set()
        self.join()
        return self.answered


class Story(unittest.TestCase):
    def setUp(self):
        words = SERVICES["topic"]["command"]
        self.assertTrue(words.pop(0).endswith("/kafka-topics.sh"))
        kafka.run("tool", "org.apache.kafka.tools.TopicCommand", *[word.replace("kafka:", "127.0.0.1:") for word in words])
        self.gateway = Container(self, "gateway")
        self.consumer = Container(self, "consumer")

    def test_readings_reach_kafka_over_cuts_and_kills(self):
        self.gateway.start()
        suite.wait_for(lambda: mosquitto.connections("weather-gateway-container"), lambda: f"subscribed: {self.gateway.output()}")
        self.confined()

        # The sensor of compose.yaml.
        script = SERVICES["sensor"]["command"][-1].replace("$$", "$").replace("-h mosquitto", "-h 127.0.0.1").replace("sleep 1", "sleep 0.1")
        sensor = Process(["sh", "-c", script], suite.FOLDER / "sensor.log")
        self.addCleanup(sensor.kill9)
        sensor.start()
        self.consumer.start()
        suite.wait_for(lambda: '"number":3' in self.consumer.output(), lambda: f"the consumer prints: {self.consumer.output()}")

        publisher, uploads = Publisher(mosquitto, prefix="station"), Uploads()
        self.addCleanup(publisher.close)
        uploads.start()
        station = threading.Thread(target=publisher.publish_for, args=(12, 100))
        station.start()
        time.sleep(2)  # readings come before the kill
        self.kill_and_start()
        time.sleep(2)  # and between the kill and the end of Kafka
        kafka.stop()
        suite.wait_for(lambda: self.gateway.status().get("unsent", 0) > 100, lambda: f"a backlog: {self.gateway.status()}")
        self.kill_and_start()
        suite.wait_for(lambda: self.gateway.status().get("unsent", 0) > 100, lambda: f"the backlog is there again: {self.gateway.status()}")
        kafka.start()
        station.join()
        publisher.wait_for_acknowledgements()
        answered = uploads.stop()
        sensor.kill9()
        suite.wait_for(lambda: self.gateway.status().get("unsent") == 0, lambda: f"drained: {self.gateway.status()}")

        records = kafka.records(TOPIC)
        expect.everything_arrived(self, [record for record in records if record.key.startswith("station-")], publisher.acknowledged)
        uploaded = [json.loads(record.value) for record in records if record.key == "wunderground:console"]
        missing = set(answered) - {round(value["temperature"] * 9 / 5 + 32) for value in uploaded}
        self.assertEqual(missing, set(), f"of {len(answered)} uploads that were answered")
        print(f"{publisher.total_acknowledged()} publications and {len(answered)} uploads acknowledged, all in Kafka", flush=True)
        self.assertGreater(len(answered), 100)
        numbers = [json.loads(record.value)["number"] for record in records if record.key == "roof"]
        self.assertEqual(sorted(set(numbers)), list(range(1, max(numbers) + 1)))
        suite.wait_for(lambda: f'"number":{max(numbers)}' in self.consumer.output(), "the consumer prints what it missed")

        began = fair_clock.seconds()
        run("stop", "--time", SERVICES["gateway"]["stop_grace_period"].removesuffix("s"), "gateway")
        self.assertLess(fair_clock.seconds() - began, 10)
        self.assertEqual(run("inspect", "--format", "{{.State.ExitCode}}", "gateway"), "0")

    def kill_and_start(self):
        self.gateway.kill9()
        self.gateway.start()
        suite.wait_for(self.gateway.status, lambda: f"it runs again: {self.gateway.output()}")

    def confined(self):
        """Not root, no right, nothing but the volume to write to; and it is said to be healthy while it answers."""
        pid = int(run("inspect", "--format", "{{.State.Pid}}", "gateway"))
        status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
        self.assertEqual(status["Uid"].split(), [str(USER)] * 4)
        self.assertEqual(status["NoNewPrivs"].strip(), "1")
        for name in ("CapPrm", "CapEff", "CapBnd"):
            self.assertEqual(int(status[name], 16), 0, name)
        for path in ("/x", "/etc/weather-gateway/x", "/usr/bin/x", "/var/lib/x"):
            self.assertIn("Read-only file system", self.gateway.inside("touch", path).stderr, path)
        self.assertEqual(self.gateway.inside("touch", "/var/lib/weather-gateway/x").returncode, 0)
        self.assertEqual(podman("healthcheck", "run", "gateway").returncode, 0)
        self.assertEqual(run("image", "inspect", "--format", "{{.Config.User}}", "localhost/weather-gateway"), f"{USER}:{USER}")


if __name__ == "__main__":
    base()  # while there is a network
    enter_own_network("--mount", "--pid", "--fork", "--mount-proc", "--kill-child")  # whatever podman leaves ends with it
    suite.main()
