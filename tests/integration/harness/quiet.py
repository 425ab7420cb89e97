"""What the gateway writes of its own accord: nothing. Without traffic the log does not grow.

One line in a test program that keeps a gateway running: quiet.at_the_end(gateway)."""

import time
import unittest

SECONDS = 10


def records(gateway):
    return gateway.status()["log"]["appended"]


def check(gateway, seconds=SECONDS):
    """What is still on its way is waited for, at most as long again; then nothing comes for so many seconds."""
    deadline = time.monotonic() + seconds
    while (before := records(gateway)) != (time.sleep(1), records(gateway))[1]:
        if time.monotonic() > deadline:
            break
    time.sleep(seconds)
    after = records(gateway)
    assert after == before, f"the log grew by {after - before} records in {seconds} s without traffic"


def at_the_end(gateway):
    """Of the test program, before the gateway is ended. One that a test has stopped is left alone."""
    unittest.addModuleCleanup(lambda: check(gateway) if gateway.process.running() else None)
