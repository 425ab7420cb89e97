"""A program with a unit of its own beside the installed gateway: it speaks, hangs, floods, dies; and so does the gateway."""

import json
import unittest

import packages
from harness import suite
from machine import Machine, enter_own_network, what_is_missing

UNIT = "weather-gateway-helper@radio.service"
CONFIG = "/etc/weather-gateway/conf.d/50-radio.toml"
SETTINGS = """[[program]]
name = "radio"
format = "json"
deaf_after = "3s"
"""
# What /run/radio/mode says: speak, hang, flood, die. Each line has a number; `written` is the last that the kernel took.
RADIO = r'''#!/usr/bin/python3
import os, pathlib, sys, time
folder = pathlib.Path("/run/radio")
number = int((folder / "written").read_text() or 0)
while True:
    mode = (folder / "mode").read_text()
    if mode == "hang":
        time.sleep(0.2)  # the script hangs until its mode changes
        continue
    if mode == "die":
        os._exit(3)
    number += 1
    os.write(1, b'{"id":"radio","temperature":%d}\n' % number)
    with open(folder / "written", "w") as file:
        file.write(str(number))
    if mode == "speak":
        time.sleep(0.1)  # the pace of the script
'''


class Helper(unittest.TestCase):
    def setUp(self):
        self.machine = Machine()
        self.addCleanup(self.machine.stop)
        self.machine.install(packages.pack().wait())
        self.machine.write("/usr/local/bin/radio", RADIO, "755")
        self.machine.write("/etc/weather-gateway/helpers/radio", "COMMAND=/usr/local/bin/radio\n")
        self.machine.write(f"/etc/systemd/system/{UNIT}.d/files.conf", "[Service]\nReadWritePaths=/run/radio\n")
        self.machine.run("mkdir", "-m", "777", "/run/radio")
        self.say("speak")
        self.machine.run("sh", "-c", "echo 0 >/run/radio/written; chmod 666 /run/radio/*")
        self.machine.write(CONFIG, SETTINGS)
        self.machine.run("weather-gateway", "reload")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "enable", "--now", UNIT)

    def say(self, mode):
        self.machine.run("sh", "-c", f"printf %s {mode} >/run/radio/mode")

    def written(self):
        return int(self.machine.run("cat", "/run/radio/written") or 0)

    def source(self):
        status = json.loads(self.machine.run("weather-gateway", "status", "--json"))
        return next(one for one in status["sources"] if one["name"] == "radio")

    def taken(self):
        return self.source()["readings"]

    def pid(self):
        return self.machine.run("systemctl", "show", "-P", "MainPID", UNIT).strip()

    def wait(self, condition, what, seconds=40):
        suite.wait_for(condition, lambda: f"{what}: {self.machine.journal()[-1500:]}\n" +
                       self.machine.call("journalctl", "--no-pager", "-o", "cat", "-u", UNIT).stdout[-1500:], seconds, every=0.3)

    def test_it_speaks_hangs_floods_and_dies(self):
        self.wait(lambda: self.source()["up"] and self.taken() > 3, "it is heard")

        self.say("hang")
        deaf = self.pid()
        self.wait(lambda: self.pid() not in (deaf, "0"), "a deaf one is started anew")
        self.say("speak")
        before = self.taken()
        self.wait(lambda: self.taken() > before, "and heard again")
        self.assertIn("asks for a new start", self.machine.journal())
        self.wait(lambda: not self.machine.run("ls", "/run/weather-gateway/deaf"), "what asked for it is gone")

        before = self.pid()
        self.say("die")
        self.wait(lambda: self.pid() != before, "it has died")
        self.say("speak")
        before = self.taken()
        self.wait(lambda: self.taken() > before, "one that died is started again")

        # As fast as it can: what the kernel took of it is in the log, and the gateway lives in its memory.
        self.say("flood")
        before = self.taken()
        self.wait(lambda: self.taken() > before + 20_000, "it floods")
        self.say("hang")
        self.wait(lambda: self.taken() >= self.written() - 1, "what it wrote is taken")
        self.assertEqual(self.machine.show("NRestarts"), "0")
        self.say("speak")

        # A restart of the gateway is one of the program, a crash costs it a line and a start.
        before = self.pid()
        self.machine.run("systemctl", "restart", "weather-gateway")
        self.wait(lambda: self.pid() not in (before, "0"), "it is restarted with the gateway")
        self.wait(lambda: self.taken() > 3, "and is heard")
        self.machine.run("kill", "-9", str(self.machine.main_pid()))
        self.wait(lambda: self.machine.state() == "active" and self.machine.call("weather-gateway", "status").returncode == 0, "the gateway is back")
        self.wait(lambda: self.source()["up"] and self.taken() > 3, "and its program with it")

    def test_the_units_are_sound(self):
        units = [f"/lib/systemd/system/weather-gateway-{name}" for name in ("helper@.service", "rtl_433.service", "deaf.path", "deaf.service")]
        checked = self.machine.call("systemd-analyze", "verify", "--man=no", *units)
        self.assertNotIn("weather-gateway", checked.stderr + checked.stdout)
        self.assertEqual(self.machine.run("systemctl", "is-active", "weather-gateway-deaf.path").strip(), "active")
        self.assertEqual(self.machine.call("systemctl", "is-enabled", "weather-gateway-rtl_433.service").stdout.strip(), "disabled")
        # Names that are none of a unit restart nothing.
        self.machine.run("sh", "-c", "mkdir -p /run/x; touch '/run/x/a b' '/run/x/$(reboot)' /run/x/-h /run/x/radio")
        before = self.pid()
        self.machine.run("/usr/lib/weather-gateway/restart-deaf", "/run/x")
        self.assertEqual(self.machine.run("ls", "-A", "/run/x"), "")
        self.assertNotEqual(self.pid(), before)


if __name__ == "__main__":
    missing = what_is_missing()
    if missing:
        raise SystemExit(f"a test machine cannot be booted: {missing}")
    enter_own_network()
    suite.main()
