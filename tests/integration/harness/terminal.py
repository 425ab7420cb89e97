"""The program on a terminal of its own: what a person sees and types."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios

from harness import fair_clock, suite
from harness.gateway import PROGRAM


class Terminal:
    """`until` takes patterns; what was seen once is not seen again by the next one."""

    def __init__(self, *words, columns=80, lines=24, environment=None):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.child = subprocess.Popen([PROGRAM, *map(str, words)], stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
                                      start_new_session=True)
        self._theirs = theirs  # kept open: its settings are looked at when the program is gone
        self.shown, self._seen = "", 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        os.close(self._ours)
        os.close(self._theirs)

    def _read(self, seconds):
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        self.shown += os.read(self._ours, 65536).decode(errors="replace")
        return True

    def until(self, pattern, seconds=suite.WAIT_SECONDS):
        """What was shown up to and with the pattern."""
        deadline = fair_clock.seconds() + seconds
        while not (found := re.search(pattern, self.shown[self._seen:])):
            if not self._read(0.2):
                assert self.child.poll() is None and fair_clock.seconds() < deadline, f"no {pattern!r} in\n{self.shown}"
        text = self.shown[self._seen:self._seen + found.end()]
        self._seen += found.end()
        return text

    def keys(self, text):
        os.write(self._ours, text.encode())

    def line(self, text):
        self.keys(text + "\n")

    def resize(self, columns, lines):
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.child.send_signal(28)  # SIGWINCH: the terminal is not the program's controlling one

    def echoes(self):
        return bool(termios.tcgetattr(self._theirs)[3] & termios.ECHO)

    def end(self, seconds=30):
        """The exit code, when the program has ended by itself."""
        deadline = fair_clock.seconds() + seconds
        while self.child.poll() is None:
            assert fair_clock.seconds() < deadline, self.shown
            self._read(0.1)
        while self._read(0.1):
            pass
        return self.child.returncode
