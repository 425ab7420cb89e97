"""The plug is pulled: QEMU is killed at a random moment under load, its disk loses what was not flushed.

Acknowledgements are counted outside of the machine. Each run has a fresh disk; the log is read from what is left of it.
WEATHER_SUITE=soak: a hundred cuts, otherwise five. WEATHER_POWER_CUTS=N: that many.
"""

import collections
import http.client
import json
import os
import subprocess
import threading
import time
import unittest

import guest
from harness import suite
from harness.gateway import run
from volatile_disk import VolatileDisk

DISK_MIB = 48
BATCH = 10
BOOT_SECONDS = 600 if os.environ.get("WEATHER_SUITE") == "soak" else 120  # a soak goes on behind other work
CUTS = int(os.environ.get("WEATHER_POWER_CUTS", "100" if os.environ.get("WEATHER_SUITE") == "soak" else "5"))

Outcome = collections.namedtuple("Outcome", "acknowledged lost found writes flushes unflushed kept verified")


def setUpModule():
    global random, empty
    random = suite.seeded_random()
    empty = guest.empty_disk(suite.folder("disk"), DISK_MIB)


class Station(threading.Thread):
    """Posts batches of numbered readings over one connection; what got its 2xx is in `acknowledged`."""

    def __init__(self, number, port):
        super().__init__(daemon=True)
        self.sensor, self.token, self.port = f"sensor-{number}", guest.TOKENS[number], port
        self.acknowledged = []
        self.stopped = False

    def run(self):
        connection, next_number = None, 0
        while not self.stopped:
            body = "".join(json.dumps({"id": self.sensor, "temperature": next_number + n}) + "\n" for n in range(BATCH))
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                connection.request("POST", "/v1/readings", body, {"Content-Type": "application/x-ndjson",
                                                                  "Authorization": f"Bearer {self.token}"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
                time.sleep(0.05)  # the machine is starting: not at full speed
                continue
            if answer.status // 100 == 2:
                self.acknowledged += range(next_number, next_number + BATCH)
                next_number += BATCH
            else:
                time.sleep(0.1)  # 429: slower
        if connection:
            connection.close()


def cut(made, lies=False, confined=False):
    """One run: power on, load, power cut at a random moment; what was acknowledged and what the disk has."""
    folder = suite.folder("run")
    disk = VolatileDisk(empty, folder / "disk.sock", lies)
    machine = guest.Guest(made, folder / "disk.sock", folder)
    stations = [Station(number, machine.port) for number in range(len(guest.TOKENS))]
    for station in stations:
        station.start()

    def flowing():
        assert machine.running() and "THE GATEWAY ENDED" not in machine.output(), machine.output()
        return sum(len(station.acknowledged) for station in stations) >= 100
    suite.wait_for(flowing, lambda: f"acknowledgements come: {machine.output()}", BOOT_SECONDS)
    time.sleep(random.uniform(0, 4))  # a power cut anywhere
    machine.power_cut()
    assert not confined or "CONFINED" in machine.output(), machine.output()
    refused = [line for line in machine.output().splitlines() if 'apparmor="DENIED"' in line]
    assert not refused, f"the AppArmor profile forbids what the gateway does: {refused}"
    for station in stations:
        station.stopped = True
    for station in stations:
        station.join(15)
    left, unflushed, share = disk.power_cut(random)
    acknowledged = {(station.sensor, number) for station in stations for number in station.acknowledged}
    image = folder / "left.img"
    image.write_bytes(left)
    found, verified = read_back(folder, image)
    image.unlink()
    return Outcome(len(acknowledged), len(acknowledged - found), len(found), disk.writes, disk.flushes, unflushed, round(share, 2), verified)


def read_back(folder, image, data="."):
    """The readings on the disk that is left, and what `log verify` says of it; no log or file system: none."""
    place = folder / "left"
    place.mkdir()
    if subprocess.run(["mount", "-o", "loop", image, place], stderr=subprocess.DEVNULL).returncode != 0:
        return set(), "no file system"
    try:
        if not (place / data / "LOG").exists() and not (place / data / "log").exists():
            return set(), "no log"
        verified = run("log", "verify", place / data).returncode
        records = map(json.loads, run("log", "dump", "--json", place / data).stdout.splitlines())
        return {(record["key"], int(record["value"]["temperature"])) for record in records if "value" in record}, verified
    finally:
        subprocess.run(["umount", place], check=True)


def table(title, outcomes):
    print(f"\n{title}\n| cut | acknowledged | lost | on the disk | writes | flushes | sectors not flushed | share kept | log verify |", flush=True)
    for number, outcome in enumerate(outcomes, 1):
        print(f"| {number} | {' | '.join(map(str, outcome))} |")
    print(f"sum: {sum(o.acknowledged for o in outcomes)} acknowledged, {sum(o.lost for o in outcomes)} lost in {len(outcomes)} cuts", flush=True)


class PowerCut(unittest.TestCase):
    def test_nothing_acknowledged_is_lost(self):
        made, outcomes = guest.make_initramfs(), []
        try:
            for _ in range(CUTS):
                outcomes.append(cut(made, confined=True))
                self.assertEqual(outcomes[-1].lost, 0)
                self.assertIn(outcomes[-1].verified, (0, 1), "clean or a torn tail, no loss")
        finally:
            table("with fdatasync, on a disk with a volatile cache", outcomes)

    def test_the_test_sees_a_missing_fdatasync(self):
        outcome = cut(guest.make_initramfs(synced=False))
        table("control: fdatasync and fsync do nothing", [outcome])
        self.assertGreater(outcome.lost, 0)

    def test_the_test_sees_a_disk_that_lies(self):
        made, outcomes = guest.make_initramfs(), []
        while not outcomes or (outcomes[-1].lost == 0 and len(outcomes) < 5):  # chance may keep all that was not flushed
            outcomes.append(cut(made, lies=True))
        table("control: the disk acknowledges flushes and does nothing", outcomes)
        self.assertGreater(outcomes[-1].lost, 0)


if __name__ == "__main__":
    suite.main()
