"""`demo`: the whole line on embedded defaults, with a cut link, and nothing lost."""

import os
import pty
import re
import subprocess
import unittest

from harness import fair_clock, json_schema, suite
from harness.gateway import PROGRAM, run


class Demo(unittest.TestCase):
    def test_delivers_everything_it_accepted_in_ten_seconds_with_a_cut_link(self):
        began = fair_clock.seconds()
        done = run("demo", "--for", "10s", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(fair_clock.seconds() - began, 25)
        result = json_schema.check("demo", done.stdout)
        self.assertEqual(result["lost"], 0)
        self.assertEqual(result["delivered"], result["accepted"])
        self.assertGreater(result["accepted"], 500)

    def test_tells_of_the_cut_link_without_a_terminal(self):
        done = run("demo", "--for", "10s")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = (done.stdout + done.stderr).lower()
        self.assertIn("the link is cut", told)
        self.assertNotIn("\x1b[", told, "escape sequences without a terminal")

    def test_the_story_begins_at_nought(self):
        own, other = pty.openpty()
        child = subprocess.Popen([PROGRAM, "demo", "--for", "10s"], stdin=other, stdout=other, stderr=subprocess.DEVNULL, close_fds=True,
                                 env={**os.environ, "TERM": "xterm"})
        os.close(other)
        shown, began = "", fair_clock.seconds()
        while not re.search(r"\d+:\d\d  ", shown) and fair_clock.seconds() - began < 20:
            shown += os.read(own, 65536).decode(errors="replace")
        child.kill()
        child.wait()
        self.assertEqual(re.findall(r"(\d+:\d\d)  ", shown)[0][:4], "00:0", "the uptime of the machine is no part of it")


if __name__ == "__main__":
    suite.main()
