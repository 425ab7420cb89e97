"""Readings that are sent to a machine over all its starts, counted outside of it, and looked for on its card."""

import hashlib
import json

import guest
import image
from harness.gateway import run
from test_power_cut import Station


def card_files():
    """What a person puts on the FAT partition."""
    return {"weather-gateway.toml": image.SETTINGS, "authorized_keys": image.key().with_suffix(".pub").read_text(),
            "tokens": "".join(hashlib.sha256(token.encode()).hexdigest() + "\n" for token in guest.TOKENS)}


class Sent:
    """All readings of a test, numbered without a gap over the machine's starts."""

    def __init__(self):
        self.acknowledged, self.sensor = set(), 0

    def send(self, machine, seconds_or_condition):
        """A station of its own sends while the condition is not met."""
        station = Station(self.sensor % len(guest.TOKENS), machine.port)
        station.sensor = f"run-{self.sensor}"
        self.sensor += 1
        station.start()
        try:
            seconds_or_condition(station)
        finally:
            station.stopped = True
            station.join(30)
            self.acknowledged |= {(station.sensor, number) for number in station.acknowledged}

    def check(self, test, card):
        """None of them is lost on the card, and no id is missing between the first and the last."""
        with card.var() as var:
            folder = var / "lib/weather-gateway"
            verified = run("log", "verify", folder).returncode
            records = [json.loads(line) for line in run("log", "dump", "--json", folder).stdout.splitlines()]
        found = {(record["key"], int(record["value"]["temperature"])) for record in records if "value" in record}
        test.assertEqual(self.acknowledged - found, set())
        sequences = [record["sequence"] for record in records]
        test.assertEqual(sequences, list(range(sequences[0], sequences[0] + len(sequences))))
        test.assertIn(verified, (0, 1), "clean or a torn tail, no loss")
        print(f"{len(self.acknowledged)} readings acknowledged, 0 lost; ids {sequences[0]} to {sequences[-1]}, log verify {verified}", flush=True)
