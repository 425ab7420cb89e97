"""Everything that goes wrong, at once, under the installed unit, from a seed, while a hundred honest sensors publish.

Hostile clients at every door, a hostile broker, a Kafka that goes and comes, kill -9, reloads good and bad, a full disk,
no descriptors left, a clock that jumps, no network. The oracle: each acknowledged reading of an honest sensor is in Kafka,
in order; the unit was never anything but up, and restarted only when it was killed from outside.
WEATHER_SUITE=soak: an hour, otherwise 45 seconds. WEATHER_CHAOS_SECONDS=N: that long. WEATHER_TEST_SEED repeats a run.
"""

import json
import os
import pathlib
import subprocess
import time
import unittest

import packages
from harness import attacks, expect, suite
from harness.kafka import Kafka
from harness.stations import Stations
from machine import SERVICE, Machine, enter_own_network, what_is_missing

SECONDS = int(os.environ.get("WEATHER_CHAOS_SECONDS", "3600" if os.environ.get("WEATHER_SUITE") == "soak" else "45"))
DATA = "/var/lib/weather-gateway"
DISK_MIB = 64
LISTENER, PUSH, PAGE = 1883, 8681, 8680
TOPIC = "topic_weather"
BAD_DROP_IN = "/etc/weather-gateway/conf.d/bad.toml"
CLOCK = "/etc/weather-gateway/clock"

CONFIG = """\
config_version = 1
[gateway]
id = "chaos"
data_dir = "{data}"
[log]
segment_bytes = "1MiB"
max_bytes = "24MiB"
min_free_bytes = "4MiB"
on_full = "block"
[clock]
trust = "always"
[[listener]]
listen = "127.0.0.1:{listener}"
topics = ["weather/#"]
[[listener]]
name = "sparkplug"
listen = "127.0.0.1:1884"
topics = ["spBv1.0/#"]
format = "sparkplug"
[[http]]
listen = "127.0.0.1:{push}"
[[mqtt]]
url = "{broker}"
topics = ["weather/#"]
[kafka]
topic = "{topic}"
[kafka.properties]
"bootstrap.servers" = "{bootstrap}"
"reconnect.backoff.max.ms" = "500"
"""

# The wall clock of the unit is what a file says; the rest is the unit as it is installed.
WRONG_CLOCK = """\
[Service]
Environment=LD_PRELOAD=/usr/lib/wrong_clock.so WRONG_CLOCK_FILE={clock}
"""


def setUpModule():
    global kafka, package
    missing = what_is_missing()
    if missing:
        raise RuntimeError(f"the package cannot be installed in a test machine: {missing}")
    packing = packages.pack()
    kafka = Kafka().start()
    # The time of a reading may be as wrong as the clock.
    kafka.create_topic(TOPIC, message_timestamp_after_max_ms=2**63 - 1, message_timestamp_before_max_ms=2**63 - 1)
    package = packing.wait()


class Troubles:
    """What can be done to the machine and its surroundings. Each begins with a call and gives what ends it, or None."""

    def __init__(self, machine, crowd, random):
        self._machine, self._crowd, self._random = machine, crowd, random
        self.kills = 0

    def any(self):
        return self._random.choice([self.attack] * 6 + [self.kill, self.reload, self.bad_configuration, self.full_disk, self.no_descriptors,
                                                       self.clock, self.no_network, self.no_kafka])

    def attack(self):
        one = self._random.choice(attacks.ATTACKS)
        self._crowd.begin(one)
        return lambda: self._crowd.end(one)

    def kill(self):
        if self._machine.state() == "active":
            killed = self._machine.main_pid()
            self._machine.run("systemctl", "kill", "-s", "KILL", SERVICE)
            self.kills += 1
            suite.wait_for(lambda: self._machine.main_pid() not in (0, killed) and self._machine.state() == "active", lambda: f"up again: {self._machine.journal()[-3000:]}", 60)

    def reload(self):
        self._machine.call("systemctl", "reload", SERVICE)

    def bad_configuration(self):
        bad = self._random.choice(["x", "[kafka]\ntopic = 3", "a" + ".a" * 50_000 + " = 1", "[[listener]]\nlisten = \"127.0.0.1:99999\"", "\0\xff"])
        self._machine.run("tee", BAD_DROP_IN, input=bad)
        self._machine.call("systemctl", "reload", SERVICE)
        self._machine.run("rm", "-f", BAD_DROP_IN)

    def full_disk(self):
        self._machine.call("dd", "if=/dev/zero", f"of={DATA}/other-program", "bs=1M", f"count={DISK_MIB}")
        return lambda: self._machine.run("rm", "-f", f"{DATA}/other-program")

    def no_descriptors(self):
        if self._machine.state() != "active":
            return None
        pid = self._machine.main_pid()
        used = len(self._machine.call("ls", f"/proc/{pid}/fd").stdout.split())
        self._machine.call("prlimit", "--pid", pid, f"--nofile={used + self._random.randrange(3)}:4096")
        return lambda: self._machine.call("prlimit", "--pid", pid, "--nofile=4096:4096")

    def clock(self):
        self._machine.run("tee", CLOCK, input=str(self._random.randrange(-10_800, 10_800)))

    def no_network(self):
        subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
        time.sleep(self._random.uniform(0, 8))  # Kafka cannot be started without it, so it comes back here
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    def no_kafka(self):
        away, back = self._random.choice([(kafka.stop, kafka.start), (kafka.kill9, kafka.start), (kafka.pause, kafka.resume)])
        away()
        return back


class Chaos(unittest.TestCase):
    def setUp(self):
        self.random = suite.seeded_random()
        self.broker = attacks.HostileBroker(self.random)
        self.machine = Machine()
        self.addCleanup(self.machine.stop)
        self.machine.install(package)
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.run("mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}M", "tmpfs", DATA)
        self.machine.write("/usr/lib/wrong_clock.so", pathlib.Path(os.environ["WEATHER_WRONG_CLOCK"]).read_bytes(), "755")
        self.machine.write(CLOCK, "0")
        self.machine.write(f"/etc/systemd/system/{SERVICE}.d/clock.conf", WRONG_CLOCK.format(clock=CLOCK))
        self.machine.run("tee", "/etc/weather-gateway/weather-gateway.toml", input=CONFIG.format(
            data=DATA, listener=LISTENER, push=PUSH, broker=self.broker.url, topic=TOPIC, bootstrap=kafka.bootstrap))
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "start", SERVICE)
        self.assertEqual(self.machine.state(), "active", self.machine.journal())

    def status(self):
        return json.loads(self.machine.run("weather-gateway", "status", "--json"))

    def up_but_for_kills(self, troubles):
        ends = {name: self.machine.show(name) for name in ("Result", "ExecMainCode", "ExecMainStatus", "NRestarts")}
        self.assertIn(self.machine.state(), ("active", "activating", "reloading"), f"{ends} {self.machine.journal()[-3000:]}")
        self.assertLessEqual(int(ends["NRestarts"]), troubles.kills, "it ended by itself: " + self.machine.journal()[-6000:])

    def test_nothing_acknowledged_is_lost(self):
        stations = Stations(LISTENER, sensors=100, rate=1, timed=lambda sensor: sensor.endswith("7"))
        crowd = attacks.Crowd(self.random, {"listener": LISTENER, "sparkplug": 1884, "http": [PUSH, PAGE], "all": [LISTENER, 1884, PUSH, PAGE]})
        self.addCleanup(crowd.close)
        troubles, going_on, done = Troubles(self.machine, crowd, self.random), {}, []
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            trouble = troubles.any()
            if trouble.__name__ not in going_on:
                done.append(trouble.__name__)
                ending = trouble()
                if ending:
                    going_on[trouble.__name__] = ending
            elif trouble.__name__ != "attack" or self.random.random() < 0.3:
                going_on.pop(trouble.__name__)()
            self.up_but_for_kills(troubles)
            time.sleep(self.random.uniform(0, 1))  # one trouble meets the next at any distance
        for ending in going_on.values():
            ending()
        crowd.close()
        print({name: done.count(name) for name in sorted(set(done))}, f"{crowd.rounds} rounds of attacks", flush=True)

        try:
            stations.stop()
        except AssertionError as error:
            status, journal = self.machine.call("weather-gateway", "status").stdout, self.machine.journal()[-6000:]
            raise AssertionError(f"{str(error)[:300]}\n{status}\n{journal}") from error
        suite.wait_for(lambda: self.status()["unsent"] == 0, lambda: f"everything is delivered: {self.status()}", 180)
        records = [record for record in kafka.records(TOPIC) if record.key.startswith("honest-")]
        expect.everything_arrived(self, records, stations.acknowledged)
        repeats = expect.same_reading_same_id(self, records)
        print(f"{stations.total()} acknowledged, {len(records)} records, {repeats} repeats by id, {stations.reconnects} connections, "
              f"{troubles.kills} kills", flush=True)
        self.assertGreater(stations.total(), 100)
        self.up_but_for_kills(troubles)
        self.assertEqual(int(self.machine.show("NRestarts")), troubles.kills)
        self.assertEqual(self.machine.state(), "active")


if __name__ == "__main__":
    enter_own_network()
    suite.main()
