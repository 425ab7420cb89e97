"""The image on QEMU's virt: boot, readings, update, commit, and back from each way in which a new slot can fail.

Minutes for each start, emulated: soak. The slots are those of the image, changed where a test says so.
"""

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
FAILS = image.STAND_IN.replace("exec /usr/bin/weather-gateway.real", 'sleep 1; exit 1 #')


def setUpModule():
    global slot, sent, card
    folder = suite.folder("image")
    card = image.Card(folder)
    slot = image.with_stand_in(card.take(2, folder / "as-built.ext4"), folder / "slot.ext4")
    card.put(2, slot)
    card.put(3, slot)  # as an update leaves it, for a test that is run alone
    card.fill_in(readings.card_files())
    sent = readings.Sent()


def some_readings(station):
    suite.wait_for(lambda: len(station.acknowledged) >= 100, lambda: f"100 acknowledged: {len(station.acknowledged)}", 600)


def starts(machine):
    return [line.split()[2] for line in machine.output().splitlines() if line.startswith("WG: slot") and "left" in line]


class Slots(unittest.TestCase):
    """Each begins with what the one before left, or with a fresh card."""

    def timed(self, name, *arguments):
        began = time.monotonic()
        machine = image.Machine(card, *arguments, name=name)
        self.addCleanup(machine.power_cut)
        machine.wait_until_up()
        print(f"{name}: up after {time.monotonic() - began:.0f} s", flush=True)
        return machine

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
        suite.wait_for(lambda: card.state()[1] == State("A B", GOOD_TRIES, 0, "A"), lambda: f"its starts are given back: {card.state()}", 300)
        machine.run("sync; systemctl poweroff", 60)
        suite.wait_for(lambda: not machine.process.running(), "it is off", 300)
        sent.check(self, card)

    def test_2_an_update_is_installed_tried_and_kept(self):
        folder = suite.folder("update")
        newer = card.version + "+newer"
        offered = image.changed(slot, folder / "newer.ext4", files=[("/usr/share/weather-image/version", newer + "\n", 0o644)])
        bundle = image.bundle(folder, "newer", offered, newer)
        machine = self.timed("update", image.stick(folder, bundle))
        began = time.monotonic()
        print(machine.run("mount -o ro /dev/vdb /mnt && rauc install /mnt/newer.raucb 2>&1 | tail -n 3", 1500), f"in {time.monotonic() - began:.0f} s", flush=True)
        self.assertEqual(card.state(), [State("B A", GOOD_TRIES, 3, "A")] * 2)
        sent.send(machine, some_readings)
        machine.call("systemctl reboot", 60)
        machine.wait_for("WG: slot B")
        suite.wait_for(lambda: card.state()[1] == State("B A", GOOD_TRIES, GOOD_TRIES, "B"), lambda: f"B is kept: {card.state()} {machine.output()[-3000:]}", image.BOOT_SECONDS)
        machine.wait_until_up()
        sent.send(machine, some_readings)
        self.assertEqual(machine.run("cat /usr/share/weather-image/version").strip(), newer)
        machine.power_cut()
        sent.check(self, card)

    def back(self, name, content, failing_starts=3):
        """Slot A is what is new and on trial, slot B the good one: after its starts the machine runs from B again."""
        card.put(2, content)
        card.set_state(State("A B", 3, GOOD_TRIES, "B"))
        began = time.monotonic()
        machine = image.Machine(card, name=name)
        self.addCleanup(machine.power_cut)
        machine.wait_for("WG: slot B", 4 * image.BOOT_SECONDS)
        self.assertEqual(starts(machine), ["A"] * failing_starts + ["B"])
        machine.wait_until_up()
        print(f"{name}: back and up after {time.monotonic() - began:.0f} s", flush=True)
        sent.send(machine, some_readings)
        machine.power_cut()
        sent.check(self, card)
        self.assertEqual(card.state()[0].good, "B")

    def test_3_no_init(self):
        self.back("no init", image.changed(slot, suite.FOLDER / "no-init.ext4", "rm /usr/sbin/init"))

    def test_4_panic(self):
        self.back("panic", image.changed(slot, suite.FOLDER / "panic.ext4", files=[("/usr/lib/systemd/systemd", ENDS, 0o755)]))

    def test_5_hang(self):
        self.back("hang", image.changed(slot, suite.FOLDER / "hang.ext4", files=[("/usr/lib/systemd/systemd", NEVER_ENDS, 0o755)]))

    def test_6_crash_loop_of_the_gateway(self):
        self.back("crash loop", image.changed(slot, suite.FOLDER / "crash.ext4", files=[("/usr/bin/weather-gateway", FAILS, 0o755)]))

    def test_7_corrupt_slot(self):
        broken = suite.FOLDER / "broken.ext4"
        subprocess.run(["cp", "--sparse=always", slot, broken], check=True)
        with open(broken, "r+b") as file:
            file.write(bytes(64 << 10))
        self.back("corrupt", broken)

    def test_8_both_copies_of_the_state_zeroed(self):
        """Each slot is on trial: the first whose services come up is the good one from then on."""
        card.put(2, slot)
        state.put(card.path, bytes(state.SIZE), bytes(state.SIZE))
        machine = self.timed("state zeroed")
        suite.wait_for(lambda: card.state()[1] == State("A B", GOOD_TRIES, 3, "A"), lambda: f"A is kept: {card.state()}", image.BOOT_SECONDS)
        sent.send(machine, some_readings)
        machine.power_cut()
        sent.check(self, card)

    def test_9_var_full(self):
        with card.var() as var:
            subprocess.run(["dd", "if=/dev/zero", f"of={var}/filler", "bs=64k"], capture_output=True)
        machine = image.Machine(card, name="full")
        self.addCleanup(machine.power_cut)
        suite.wait_for(lambda: machine.call("true", 60).returncode == 0, lambda: f"SSH answers: {machine.output()[-3000:]}", image.BOOT_SECONDS, every=2)
        print(machine.run("df -m /var | tail -n 1; systemctl is-active weather-gateway; systemctl list-units --failed --no-legend; rm /var/filler"), flush=True)
        machine.wait_until_up()
        sent.send(machine, some_readings)
        machine.power_cut()
        sent.check(self, card)


if __name__ == "__main__":
    suite.main()
