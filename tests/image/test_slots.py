"""The image on QEMU's virt: boot, readings, update, commit, and back from each way in which a new slot can fail.

Minutes for each start, emulated: soak. The slots are those of the image, changed where a test says so.
"""

import contextlib
import json
import subprocess
import time
import unittest

import image
import readings
import state
from harness import suite
from state import GOOD_TRIES, State

NEVER_ENDS = "#!/bin/sh\necho THE TEST HANGS >/dev/console\nwhile :; do sleep 1000; done\n"
ENDS = "#!/bin/sh\necho THE TEST ENDS >/dev/console\nexit 1\n"
CRASHES = '#!/bin/sh\nif [ "$1" = run ]; then sleep 1; kill -9 $$; fi\nexec /usr/bin/weather-gateway.real "$@"\n'
FAILS = "[Unit]\nDescription=A unit that fails\n[Service]\nType=oneshot\nExecStart=/bin/false\n"
NETWORK = '\ufeffcountry = "DE"\r\n[[wifi]]\r\nssid = "Courtyard"\r\npassword = "correct horse"\r\n'


def setUpModule():
    global slot, sent, card, kafka
    folder = suite.folder("image")
    card = image.Card(folder)
    slot = card.take(2, folder / "slot.ext4")
    card.put(3, slot)  # as an update leaves it, for a test that is run alone
    kafka = readings.Outside()
    card.fill_in({**readings.card_files(kafka.inside), "network.toml": NETWORK, "hostname.txt": "roof-1\r\n"})
    sent = readings.Sent()


def some_readings(station):
    suite.wait_for(lambda: len(station.acknowledged) >= 100, lambda: f"100 acknowledged: {len(station.acknowledged)}", 600)


def starts(machine):
    return [line.split()[2] for line in machine.output().splitlines() if line.startswith("WG: slot") and "left" in line]


class Slots(unittest.TestCase):
    """Each begins with what the one before left, or with a fresh card."""

    def machine(self, name, stick=None, reached=True):
        machine = image.Machine(card, stick, name=name, kafka=kafka.port if reached else None)
        self.addCleanup(machine.power_cut)
        return machine

    def timed(self, name, stick=None):
        began = time.monotonic()
        machine = self.machine(name, stick)
        machine.wait_until_up()
        print(f"{name}: up after {time.monotonic() - began:.0f} s", flush=True)
        return machine

    def all_in_kafka(self):
        def there():
            found = {(record.key, int(json.loads(record.value)["temperature"])) for record in kafka.records(readings.TOPIC)}
            return sent.acknowledged <= found
        suite.wait_for(there, "all that was acknowledged is in Kafka", 600, every=2)

    def test_1_boots_grows_and_takes_readings(self):
        machine = self.timed("first boot")
        sent.send(machine, some_readings)
        told = machine.run("findmnt -n -o OPTIONS /; df -m --output=size /var | tail -n 1; systemctl list-units --failed --no-legend; "
                           "rauc status; cat /etc/shadow; touch /etc/x 2>&1; hostname; df -m / | tail -n 1; free -m; journalctl --disk-usage")
        print(told, flush=True)
        self.assertTrue(told.startswith("ro"), told)
        self.assertGreater(int(told.split("\n")[1]), 200)
        self.assertIn("Read-only file system", told)
        self.assertNotIn("$", "".join(line.split(":")[1] for line in told.splitlines() if line.count(":") == 8))
        self.assertEqual(machine.run("systemctl list-units --failed --no-legend"), "")
        self.assertEqual(machine.run("hostname"), "roof-1\n")
        self.assertIn('psk="correct horse"', machine.run("cat /run/weather-card/wpa_supplicant-wlan0.conf"))
        self.assertEqual(machine.run("cat /var/lib/weather-card/network/* /proc/sys/kernel/hostname; stat -c %a%u /var/lib/weather-card/secrets/tokens"),
                         "correct horseroof-1\n6000\n")
        suite.wait_for(lambda: card.state()[1] == State("A B", GOOD_TRIES, 0, "A"), lambda: f"its starts are given back: {card.state()}", 300)
        self.all_in_kafka()
        machine.run("systemctl start weather-card-status.service; sync; systemctl poweroff", 60)
        suite.wait_for(lambda: not machine.process.running(), "it is off", 300)
        self.assertIn('password = ""', card.on_fat("network.toml"))
        self.assertIsNone(card.on_fat("secrets/tokens"))
        status = card.on_fat("STATUS.txt").rstrip()
        print(status, flush=True)
        for part in ("The files on this card: all good.", "secrets/tokens was moved from the card", "10.0.2.15 (eth0)", "The gateway: "):
            self.assertIn(part, status)
        sent.check(self, card, kafka)

    def test_2_an_update_is_installed_tried_and_kept(self):
        folder = suite.folder("update")
        newer = card.version + "+newer"
        offered = image.changed(slot, folder / "newer.ext4", files=[("/usr/share/weather-image/version", newer + "\n", 0o644)])
        bundle = image.bundle(folder, "newer", offered, newer)
        machine = self.timed("update", image.stick(folder, bundle))
        began = time.monotonic()
        print(machine.run("weather-gateway update install --usb 2>&1 | tail -n 3", 1500), f"in {time.monotonic() - began:.0f} s", flush=True)
        self.assertEqual(card.state(), [State("B A", GOOD_TRIES, 3, "A")] * 2)
        sent.send(machine, some_readings)
        machine.call("systemctl reboot", 60)
        machine.wait_for("WG: slot B")
        suite.wait_for(lambda: card.state()[1] == State("B A", GOOD_TRIES, GOOD_TRIES, "B"), lambda: f"B is kept: {card.state()} {machine.output()[-3000:]}", image.BOOT_SECONDS)
        machine.wait_until_up()
        sent.send(machine, some_readings)
        self.assertEqual(machine.run("cat /usr/share/weather-image/version").strip(), newer)
        print(machine.run("weather-gateway update status; journalctl -q -o cat -u weather-update-commit"), flush=True)
        last = json.loads(machine.run("weather-gateway update status --json"))["last"]
        self.assertEqual((last["phase"], last["slot"], last["version"], last["from"]), ("kept", "B", newer, card.version))
        self.all_in_kafka()
        machine.power_cut()
        sent.check(self, card, kafka)

    def back(self, name, content, failing_starts=3, during=contextlib.nullcontext, reached=True):
        """Slot A is what is new and on trial, slot B the good one: after its starts the machine runs from B again."""
        card.put(2, content)
        card.put(3, slot)
        card.set_state(State("A B", 3, GOOD_TRIES, "B"))
        began = time.monotonic()
        machine = self.machine(name, reached=reached)
        with during(machine):
            machine.wait_for("WG: slot B", 4 * image.BOOT_SECONDS)
        self.assertEqual(starts(machine), ["A"] * failing_starts + ["B"])
        machine.wait_until_up()
        print(f"{name}: back and up after {time.monotonic() - began:.0f} s", flush=True)
        sent.send(machine, some_readings)
        commit = machine.run("journalctl -q -o cat -u weather-update-commit")
        machine.power_cut()
        sent.check(self, card, kafka)
        self.assertEqual(card.state()[0].good, "B")
        return commit

    def test_3_no_init(self):
        self.back("no init", image.changed(slot, suite.FOLDER / "no-init.ext4", "rm /usr/sbin/init"))

    def test_4_panic(self):
        self.back("panic", image.changed(slot, suite.FOLDER / "panic.ext4", files=[("/usr/lib/systemd/systemd", ENDS, 0o755)]))

    def test_5_hang(self):
        self.back("hang", image.changed(slot, suite.FOLDER / "hang.ext4", files=[("/usr/lib/systemd/systemd", NEVER_ENDS, 0o755)]))

    def test_6_crash_loop_of_the_gateway(self):
        commands = ["ln /usr/bin/weather-gateway /usr/bin/weather-gateway.real", "unlink /usr/bin/weather-gateway", image.HASTY_FOLDER]
        crashing = image.changed(slot, suite.FOLDER / "crash.ext4", *commands, files=[("/usr/bin/weather-gateway", CRASHES, 0o755), image.HASTY])
        commit = self.back("crash loop", crashing)
        print(commit, flush=True)
        self.assertIn("slot A is left: the gateway does not answer", commit)

    def test_7_corrupt_slot(self):
        broken = suite.FOLDER / "broken.ext4"
        subprocess.run(["cp", "--sparse=always", slot, broken], check=True)
        with open(broken, "r+b") as file:
            file.write(bytes(64 << 10))
        self.back("corrupt", broken)

    def test_8_a_unit_fails_while_readings_come(self):
        """The trial takes readings without a way to Kafka; the old slot goes on with them."""
        @contextlib.contextmanager
        def sending(machine):
            sent.send(machine, lambda _: machine.wait_for("WG: slot B", 4 * image.BOOT_SECONDS))
            yield
        before = len(sent.acknowledged)
        failing = image.changed(slot, suite.FOLDER / "failing.ext4", image.HASTY_FOLDER, files=[("/usr/lib/systemd/system/fails.service", FAILS, 0o644), image.HASTY])
        image.changed(failing, suite.FOLDER / "failing-wanted.ext4", "symlink /etc/systemd/system/multi-user.target.wants/fails.service /usr/lib/systemd/system/fails.service")
        commit = self.back("failed unit", suite.FOLDER / "failing-wanted.ext4", during=sending, reached=False)
        print(commit, f"{len(sent.acknowledged) - before} readings", flush=True)
        self.assertIn("slot A is left: failed: fails.service", commit)


if __name__ == "__main__":
    suite.main()
