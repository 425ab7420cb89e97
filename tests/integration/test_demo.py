"""`demo`: the whole line on embedded defaults, with a cut link, and nothing lost."""

import time
import unittest

from harness import json_schema, suite
from harness.gateway import run


class Demo(unittest.TestCase):
    def test_delivers_everything_it_accepted_in_ten_seconds_with_a_cut_link(self):
        began = time.monotonic()
        done = run("demo", "--for", "10s", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(time.monotonic() - began, 25)
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


if __name__ == "__main__":
    suite.main()
