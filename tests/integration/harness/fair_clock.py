"""A clock that counts the seconds of a machine that has a processor free for the test.

A limit in seconds of the wall fails when other work takes the processors, however right the tested program is. Here a second
counts for the share of a processor that a runnable task has meanwhile, so that a limit means the same on a quiet machine and
beside two compilers. For waits and for what is promised in seconds; what has a rate of its own (a sensor, an interval, a
window) is measured by the wall."""

import os
import threading
import time

CORES = len(os.sched_getaffinity(0))
SLOWEST = 0.05  # a second counts for this much at least, so that every wait ends
SAMPLE_SECONDS = 0.1


def share(runnable, cores=CORES):
    """Of a processor, for one of so many runnable tasks."""
    return max(SLOWEST, min(1.0, cores / max(1, runnable)))


def runnable_tasks():
    """Those that run or want to, the asking one among them."""
    with open("/proc/loadavg", encoding="ascii") as load:
        return int(load.read().split()[3].split("/")[0])


class FairClock:
    """`seconds()` may be asked from any thread. Between two samples the smaller of their shares counts."""

    def __init__(self, clock=time.monotonic, runnable=runnable_tasks):
        self._clock, self._runnable = clock, runnable
        self._lock = threading.Lock()
        self._counted, self._at, self._share = 0.0, clock(), share(runnable())

    def seconds(self):
        with self._lock:
            now, busy = self._clock(), share(self._runnable())
            self._counted += (now - self._at) * min(busy, self._share)
            self._at, self._share = now, busy
            return self._counted

    def sample(self):
        while True:
            time.sleep(SAMPLE_SECONDS)
            self.seconds()

    def start(self):
        """Also in the child of a fork, which has neither the thread nor perhaps the lock in its open state."""
        self._lock = threading.Lock()
        threading.Thread(target=self.sample, daemon=True).start()


_clock = FairClock()
_clock.start()
os.register_at_fork(after_in_child=_clock.start)
seconds = _clock.seconds
