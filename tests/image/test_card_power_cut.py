"""Power cuts of a machine with the image, on a disk whose write cache is lost: in the first start, while /var grows, at each write of the
state of the slots and between its copies, in an installation, on trial. It always starts again, from one slot or the other, loses no
reading that it acknowledged, and takes the next update.

WEATHER_SUITE=soak: 200 cuts, otherwise five. WEATHER_POWER_CUTS=N: that many. One start a cut, minutes each.
"""

import contextlib
import os
import subprocess
import time
import unittest

import image
import readings
import state
from harness import suite
from volatile_disk import VolatileDisk

CUTS = int(os.environ.get("WEATHER_POWER_CUTS", "200" if os.environ.get("WEATHER_SUITE") == "soak" else "5"))


def setUpModule():
    global random, card, sent, bundles
    random = suite.seeded_random()
    folder = suite.folder("image")
    card = image.Card(folder)
    slot = card.take(2, folder / "slot.ext4")
    card.fill_in(readings.card_files())
    sent = readings.Sent()
    bundles = image.stick(folder, image.bundle(folder, "same", slot, card.version))


class Cut:
    """One run on a disk with a volatile cache. `at_write(offset)`: true cuts it off before that write."""

    def __init__(self, name, at_write=lambda offset: False):
        self.reached = False

        def watch(offset, _length):
            self.reached = self.reached or at_write(offset)
            return self.reached
        place = suite.folder("disk")
        self.disk = VolatileDisk(card.path.read_bytes(), place / "disk.sock", watch=watch)
        drive = f"driver=raw,file.driver=nbd,file.server.type=unix,file.server.path={place / 'disk.sock'},cache.direct=on,cache.no-flush=off"
        self.machine = image.Machine(drive, bundles, name=name)

    def power_cut(self):
        self.machine.power_cut()
        left, unflushed, share = self.disk.power_cut(random)
        card.path.write_bytes(left)
        return f"{unflushed} sectors not flushed, {share:.2f} of them kept"


class CardPowerCut(unittest.TestCase):
    def up(self, cut):
        cut.machine.wait_until_up()
        with contextlib.suppress(subprocess.TimeoutExpired):
            cut.machine.call("umount /mnt; mount -o ro /dev/sda /mnt")

    def at_any_time(self, number):
        """From power on to the end of a start, wherever that is: with the first one, where /var grows."""
        cut = Cut(f"cut-{number}")
        limit = random.uniform(5, 90)
        time.sleep(limit)  # the cut may come anywhere: the machine gets no further than this
        return cut, f"{limit:.0f} s after power on"

    def growth(self, number):
        """Before or after the partition table is written; it is, if this disk has not grown yet."""
        after, seen = random.random() < 0.5, []

        def table(offset):
            if seen and after:
                return True
            if offset == 0:
                seen.append(offset)
            return offset == 0 and not after
        cut = Cut(f"cut-{number}", table)
        with contextlib.suppress(AssertionError):
            suite.wait_for(lambda: cut.reached, "", 120)
        return cut, "at the partition table" if cut.reached else "no growth any more"

    def state_write(self, number):
        """Before one of the writes of the state, the first or the copy, by U-Boot, by RAUC or by the commit."""
        wanted, seen = random.randrange(1, 9), []

        def write(offset):
            if offset in state.PLACES:
                seen.append(offset)
            return len(seen) >= wanted
        cut = Cut(f"cut-{number}", write)
        with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
            if not cut.reached:
                suite.wait_for(lambda: cut.reached or cut.machine.call("true", 30).returncode == 0, "", image.BOOT_SECONDS, every=2)
            if not cut.reached:
                cut.machine.call("mount -o ro /dev/sda /mnt; rauc install /mnt/same.raucb; systemctl reboot", 900)
                suite.wait_for(lambda: cut.reached, "", 600)
        return cut, f"before write {wanted} of the state, {'the copy' if seen and seen[-1] == state.PLACES[1] else 'the first'}"

    def installation(self, number):
        cut = Cut(f"cut-{number}")
        self.up(cut)
        sent.send(cut.machine, self.readings)
        limit = random.uniform(1, 120)
        with contextlib.suppress(subprocess.TimeoutExpired):
            cut.machine.call("rauc install /mnt/same.raucb; sleep 1000", limit)
        return cut, f"{limit:.0f} s into an installation"

    def trial(self, number):
        cut = Cut(f"cut-{number}")
        self.up(cut)
        sent.send(cut.machine, self.readings)
        cut.machine.call("rauc install /mnt/same.raucb && systemctl reboot", 1500)
        limit = random.uniform(5, 150)
        time.sleep(limit)  # a cut anywhere, as above
        return cut, f"{limit:.0f} s into a trial"

    def readings(self, station):
        suite.wait_for(lambda: len(station.acknowledged) >= 50, lambda: f"50 acknowledged: {len(station.acknowledged)}", 600)

    def test_it_always_starts_again(self):
        kinds = [self.growth, self.at_any_time, self.installation, self.state_write, self.trial]
        for number in range(CUTS):
            kind = kinds[number % len(kinds)] if number < len(kinds) else random.choice(kinds)
            cut, moment = kind(number)
            lost = cut.power_cut()
            print(f"cut {number + 1}, {kind.__name__}: {moment}; {lost}; state {card.state()}", flush=True)
            self.assertTrue(any(card.state()), "one of the copies is whole")
            if sent.acknowledged:
                sent.check(self, card)
        cut = Cut("last")
        self.up(cut)
        sent.send(cut.machine, self.readings)
        print(cut.machine.run("rauc install /mnt/same.raucb 2>&1 | tail -n 1", 1500), flush=True)
        cut.power_cut()
        sent.check(self, card)


if __name__ == "__main__":
    suite.main()
