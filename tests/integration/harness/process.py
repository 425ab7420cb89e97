"""A child process that cannot outlive the test program, with its output in a file."""

import contextlib
import os
import pathlib
import signal
import subprocess

from harness import fair_clock

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Process:
    """One program, started again and again with the same command line and the same log file."""

    def __init__(self, command, log):
        self.command = [str(word) for word in command]
        self.log = log
        self.environment = {}  # beside the test's own
        self.child = None

    def start(self):
        assert not self.running(), f"{self.command[0]} runs already"
        with open(self.log, "ab") as log:
            # The kernel kills it when the test program dies, however that dies.
            self.child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *self.command],
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                          env={**os.environ, **self.environment})

    def running(self):
        return self.child is not None and self.child.poll() is None

    def signal(self, number):
        self.child.send_signal(number)

    def kill9(self):
        if self.running():
            self.child.kill()
        if self.child:
            self.child.wait()

    def terminate(self, seconds=15):
        """SIGTERM; returns the exit code and the seconds of the fair clock that it took. Killed, and an error, after `seconds`."""
        began = fair_clock.seconds()
        self.child.terminate()
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self.child.wait(0.2), fair_clock.seconds() - began
            if fair_clock.seconds() - began > seconds:
                self.kill9()
                raise AssertionError(f"{self.command[0]} still ran {seconds} s after SIGTERM, see {self.log}")

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def output(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    # What it costs, from /proc.

    def resident_mib(self):
        return self._status_kib("VmRSS") / 1024

    def own_mib(self):
        """What no other process shares and no file has: heap, stacks, written data."""
        return self._status_kib("RssAnon") / 1024

    def loads(self, library):
        return library in pathlib.Path(f"/proc/{self.child.pid}/maps").read_text(encoding="utf-8")

    def peak_resident_mib(self):
        return self._status_kib("VmHWM") / 1024

    def cpu_seconds(self):
        with open(f"/proc/{self.child.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def _status_kib(self, name):
        with open(f"/proc/{self.child.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))
