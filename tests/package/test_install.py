"""The package under a real systemd: installed, in use, upgraded with a backlog, downgraded, removed, purged."""

import json
import pathlib
import struct
import threading
import time
import unittest

import packages
from harness import expect, fair_clock, suite
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher, publish_one, reading
from machine import SERVICE, Machine, enter_own_network, what_is_missing

CONFIG = "/etc/weather-gateway/weather-gateway.toml"
DATA = "/var/lib/weather-gateway"
EXIT_DATAERR = "65"
MIB = 1024 * 1024


def setUpModule():
    global kafka, mosquitto, old, new
    missing = what_is_missing()
    if missing:
        raise RuntimeError(f"the package cannot be installed in a test machine: {missing}")
    packing = packages.pack()
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()
    old = packing.wait()
    new = packages.repack(old, "0.1.0~test2", change_shipped_configuration)


def change_shipped_configuration(folder):
    with open(folder / CONFIG[1:], "a", encoding="utf-8") as file:
        file.write("# A newer version ships another file.\n")


class Installed(unittest.TestCase):
    """A machine with the package, set up as the manual says: one file edited, the service restarted."""

    def setUp(self):
        self.machine = Machine()
        self.addCleanup(self.machine.stop)
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.start()
        kafka.create_topic(self.topic)
        self.machine.install(old)
        # The file as shipped is one the gateway starts with: no broker, no Kafka, it collects.
        self.assertEqual(self.machine.state(), "active", self.machine.journal())

    def edit_configuration(self):
        self.edited = (self.machine.run("cat", CONFIG).replace("mqtt://127.0.0.1:1883", mosquitto.url)
                       .replace('topic = "topic_weather"', f'topic = "{self.topic}"')
                       .replace("127.0.0.1:9092", kafka.bootstrap).replace('id = "pi"', f'id = "{self.topic}"'))
        self.machine.run("tee", CONFIG, input=self.edited)
        self.machine.run("weather-gateway", "check", "-c", CONFIG)
        before = self.connections()
        self.machine.run("systemctl", "restart", SERVICE)
        suite.wait_for(lambda: self.connections() > before, lambda: f"connected to mosquitto: {self.machine.journal()}")

    def connections(self):
        return mosquitto.connections(f"weather-gateway-{self.topic}")

    def status(self):
        return json.loads(self.machine.run("weather-gateway", "status", "--json"))

    def file(self, path):
        return self.machine.call("cat", path)

    def publisher(self):
        publisher = Publisher(mosquitto, prefix=self.topic)
        self.addCleanup(publisher.close)
        return publisher


class Life(Installed):
    def test_upgrade_keeps_the_backlog_and_purge_removes_it(self):
        self.edit_configuration()
        publisher = self.publisher()
        publisher.publish(200)
        publisher.wait_for_acknowledgements()
        kafka.wait_for_count(self.topic, 200)

        kafka.stop()
        publisher.publish(500)
        publisher.wait_for_acknowledgements()
        suite.wait_for(lambda: self.status()["unsent"] >= 500, lambda: f"a backlog of 500: {self.status()}")
        station = threading.Thread(target=publisher.publish, args=(300, 100))
        station.start()
        # dpkg asks what to do with a file that both sides changed; without a terminal the edited one stays.
        self.machine.install(new, "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold")
        station.join()
        publisher.wait_for_acknowledgements()
        self.assertEqual(self.machine.state(), "active")
        self.assertIn("0.1.0~test2", self.machine.run("dpkg-query", "-W", "weather-gateway"))
        self.assertEqual(self.file(CONFIG).stdout, self.edited)
        kafka.start()
        kafka.wait_for_count(self.topic, 1000)
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, publisher.acknowledged)
        expect.same_reading_same_id(self, records)

        segments = self.machine.run("sh", "-c", f"ls {DATA}")
        self.machine.run("apt-get", "remove", "-y", "weather-gateway")
        self.assertEqual(self.machine.state(), "inactive")
        self.assertEqual(self.machine.run("sh", "-c", f"ls {DATA}"), segments)
        self.assertEqual(self.file(CONFIG).stdout, self.edited)
        self.machine.run("apt-get", "purge", "-y", "weather-gateway")
        for path in (DATA, "/etc/weather-gateway", "/lib/systemd/system/weather-gateway.service", "/usr/share/weather-gateway",
                     "/etc/apparmor.d/weather-gateway", "/usr/bin/weather-gateway"):
            self.assertEqual(self.machine.call("test", "-e", path).returncode, 1, f"{path} is still there")

    def test_an_older_version_refuses_a_newer_log_and_leaves_it_as_it_is(self):
        self.machine.run("systemctl", "stop", SERVICE)
        identity = self.machine.run("find", DATA, "-name", "LOG").strip()
        slots = self.machine.run("base64", "-w0", identity)
        self.machine.run("sh", "-c", f"cat >{identity}", input=of_the_next_format(slots), text=False)
        before = self.machine.run("sh", "-c", f"find {DATA} -type f | sort | xargs sha256sum")
        self.machine.call("systemctl", "start", SERVICE)
        suite.wait_for(lambda: self.machine.state() == "failed", lambda: f"given up: {self.machine.journal()}", 15)
        self.assertEqual(self.machine.show("ExecMainStatus"), EXIT_DATAERR)
        self.assertIn("written by a newer version of this program; install that version again", self.machine.journal())
        self.assertEqual(self.machine.show("NRestarts"), "0")
        self.assertEqual(self.machine.run("sh", "-c", f"find {DATA} -type f | sort | xargs sha256sum"), before)


class Confined(Installed):
    def test_the_hardening_is_in_effect_under_load(self):
        self.edit_configuration()
        pid = self.machine.main_pid()
        status = dict(line.split(":", 1) for line in self.machine.run("cat", f"/proc/{pid}/status").splitlines())
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[name], 16), 0, name)
        self.assertEqual(status["NoNewPrivs"].strip(), "1")
        self.assertEqual(status["Seccomp"].strip(), "2")  # filter
        self.assertGreaterEqual(int(status["Seccomp_filters"]), 5)
        user = self.machine.run("id", "-u", "weather-gateway").strip()
        self.assertEqual(status["Uid"].split(), [user] * 4)
        for namespace in ("user", "mnt"):
            ours, its = (self.machine.run("readlink", f"/proc/{p}/ns/{namespace}") for p in (1, pid))
            self.assertNotEqual(ours, its, f"{namespace} namespace")

        # What it can see and write, tried as root inside its own mounts.
        def inside(*command):
            return self.machine.call("nsenter", "-t", pid, "--root", "--mount", "--", *command)
        for path in ("/etc/weather-gateway/x", "/usr/bin/x", "/var/x", "/home/x", "/root/x", "/proc/sys/kernel/hostname"):
            tried = inside("sh", "-c", f"echo x >{path}")
            self.assertRegex(tried.stderr, "Read-only file system|Permission denied", path)
        for path in (f"{DATA}/x", "/run/weather-gateway/x", "/tmp/x"):
            self.assertEqual(inside("sh", "-c", f"echo x >{path} && rm {path}").returncode, 0, path)
        self.assertNotIn("tty", inside("ls", "/dev").stdout.replace("tty\n", ""))
        self.assertEqual(inside("ls", "/home").stdout, "")

        # The memory limit, and that a load does not reach it: most of what is charged is the log's page cache.
        group = self.machine.memory_group()
        v2 = (group / "memory.max").exists()
        limit, peak = (("memory.max", "memory.peak") if v2 else ("memory.limit_in_bytes", "memory.max_usage_in_bytes"))
        self.assertEqual(int((group / limit).read_text()), 160 * MIB)
        publisher = self.publisher()
        publisher.publish(20000)
        publisher.wait_for_acknowledgements()
        kafka.wait_for_count(self.topic, 20000)
        self.assertEqual(self.machine.main_pid(), pid, "it was restarted")
        if (group / peak).exists():  # cgroup v2 has it since Linux 5.19
            self.assertLess(int((group / peak).read_text()), 160 * MIB)
        resident = int(self.machine.run("sh", "-c", f"grep VmHWM /proc/{pid}/status").split()[1]) / 1024
        print(f"under load: {resident:.1f} MiB resident at most", flush=True)
        self.assertLess(resident, 40)

        # Under load, with Kafka gone: it ends in time all the same.
        kafka.stop()
        station = threading.Thread(target=publisher.publish, args=(2000, 1000))
        station.start()
        suite.wait_for(lambda: publisher.total_acknowledged() > 20000, "readings are acknowledged without Kafka")
        began = fair_clock.seconds()
        self.machine.run("systemctl", "stop", SERVICE)
        took = fair_clock.seconds() - began
        print(f"stopped under load in {took:.1f} s", flush=True)
        self.assertLess(took, 5)
        self.assertEqual(self.machine.show("Result"), "success", self.machine.journal())
        station.join()

    def test_starts_without_network_after_time_set_and_takes_readings(self):
        self.machine.write("/etc/systemd/system/weather-gateway.service.d/no-network.conf", "[Service]\nPrivateNetwork=yes\n")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", SERVICE)
        self.assertEqual(self.machine.state(), "active")
        after = self.machine.show("After").split()
        self.assertIn("time-set.target", after)
        for later in ("time-sync.target", "network-online.target", "mosquitto.service"):
            self.assertNotIn(later, after)
        self.machine.write("/run/reading.json", reading("attic", 7) + "\n")
        self.machine.run("weather-gateway", "send", "-c", CONFIG, "--file", "/run/reading.json")
        self.assertEqual(self.status()["unsent"], 1)

    def test_drop_ins_and_device_rules_are_understood(self):
        for name in ("10-buses", "20-credentials"):
            self.machine.write(f"/etc/systemd/system/{SERVICE}.d/{name}.conf", (packages.ROOT / "systemd" / f"{name}.conf").read_text())
        verified = self.machine.call("systemd-analyze", "verify", "--man=no", SERVICE)
        self.assertEqual((verified.returncode, verified.stdout + verified.stderr), (0, ""))
        watchdog = (packages.ROOT / "systemd" / "30-watchdog.conf").read_text()
        self.machine.write("/etc/systemd/system.conf.d/30-watchdog.conf", watchdog)
        self.machine.run("systemctl", "daemon-reexec")
        self.assertEqual(self.machine.run("systemctl", "show", "-P", "RuntimeWatchdogUSec"), "14s\n")

        tested = self.machine.call("udevadm", "test", "/sys/class/mem/null")
        said = [line for line in (tested.stdout + tested.stderr).splitlines() if "60-weather-gateway.rules" in line]
        self.assertEqual(said, ["Reading rules file: /usr/lib/udev/rules.d/60-weather-gateway.rules"])

    def test_a_credential_of_systemd_reaches_kafka_and_a_missing_one_is_told(self):
        example = packages.ROOT / "systemd" / "20-credentials.conf"
        self.machine.write("/etc/systemd/system/weather-gateway.service.d/20-credentials.conf", example.read_text())
        self.machine.run("systemctl", "daemon-reload")
        self.assertNotEqual(self.machine.call("systemctl", "restart", SERVICE).returncode, 0)
        self.machine.write("/etc/credstore/weather-gateway/client.properties", f"bootstrap.servers={kafka.bootstrap}\n", "600")
        text = self.machine.run("cat", CONFIG).replace('"bootstrap.servers" = "127.0.0.1:9092"', "").replace(
            "[kafka]", '[kafka]\nproperties_file = "${CREDENTIALS_DIRECTORY:-/etc/credstore/weather-gateway}/client.properties"')
        self.machine.run("tee", CONFIG, input=text)
        self.edit_configuration()
        publish_one(mosquitto, f"weather/{self.topic}", reading(self.topic, 1))
        kafka.wait_for_count(self.topic, 1)


def of_the_next_format(base64_text):
    """The two slots of a log's file LOG (docs/log-format.md) as a program of the format after this one would write them."""
    import base64
    block, raw = 4096, bytearray(base64.b64decode(base64_text))
    for start in (0, block):
        version, = struct.unpack_from("<H", raw, start + 12)
        struct.pack_into("<H", raw, start + 12, version + 1)
        struct.pack_into("<I", raw, start + 8, crc32c(raw[start + 12:start + block]))
    return bytes(raw)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


if __name__ == "__main__":
    if not what_is_missing():
        enter_own_network()
    suite.main()
