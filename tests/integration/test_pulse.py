"""Pulses of a GPIO line that does not exist (harness/gpio.py), to a real Kafka; the kernel's own are in tests/power/test_pulse.py."""

import json
import pathlib
import re
import subprocess
import time
import unittest

from harness import suite
from harness.gateway import PROGRAM, Gateway, run
from harness.gpio import EDGE_FALLING, EDGE_RISING, FALLING, RISING, Chip
from harness.kafka import Kafka

TOPIC = "topic_weather"
MM = 0.2794
RAIN = """
[[pulse]]
name = "rain"
chip = "{chip}"
line = 6
kind = "rain"
mm_per_tip = 0.2794
debounce = "20ms"
"""
WIND = """
[[pulse]]
name = "wind"
chip = "{chip}"
line = "GPIO5"
kind = "wind"
m_s_per_hz = 0.6667
window = "3s"
vane = "mcp3008/voltage0"
root = "{sysfs}"
[pulse.vane_degrees]
411 = 0
1376 = 22.5
2721 = 90
"""
LINES = [f"GPIO{number}" for number in range(8)]
UNTOLD_S = 1.5  # a tip is told within a second, and then on its way to the card


def setUpModule():
    global kafka, random
    random = suite.seeded_random()
    kafka = Kafka().start()


class Pulses(unittest.TestCase):
    def setUp(self):
        self.topic = f"{TOPIC}_{self.id().rsplit('_', 1)[-1]}"
        kafka.create_topic(self.topic)

    def gateway(self, chip, settings, **more):
        return chip.of(Gateway(None, kafka.bootstrap, self.topic, extra=settings.format(chip=chip.path, **more)))

    def values(self, key="pulse:rain"):
        return [json.loads(record.value) for record in kafka.records(self.topic) if record.key == key]

    def tips(self):
        """The counts that Kafka has, in its order."""
        return [round(value["rain"] / MM) for value in self.values()]

    def wait_for_tips(self, count, gateway):
        suite.wait_for(lambda: self.tips()[-1:] == [count], lambda: f"{count} tips: {self.tips()[-5:]} {gateway.process.output()[-2000:]}")

    def test_a_count_that_outlives_kill_nine(self):
        """What Kafka has of the count is exact up to the stated rule: at a kill it lacks what was not told yet."""
        chip = Chip(*LINES)
        gateway = self.gateway(chip, RAIN)
        expected, restarts = 0, []
        for life in range(6):
            gateway.start(wait=False)
            chip.wait_until_read(6)
            gateway.answers()
            begun = int(re.findall(r"counts on from (\d+) pulses", gateway.process.output())[-1])
            restarts.append((expected, begun))
            tipped = []
            until = time.monotonic() + random.uniform(1, 4)
            while time.monotonic() < until:
                if chip.pulse(6):
                    tipped.append(time.monotonic())
                time.sleep(random.choice((0.05, 0.3, 0.8)))  # the pace of the rain
            quiet = life % 2 == 0
            if quiet:  # all of it has been told
                time.sleep(UNTOLD_S)  # after this time every tip is in a reading
            killed = time.monotonic()
            gateway.kill9()
            sure = sum(1 for at in tipped if killed - at > UNTOLD_S)
            expected = (begun + sure, begun + len(tipped))
            chip.pulse(6)  # nobody counts it
        for before, begun in restarts[1:]:
            self.assertTrue(before[0] <= begun <= before[1], (restarts, "at most what was not told is lost"))
        gateway.start(wait=False)
        chip.wait_until_read(6)
        gateway.answers()
        begun = int(re.findall(r"counts on from (\d+) pulses", gateway.process.output())[-1])
        self.assertTrue(expected[0] <= begun <= expected[1], (expected, begun))
        for _ in range(3):
            self.assertTrue(chip.pulse(6))
        self.wait_for_tips(begun + 3, gateway)
        counts = self.tips()
        self.assertEqual(counts, sorted(counts), "the count only grows")
        self.assertEqual(gateway.terminate()[0], 0)
        gateway.start(wait=False)
        chip.wait_until_read(6)
        self.assertTrue(chip.pulse(6))
        self.wait_for_tips(begun + 4, gateway)
        gateway.kill9()

    def test_what_the_kernel_dropped_is_counted(self):
        chip = Chip(*LINES)
        gateway = self.gateway(chip, RAIN).start(wait=False)
        chip.wait_until_read(6)
        self.assertEqual(chip.asked[6][1], 20_000, "the kernel debounces")
        self.assertTrue(chip.pulse(6, dropped=41))
        self.wait_for_tips(42, gateway)
        metrics = gateway.get("/metrics")
        self.assertIn('weather_gateway_pulse_dropped_edges_total{source="pulse:rain"} 41', metrics)
        self.assertIn('weather_gateway_pulse_pulses_total{source="pulse:rain"} 42', metrics)
        gateway.kill9()

    def test_a_kernel_that_does_not_debounce_leaves_the_bounces_to_the_gateway(self):
        chip = Chip(*LINES, debounces=False)
        gateway = self.gateway(chip, RAIN).start(wait=False)
        chip.wait_until_read(6)
        self.assertEqual(chip.asked[6][0] & (EDGE_RISING | EDGE_FALLING), EDGE_RISING | EDGE_FALLING)
        # Pressed and released once, bouncing both times.
        press = [(i * 0.001, FALLING if i % 2 == 0 else RISING) for i in range(9)]
        release = [(0.1 + i * 0.001, RISING if i % 2 == 0 else FALLING) for i in range(9)]
        self.assertTrue(chip.pulse(6, edges=press + release))
        self.wait_for_tips(1, gateway)
        self.assertIn("the kernel does not debounce this line", gateway.process.output())
        time.sleep(2)  # no second tip may come in this time
        self.assertEqual(self.tips()[-1], 1)
        gateway.kill9()

    def test_a_line_of_somebody_else_is_named_and_taken_once_it_is_free(self):
        chip = Chip(*LINES)
        chip.consumers[6] = "w1"
        gateway = self.gateway(chip, RAIN)
        checked = self.checked(gateway)
        self.assertIn('is in use by "w1"', checked)
        gateway.start(wait=False)
        gateway.answers()
        source = next(one for one in gateway.status()["sources"] if one["name"] == "pulse:rain")
        self.assertFalse(source["up"])
        self.assertIn(f'line 6 (GPIO6) of {chip.path} is in use by "w1"', source["reason"])
        del chip.consumers[6]
        chip.wait_until_read(6)
        self.assertIn("is in use by weather-gateway", self.checked(gateway))
        gateway.kill9()
        self.assertIn("line 6 (GPIO6) of " + str(chip.path) + " is free", self.checked(gateway))
        chip.path.unlink()
        self.assertIn(f"cannot open {chip.path}: No such file or directory", self.checked(gateway))

    def checked(self, gateway):
        environment = gateway.process.command[:3]  # env with the chip
        done = subprocess.run([*environment, PROGRAM, "check", "--offline", "-c", gateway.config], capture_output=True, text=True, timeout=60)
        return " ".join(done.stdout.split())

    def test_the_example_of_the_raspberry_pis_kit_is_understood(self):
        text = (pathlib.Path(__file__).resolve().parents[2] / "docs/sensors.md").read_text()
        example = re.search(r"```toml\n(\[\[pulse\]\].*?)```", text, re.S).group(1)
        config = suite.folder("example") / "kit.toml"
        config.write_text(f'config_version = 1\n[gateway]\ndata_dir = "{config.parent}"\n[kafka.properties]\n"bootstrap.servers" = "localhost:1"\n' + example)
        done = run("check", "--offline", "-c", config)
        self.assertIn(f"{config}: good", done.stdout, done.stderr)

    def test_wind_with_its_gust_and_its_direction(self):
        chip = Chip(*LINES)
        sysfs = suite.folder("sysfs")
        device = sysfs / "bus/iio/devices/iio:device0"
        device.mkdir(parents=True)
        (device / "name").write_text("mcp3008\n")
        (device / "in_voltage0_raw").write_text("845\n")  # 10 bits of 3.3 V
        (device / "in_voltage_scale").write_text("3.222656250\n")
        gateway = self.gateway(chip, WIND, sysfs=sysfs).start(wait=False)
        chip.wait_until_read(5)
        suite.wait_for(lambda: {"wind_speed": 0, "wind_gust": 0} in self.values("pulse:wind"), "a calm has no direction")
        until = time.monotonic() + 7
        while time.monotonic() < until:
            chip.pulse(5)
            time.sleep(0.1)  # the pace of the wind
        blows = suite.wait_for(lambda: [value for value in self.values("pulse:wind") if value["wind_speed"] > 5], "it blows")
        self.assertEqual(blows[0]["wind_direction"], 90)
        self.assertAlmostEqual(blows[0]["wind_speed"], 6.667, delta=1.2)
        self.assertGreaterEqual(blows[0]["wind_gust"], blows[0]["wind_speed"])
        gateway.kill9()


if __name__ == "__main__":
    suite.main()
