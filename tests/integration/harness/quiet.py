"""What the gateway writes of its own accord: nothing. Without traffic the log does not grow.

At the end of every test program its newest gateway is started once more, over what the scenarios left, and watched."""

import os
import time
import unittest

from harness import fair_clock

SECONDS = 10
OWN_TRAFFIC = ("[[simulator]]", "[[bus]]", "[[i2c]]", "[[nmea]]", "[[modbus]]", "[[pulse]]")  # they measure whether anybody sends or not


def records(gateway):
    return gateway.status()["log"]["appended"]


def check(gateway, seconds=SECONDS):
    """What is still on its way is waited for, ten seconds of the fair clock; then nothing comes for so many seconds."""
    deadline = fair_clock.seconds() + SECONDS
    while (before := records(gateway)) != (time.sleep(1), records(gateway))[1]:
        if fair_clock.seconds() > deadline:
            break
    time.sleep(seconds)
    after = records(gateway)
    assert after == before, f"the log grew by {after - before} records in {seconds} s without traffic"


def at_the_end(gateway):
    """Of the test program, before the gateway is ended. One that a test has stopped is left alone."""
    unittest.addModuleCleanup(lambda: check(gateway) if gateway.process.running() else None)


def check_again(gateway):
    """Starts it over its data and checks it: three seconds in the suite, ten in soak. Nothing to see where its configuration was
    made to be refused, its log is gone or it has traffic of its own."""
    if gateway.process.child is None or any(source in gateway.config.read_text() for source in OWN_TRAFFIC):
        return
    gateway.process.kill9()
    if not gateway.data.exists() or not gateway.usable():
        return
    gateway.process.start()
    gateway.answers()
    check(gateway, SECONDS if os.environ.get("WEATHER_SUITE") == "soak" else 3)
    gateway.process.kill9()
