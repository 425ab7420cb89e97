"""The image, as it is on a card, on QEMU's Raspberry Pi 3: U-Boot, the kernel and systemd from SD, to the first reading.

Its watchdogs are off: QEMU 7.2 resets this board as soon as one is opened.
"""

import subprocess
import time
import unittest

import firmware
import image
import readings
from harness import suite

WITHOUT_WATCHDOG = "extraargs=weather.watchdog=off systemd.watchdog_sec=0 systemd.default_device_timeout_sec=1800\n"


class Raspi3b(unittest.TestCase):
    def test_to_the_first_reading(self):
        folder = suite.folder("image")
        card = image.Card(folder)
        card.fill_in(readings.card_files())
        (folder / "env.txt").write_text((firmware.ROOT / "cross/image/uboot.env.txt").read_text() + WITHOUT_WATCHDOG)
        subprocess.run(["mkenvimage", "-s", "0x4000", "-o", folder / "uboot.env", folder / "env.txt"], check=True)
        subprocess.run(["mcopy", "-o", "-i", f"{card.path}@@{card.parts[1][0]}", folder / "uboot.env", "::"], check=True)
        sent, began = readings.Sent(), time.monotonic()
        machine = image.Machine(card, name="raspi3b", board=firmware.Raspi3b)
        machine.wait_until_up(2 * image.BOOT_SECONDS)
        print(f"up after {time.monotonic() - began:.0f} s", flush=True)
        sent.send(machine, lambda station: suite.wait_for(lambda: len(station.acknowledged) >= 10, lambda: f"10 acknowledged: {machine.output()[-2000:]}", 1200))
        print(machine.run("cat /sys/firmware/devicetree/base/model; echo; uname -r; cat /proc/cmdline"), flush=True)
        machine.power_cut()
        sent.check(self, card)


if __name__ == "__main__":
    suite.main()
