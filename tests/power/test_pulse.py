"""Pulses of the kernel's own simulated GPIO chip, and the plug pulled in the middle of the rain.

A machine in QEMU tips its bucket; each tip is told on the console after it. What the disk has after the power cut is exact
up to the stated rule, and the next life goes on from it. Line 5 is read by nobody for a while, until the kernel drops edges.
"""

import json
import re
import subprocess
import unittest

import gpio_sim
import guest
from harness import suite
from harness.gateway import run
from volatile_disk import VolatileDisk

BOOT_SECONDS = 300
MM, TIPS, FLOW = 0.2794, 12, 3000
UNTOLD_S = 3  # a tip is told within a second, and then on its way to the card of a slow machine

CONFIG = f"""\
config_version = 1
[gateway]
id = "pi"
data_dir = "/var/lib/weather-gateway"
[log]
segment_bytes = "1MiB"
[[pulse]]
name = "rain"
line = "GPIO6"
kind = "rain"
mm_per_tip = {MM}
debounce = "5ms"
[[pulse]]
name = "flow"
chip = "gpio-sim.0-node0"
line = 5
kind = "count"
window = "3s"
debounce = "0s"
[kafka.properties]
"bootstrap.servers" = "10.0.2.2:9"
"""

BOOT = gpio_sim.SETUP + f"""
(until is_read 6 && is_read 5; do sleep 1; done
 i=0; while [ $i -lt {TIPS} ]; do
   i=$((i + 1)); pull 6 down; pull 6 up; pull 6 down; sleep 0.1; pull 6 up; pull 6 down; pull 6 up; echo "TIP $i"; sleep 0.4; done
 sleep {UNTOLD_S}; echo TIPPED
 busybox kill -STOP $(busybox pidof weather-gateway)
 i=0; while [ $i -lt {FLOW} ]; do i=$((i + 1)); pull 5 down; pull 5 up; done
 busybox kill -CONT $(busybox pidof weather-gateway); sleep {2 * UNTOLD_S}; echo FLOWED
 while :; do pull 6 down; sleep 0.1; pull 6 up; i=$((i + 1)); echo "TIP $((i - {FLOW} + {TIPS}))"; sleep 0.3; done) &
"""


class Pulses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder, module = gpio_sim.module()
        cls.made = guest.make_initramfs(boot=BOOT, config=CONFIG, folder=folder, modules_needed=(*guest.MODULES, "ext4", "crc32c_generic", "configfs"),
                                        more_modules={"gpio_sim": module})
        cls.disk = guest.empty_disk(suite.folder("disk"), 48)

    def life(self, seconds_of_rain):
        """From power on to the power cut so long after the last known tip: the console, and the counts that the disk has."""
        folder = suite.folder("run")
        disk = VolatileDisk(self.disk, folder / "disk.sock", False)
        machine = guest.Guest(self.made, folder / "disk.sock", folder)
        machine.wait_for("FLOWED", BOOT_SECONDS)
        surely = self.tips(machine)
        suite.wait_for(lambda: self.tips(machine) > surely + 3 * seconds_of_rain, "it rains", 60)
        surely = self.tips(machine) - round(UNTOLD_S / 0.4) - 1
        machine.power_cut()
        left, _, _ = disk.power_cut(suite.seeded_random())
        type(self).disk = left
        console = machine.output()
        refused = [line for line in console.splitlines() if 'apparmor="DENIED"' in line]
        self.assertEqual(refused, [])
        return console, surely, self.tips(machine), self.counts(folder, left)

    @staticmethod
    def tips(machine):
        return max(map(int, re.findall(r"TIP (\d+)", machine.output())), default=0)

    def counts(self, folder, left):
        image, place = folder / "left.img", folder / "left"
        image.write_bytes(left)
        place.mkdir()
        subprocess.run(["mount", "-o", "loop", image, place], check=True)
        try:
            self.assertIn(run("log", "verify", place).returncode, (0, 1))
            records = [json.loads(line) for line in run("log", "dump", "--json", place).stdout.splitlines()]
        finally:
            subprocess.run(["umount", place], check=True)
        rain = [round(one["value"]["rain"] / MM) for one in records if one.get("key") == "pulse:rain"]
        flow = [one["value"]["pulse_count"] for one in records if one.get("key") == "pulse:flow"]
        self.assertEqual((rain, flow), (sorted(rain), sorted(flow)), "the counts only grow")
        return rain[-1], flow[-1]

    def test_a_count_that_outlives_power_cuts(self):
        rain_before = flow_before = 0
        for seconds in (1, 2):
            console, surely, at_most, (rain, flow) = self.life(seconds)
            self.assertIn(f"pulse:rain: counts on from {rain_before} pulses", console)
            self.assertIn(f"pulse:flow: counts on from {flow_before} pulses", console)
            self.assertTrue(rain_before + surely <= rain <= rain_before + at_most + 1, (rain_before, surely, rain, at_most))
            self.assertEqual(flow, flow_before + FLOW, "all that the kernel kept, and all that it dropped")
            rain_before, flow_before = rain, flow


if __name__ == "__main__":
    suite.main()
