"""The frame of a test program: its folder, its clean-up, waiting with a deadline."""

import atexit
import os
import pathlib
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
import unittest

from harness import fair_clock

WAIT_SECONDS = 60


def _make_folder():
    base = pathlib.Path(os.environ.get("WEATHER_TEST_FOLDER", tempfile.gettempdir()))
    base.mkdir(parents=True, exist_ok=True)
    name = pathlib.Path(sys.argv[0]).stem
    for old in base.glob(f"{name}-*"):  # kept by a run that failed
        shutil.rmtree(old, ignore_errors=True)
    return pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=base))


FOLDER = _make_folder()
_failed = False


def folder(name):
    """A new folder of this test program's."""
    path = FOLDER / name
    number = 1
    while path.exists():
        number += 1
        path = FOLDER / f"{name}-{number}"
    path.mkdir()
    return path


def free_port():
    """A free TCP port, below those that the kernel gives to clients, so that it stays free over a restart."""
    for _ in range(100):
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


def listens(port):
    """Whether a connection to a port of this machine is taken."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def wait_for(condition, what, seconds=WAIT_SECONDS, every=0.05):
    """Polls until `condition()` is true and returns its value; AssertionError with `what` after `seconds` of the fair clock."""
    deadline = fair_clock.seconds() + seconds
    while True:
        value = condition()
        if value:
            return value
        if fair_clock.seconds() > deadline:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(every)


def seeded_random():
    """A random generator whose seed is printed; WEATHER_TEST_SEED repeats a run."""
    seed = int(os.environ.get("WEATHER_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed: WEATHER_TEST_SEED={seed}", flush=True)
    return random.Random(seed)


def main():
    """Runs the program's tests; keeps the folder, and names it, if one fails."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that clean-up runs
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    if program.result.wasSuccessful():
        atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
    else:
        print(f"logs and data are kept in {FOLDER}", flush=True)
        for log in sorted(FOLDER.rglob("gateway*.log")):
            lines = log.read_text(errors="replace").splitlines()
            print(f"---- the end of {log.relative_to(FOLDER)}", *lines[-30:], sep="\n", flush=True)
    sys.exit(not program.result.wasSuccessful())
