"""The arm64 package on a real boot: installed under systemd and Debian's kernel, in use at 200 sensors a second, the plug pulled.
The same program alone under qemu-user, for its memory.

WEATHER_DEB_ARM64 is the package, otherwise build-deb/weather-gateway_*_arm64.deb, which `make deb ARCH=arm64` makes.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import time
import unittest

import guest
import pi
import test_power_cut
from harness import suite
from harness.kafka import Kafka
from harness.process import Process

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOOT_SECONDS = 1800  # emulated, behind other work
SENSORS, SECONDS = 200, 60
TOPIC = "topic_weather"


def package():
    named = os.environ.get("WEATHER_DEB_ARM64")
    found = [pathlib.Path(named)] if named else sorted((ROOT / "build-deb").glob("weather-gateway_*_arm64.deb"))
    if not found:
        subprocess.run(["make", "-C", ROOT, "deb", "ARCH=arm64"], check=True)
        found = sorted((ROOT / "build-deb").glob("weather-gateway_*_arm64.deb"))
    return found[-1]


def feed(port):
    """Each of the sensors once a second, in ten requests a second; what was acknowledged, as (sensor, number)."""
    acknowledged, began = set(), time.monotonic()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for tenth in range(SECONDS * 10):
            time.sleep(max(0.0, began + tenth / 10 - time.monotonic()))  # the pace of the sensors
            readings = [(f"sensor-{number}", tenth // 10) for number in range(tenth % 10, SENSORS, 10)]
            body = "".join(json.dumps({"id": sensor, "temperature": number}) + "\n" for sensor, number in readings)
            connection.request("POST", "/v1/readings", body, {"Content-Type": "application/x-ndjson",
                                                              "Authorization": f"Bearer {guest.TOKENS[tenth % len(guest.TOKENS)]}"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status // 100 == 2, f"{answer.status} {answer.reason}"
            acknowledged.update(readings)
    return acknowledged, time.monotonic() - began


def in_kafka(topic):
    return {(record.key, int(json.loads(record.value)["temperature"])) for record in kafka.records(topic)}


def setUpModule():
    global kafka, deb, made
    kafka = Kafka().start()
    deb = package()
    made = pi.make_image(deb, kafka.bootstrap)


class Boot(unittest.TestCase):
    def test_the_package_installs_delivers_is_confined_and_survives_a_power_cut(self):
        kafka.create_topic(TOPIC)
        began = time.monotonic()
        machine = pi.Pi(made, kafka.bootstrap)
        suite.wait_for(lambda: "FACTS-TOLD" in machine.output() or not machine.process.running(),
                       lambda: f"booted: {machine.output()}", BOOT_SECONDS, every=1)
        print(f"booted, installed and restarted in {time.monotonic() - began:.0f} s", flush=True)
        self.see_confined(machine.output().replace("\r", ""))

        acknowledged, took = feed(machine.port)
        kafka.wait_for_count(TOPIC, len(acknowledged), 600)
        self.assertEqual(acknowledged - in_kafka(TOPIC), set())
        told = len(re.findall("VmHWM", machine.output()))
        suite.wait_for(lambda: len(re.findall("VmHWM", machine.output())) > told, lambda: f"told again: {machine.output()}", 120)
        peaks = re.findall(r"^pid (\d+) VmHWM:\s+(\d+) kB", machine.output().replace("\r", ""), re.MULTILINE)
        self.assertEqual(len({pid for pid, _ in peaks}), 1, "it was restarted")
        resident = int(peaks[-1][1]) / 1024
        print(f"{len(acknowledged)} readings in {took:.0f} s delivered; {resident:.1f} MiB resident at most", flush=True)
        self.assertLess(resident, 40)
        self.pull_the_plug(machine, made[0])

    def see_confined(self, told):
        """What the kernel says of the running process."""
        self.assertIn("PACKAGE-ACTIVE", told)
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertRegex(told, rf"\n{name}:\t0000000000000000\n")
        for fact in ("NoNewPrivs:\t1", "Seccomp:\t2", "memory.max 167772160", "AppArmor: weather-gateway", "aarch64",
                     "can write /var/lib/weather-gateway/x"):
            self.assertIn(fact, told)
        for path in ("/etc/weather-gateway/x", "/usr/bin/x", "/var/x", "/home/x", "/root/x", "/proc/sys/kernel/hostname"):
            self.assertIn(f"cannot write {path}\n", told)

    def pull_the_plug(self, machine, image):
        """With Kafka gone, so that only the disk has them."""
        delivered = in_kafka(TOPIC)
        kafka.stop()
        station = test_power_cut.Station(0, machine.port)
        station.sensor = "roof"
        station.start()
        suite.wait_for(lambda: len(station.acknowledged) >= 200, lambda: f"acknowledgements: {machine.output()}", 600)
        machine.process.kill9()
        station.stopped = True
        station.join(15)
        found, verified = test_power_cut.read_back(image.parent, image, "var/lib/weather-gateway")
        acknowledged = {(station.sensor, number) for number in station.acknowledged}
        lost = acknowledged - found - delivered
        print(f"power cut: {len(acknowledged)} acknowledged, {len(lost)} lost; log verify on amd64: {verified}", flush=True)
        self.assertEqual(lost, set())
        self.assertIn(verified, (0, 1))


SETTINGS = """\
config_version = 1
[gateway]
id = "pi"
data_dir = "{folder}/data"
[web]
listen = "127.0.0.1:{web_port}"
[[http]]
listen = "127.0.0.1:{port}"
tokens_file = "{folder}/tokens"
[kafka]
topic = "emulated"
[kafka.properties]
"bootstrap.servers" = "{kafka}"
"""


class Emulated(unittest.TestCase):
    """Under qemu-user, where the emulator's own memory is part of what the kernel counts."""

    def test_takes_less_than_40_mib_beside_the_emulator_at_200_sensors_a_second(self):
        kafka.start()
        kafka.create_topic("emulated")
        folder, port, web_port = suite.folder("emulated"), suite.free_port(), suite.free_port()
        subprocess.run(["dpkg-deb", "-x", deb, folder / "package"], check=True)
        (folder / "tokens").touch(mode=0o600)
        (folder / "tokens").write_text(pi.tokens())
        (folder / "settings.toml").write_text(SETTINGS.format(folder=folder, port=port, web_port=web_port, kafka=kafka.bootstrap))
        gateway = Process(["qemu-aarch64-static", "-L", made[0].parent / "root", folder / "package/usr/bin/weather-gateway", "run", "-c",
                           folder / "settings.toml"], folder / "gateway.log")
        self.addCleanup(gateway.kill9)
        gateway.start()
        suite.wait_for(lambda: listens(port), gateway.output)
        acknowledged, took = feed(port)
        kafka.wait_for_count("emulated", len(acknowledged))
        self.assertEqual(acknowledged - in_kafka("emulated"), set())
        emulator = emulators_share(gateway.child.pid)
        peak = gateway.peak_resident_mib()
        print(f"qemu-user: {len(acknowledged)} readings in {took:.0f} s; {peak:.1f} MiB resident at most, {emulator:.1f} MiB of it the "
              "emulator's program, heap and translated code", flush=True)
        self.assertLess(peak - emulator, 40)
        self.assertIn("emulated", page(web_port, "/"))
        for name in ("app.css", "app.js"):
            self.assertEqual(page(web_port, f"/{name}"), (ROOT / "gateway/web" / name).read_text())


def page(port, path):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read().decode()


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def emulators_share(pid):
    """MiB resident of qemu-user itself: its program, its heap, and what it has translated, the only memory to write and run."""
    mappings = re.findall(r"^[0-9a-f]+-[0-9a-f]+ (\S+) \S+ \S+ \d+ *(.*)\n(?:[A-Z].*\n)*?Rss: +(\d+) kB",
                          pathlib.Path(f"/proc/{pid}/smaps").read_text(), re.MULTILINE)
    return sum(int(resident) for rights, name, resident in mappings
               if name == "[heap]" or name.endswith("/qemu-aarch64-static") or rights == "rwxp") / 1024


if __name__ == "__main__":
    suite.main()
