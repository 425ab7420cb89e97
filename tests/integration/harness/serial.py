"""A serial line: two pseudo-terminals that socat holds together."""

import unittest

from harness import suite
from harness.process import Process


class SerialLine:
    """What is written to one end can be read from the other."""

    def __init__(self, name):
        folder = suite.folder(f"line-{name}")
        self.near, self.far = folder / "near", folder / "far"
        self.process = Process(["socat", f"pty,raw,echo=0,link={self.near}", f"pty,raw,echo=0,link={self.far}"],
                               folder / "socat.log")
        unittest.addModuleCleanup(self.process.kill9)
        self.process.start()
        suite.wait_for(lambda: self.near.exists() and self.far.exists(), "socat holds the line")
