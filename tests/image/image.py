"""A built image on QEMU's virt, as a card is in a Pi: slots that are changed for a test, a stick with a bundle, SSH into it.

WEATHER_IMAGE: the folder that cross/image/build wrote.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import firmware
import state
from harness import suite
from harness.process import Process

FOLDER = pathlib.Path(os.environ.get("WEATHER_IMAGE", firmware.ROOT / "build-image"))
MIB = 1 << 20
BOOT_SECONDS = 1500  # emulated, beside other work
TOKENS = [f"{number:032x}" for number in range(1, 9)]
GROWN_MIB = 1024

OUTSIDE = "10.0.2.100"  # where a machine finds a Kafka of the test

SETTINGS = """\
config_version = 1
[gateway]
id = "pi"
data_dir = "/var/lib/weather-gateway"
[[http]]
listen = "0.0.0.0:8681"
tokens_file = "secrets/tokens"
[kafka.properties]
"bootstrap.servers" = "{bootstrap}"
"""

# A health check that does not take a quarter of an hour to leave a slot.
HASTY = ("/etc/systemd/system/weather-update-commit.service.d/test.conf",
         "[Service]\nExecStart=\nExecStart=/usr/bin/weather-gateway update commit --deadline 2min\n", 0o644)
HASTY_FOLDER = "mkdir /etc/systemd/system/weather-update-commit.service.d"


def changed(slot, made, *commands, files=()):
    """A copy of a slot, changed by commands of debugfs; `files`: (path, content, mode)."""
    subprocess.run(["cp", "--sparse=always", slot, made], check=True)
    with tempfile.TemporaryDirectory() as folder:
        script = []
        for number, (path, content, mode) in enumerate(files):
            source = pathlib.Path(folder, str(number))
            source.write_text(content)
            script += [f"rm {path}", f"write {source} {path}", f"sif {path} mode 0100{mode:o}", f"sif {path} uid 0", f"sif {path} gid 0"]
        done = subprocess.run(["debugfs", "-w", "-f", "-", made], input="\n".join([*commands, *script]) + "\n", text=True, check=True, capture_output=True)
        wrong = [line for line in done.stderr.splitlines() if "rm:" not in line and not line.startswith("debugfs 1")]
        assert not wrong, wrong
    return made


class Card:
    """The disk of one machine."""

    def __init__(self, folder, name="card.img"):
        self.path = folder / name
        if not (found := sorted(FOLDER.glob("weather-gateway-pi_*.img.zst"))):
            subprocess.run([firmware.ROOT / "cross/image/build", "pi", firmware.SUITE, FOLDER], check=True)
            found = sorted(FOLDER.glob("weather-gateway-pi_*.img.zst"))
        self.version = found[-1].name.split("_")[1].removesuffix(".img.zst")
        subprocess.run(["zstd", "-q", "-d", "--long=24", "--sparse", "-f", found[-1], "-o", self.path], check=True)
        table = json.loads(subprocess.run(["sfdisk", "-J", self.path], check=True, capture_output=True, text=True).stdout)
        self.parts = {number: (part["start"] * 512, part["size"] * 512) for number, part in enumerate(table["partitiontable"]["partitions"], 1)}
        with open(self.path, "r+b") as file:
            file.truncate(GROWN_MIB * MIB)

    def take(self, number, made):
        start, size = self.parts[number]
        subprocess.run(["dd", f"if={self.path}", f"of={made}", "bs=1M", f"skip={start // MIB}", f"count={size // MIB}", "conv=sparse", "status=none"], check=True)
        return made

    def put(self, number, content):
        start, _ = self.parts[number]
        subprocess.run(["dd", f"if={content}", f"of={self.path}", "bs=1M", f"seek={start // MIB}", "conv=notrunc", "status=none"], check=True)

    def fill_in(self, files):
        """Files on its FAT partition."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                file = pathlib.Path(folder, name)
                file.parent.mkdir(exist_ok=True)
                file.write_text(content, newline="")
            subprocess.run(["mcopy", "-s", "-o", "-i", self.fat(), *pathlib.Path(folder).iterdir(), "::"], check=True)

    def fat(self):
        """Its FAT partition, as mtools name it."""
        return f"{self.path}@@{self.parts[1][0]}"

    def on_fat(self, name):
        """A file of its FAT partition; None: there is none."""
        done = subprocess.run(["mtype", "-i", self.fat(), f"::{name}"], capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else None

    def state(self):
        return [state.read(data) for data in state.both(self.path)]

    def set_state(self, now):
        state.put(self.path, state.sector(now), state.sector(now))

    @contextlib.contextmanager
    def var(self):
        """Its /var, where it may have grown to."""
        place = pathlib.Path(tempfile.mkdtemp(dir=suite.FOLDER))
        subprocess.run(["mount", "-o", f"loop,offset={self.parts[4][0]}", self.path, place], check=True)
        try:
            yield place
        finally:
            subprocess.run(["umount", place], check=True)


def key():
    path = suite.FOLDER / "key"
    if not path.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


class Machine:
    """One run, from power on to power off."""

    def __init__(self, card, stick=None, name="machine", board=firmware.Virt, kafka=None):
        self.log = suite.FOLDER / f"console-{name}.log"
        self.log.unlink(missing_ok=True)
        self.ssh_port, self.port = suite.free_port(), suite.free_port()
        network = ["-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.ssh_port}-:22,hostfwd=tcp:127.0.0.1:{self.port}-:8681"
                               + (f",guestfwd=tcp:{OUTSIDE}:{kafka}-cmd:socat - TCP:127.0.0.1:{kafka}" if kafka else ""), "-device"]
        drives = ["-drive", f"file={stick},format=raw,if=none,id=stick,readonly=on", "-device", "qemu-xhci", "-device", "usb-storage,drive=stick"] if stick else []
        more = {firmware.Virt: ["-smp", "2", *drives, "-device", "i6300esb", "-action", "watchdog=reset", *network, "virtio-net-pci,netdev=net,romfile="],
                firmware.Raspi3b: [*network, "usb-net,netdev=net"]}
        self.process = board(card.path if isinstance(card, Card) else card, self.log, *more[board])
        unittest.addModuleCleanup(self.process.kill9)
        self.process.start()

    def output(self):
        return self.process.output()

    def wait_for(self, text, seconds=BOOT_SECONDS):
        suite.wait_for(lambda: text in self.output(), lambda: f"{text!r}: {self.output()[-3000:]}", seconds, every=0.5)

    def call(self, command, seconds=600):
        return subprocess.run(["ssh", "-q", "-i", key(), "-p", str(self.ssh_port), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                               "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "root@127.0.0.1", command],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)

    def run(self, command, seconds=600):
        done = self.call(command, seconds)
        assert done.returncode == 0, f"{command}: {done.returncode} {done.stdout} {done.stderr}"
        return done.stdout

    def wait_until_up(self, seconds=BOOT_SECONDS):
        def up():
            assert self.process.running(), self.output()[-3000:]
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self.call("systemctl is-active weather-gateway", 60).stdout == "active\n"
        suite.wait_for(up, lambda: f"it is up: {self.output()[-3000:]}", seconds, every=2)

    def power_cut(self):
        self.process.kill9()


def stick(folder, *bundles):
    """What is on a USB stick, as a file system."""
    place = folder / "stick"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for bundle in bundles:
        os.link(bundle, place / bundle.name)
    made = folder / "stick.img"
    made.unlink(missing_ok=True)
    size = sum(bundle.stat().st_size for bundle in bundles) // MIB
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", place, made, f"{size + size // 20 + 16}M"], check=True)
    return made


def bundle(folder, name, slot, version, board="pi", key_and_certificate=None, keyring=None):
    config = pathlib.Path(os.environ.get("XDG_CONFIG_HOME", pathlib.Path.home() / ".config")) / "weather-gateway-image"
    signing = key_and_certificate or (config / "development.key", config / "development.pem")
    made = folder / f"{name}.raucb"
    subprocess.run([firmware.ROOT / "cross/image/make-bundle", board, version, slot, *signing, keyring or signing[1], made], check=True,
                   env={**os.environ, "WEATHER_BUNDLE_LEVEL": "1"})
    return made
