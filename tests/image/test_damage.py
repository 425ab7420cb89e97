"""The image on QEMU's virt when its disk is not as it was left: FAT full, with a broken chain of clusters or garbage in a file, the
state of the slots torn or zeroed, /var full. It starts, and takes readings with what there is.

Minutes for each start, emulated: soak.
"""

import os
import re
import subprocess
import time
import unittest

import image
import readings
import state
from harness import suite
from state import GOOD_TRIES, State


def setUpModule():
    global random, sent, card
    random = suite.seeded_random()
    folder = suite.folder("image")
    card = image.Card(folder)
    card.put(3, card.take(2, folder / "slot.ext4"))
    card.fill_in(readings.card_files())
    sent = readings.Sent()


def some_readings(station):
    suite.wait_for(lambda: len(station.acknowledged) >= 100, lambda: f"100 acknowledged: {len(station.acknowledged)}", 600)


class Damage(unittest.TestCase):
    """Each begins with what the one before left, the first with a fresh card."""

    def machine(self, name):
        machine = image.Machine(card, name=name)
        self.addCleanup(machine.power_cut)
        return machine

    def takes_readings(self, machine):
        began = time.monotonic()
        sent.send(machine, lambda station: suite.wait_for(
            lambda: len(station.acknowledged) >= 100, lambda: f"100 acknowledged: {len(station.acknowledged)} {machine.output()[-3000:]}", image.BOOT_SECONDS))
        print(f"100 readings after {time.monotonic() - began:.0f} s", flush=True)

    def ends(self, machine):
        machine.power_cut()
        sent.check(self, card)

    def torn(self, *which):
        """These of the two copies of the state are what chance has."""
        copies = state.both(card.path)
        state.put(card.path, *(random.randbytes(state.SIZE) if number in which else copies[number] for number in (0, 1)))

    def test_1_fat_is_full_at_the_first_start_and_the_copy_of_the_state_torn(self):
        listing = subprocess.run(["mdir", "-i", card.fat(), "::"], capture_output=True, text=True, check=True).stdout
        filler = suite.FOLDER / "filler"
        with open(filler, "wb") as file:
            file.truncate(int("".join(re.search(r"([\d ]+) bytes free", listing).group(1).split())))
        subprocess.run(["mcopy", "-i", card.fat(), filler, "::"], check=True)
        filler.unlink()
        self.torn(1)
        machine = self.machine("fat full")
        machine.wait_until_up()
        self.takes_readings(machine)
        self.assertIn("WG: state first order A B", machine.output())
        told = machine.run("journalctl -q -o cat -u weather-card; df /boot/weather; systemctl list-units --failed --no-legend")
        print(told, flush=True)
        self.assertIn("STATUS.txt: cannot be written", told)
        self.ends(machine)
        self.assertIsNone(card.on_fat("secrets/tokens"))
        self.assertIsNone(card.on_fat("STATUS.txt"))
        subprocess.run(["mdel", "-i", card.fat(), "::filler"], check=True)

    def test_2_garbage_in_the_settings_and_the_first_copy_torn(self):
        garbage = suite.FOLDER / "weather-gateway.toml"
        garbage.write_bytes(random.randbytes(400))
        subprocess.run(["mcopy", "-o", "-i", card.fat(), garbage, "::"], check=True)
        self.torn(0)
        machine = self.machine("garbage")
        machine.wait_until_up()
        self.assertIn("WG: state copy order A B", machine.output())
        self.takes_readings(machine)
        self.assertIn("weather-gateway.toml: the last good one is used", machine.run("journalctl -q -o cat -u weather-card"))
        self.ends(machine)
        self.assertIn("The files on this card have faults:", card.on_fat("STATUS.txt"))
        self.assertEqual(card.state(), [State("A B", GOOD_TRIES - 1, 0, "A")] * 2)
        card.fill_in(readings.card_files())

    def test_3_a_file_whose_clusters_are_nowhere(self):
        """Linux finds the error while it reads and takes the whole FAT partition for damaged."""
        start, size = card.parts[1]
        with open(card.path, "r+b") as file:
            file.seek(start)
            entry = start + file.read(size).index(b"WEATHE~1TOM")
            for offset, half in (20, b"\xff\x0f"), (26, b"\xf0\xff"):  # the first cluster
                file.seek(entry + offset)
                file.write(half)
        machine = self.machine("fat damaged")
        machine.wait_until_up()
        self.takes_readings(machine)
        told = machine.run("journalctl -q -o cat -u weather-card; findmnt -n -o OPTIONS /boot/weather; systemctl list-units --failed --no-legend")
        print(told, flush=True)
        self.assertIn("weather-gateway.toml: cannot be read", told)
        self.assertIn("weather-gateway.toml: the last good one is used", told)
        self.ends(machine)

    def test_4_both_copies_of_the_state_zeroed(self):
        """Each slot is on trial: the first whose services come up is the good one from then on."""
        state.put(card.path, bytes(state.SIZE), bytes(state.SIZE))
        machine = self.machine("state zeroed")
        machine.wait_for("WG: state no order A B A 3 B 3")
        suite.wait_for(lambda: card.state()[1] == State("A B", GOOD_TRIES, 3, "A"), lambda: f"A is kept: {card.state()} {machine.output()[-3000:]}", image.BOOT_SECONDS)
        self.takes_readings(machine)
        self.ends(machine)

    def test_5_var_is_full(self):
        with card.var() as var:
            subprocess.run(["dd", "if=/dev/zero", f"of={var}/filler", "bs=64k"], capture_output=True)
            self.assertEqual(os.statvfs(var).f_bfree, 0)
        machine = self.machine("var full")
        self.takes_readings(machine)
        print(machine.run("df -m /var | tail -n 1; systemctl is-active weather-gateway; systemctl list-units --failed --no-legend; weather-gateway status -c /run/weather-card/weather-gateway.toml"), flush=True)
        self.ends(machine)
        with card.var() as var:
            (var / "filler").unlink()


if __name__ == "__main__":
    suite.main()
