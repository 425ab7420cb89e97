"""Readings that are sent to a machine over all its starts, counted outside of it, and looked for on its card and in Kafka."""

import hashlib
import json

import guest
import image
from harness.gateway import run
from harness.kafka import Kafka
from test_power_cut import Station

TOPIC = "topic_weather"
NOWHERE = "10.0.2.2:9"


def card_files(bootstrap=NOWHERE):
    """What a person puts on the FAT partition."""
    return {"weather-gateway.toml": image.SETTINGS.format(bootstrap=bootstrap), "authorized_keys": image.key().with_suffix(".pub").read_text(),
            "secrets/tokens": "".join(hashlib.sha256(token.encode()).hexdigest() + "\n" for token in guest.TOKENS)}


class Outside(Kafka):
    """A Kafka outside of the machine: `port` is where QEMU's network leads it."""

    def __init__(self):
        super().__init__(KAFKA_PROXIED="1", KAFKA_ADVERTISED=image.OUTSIDE)
        self.start().create_topic(TOPIC)
        self.port = int(self.run("bootstrap", "unproxied").rsplit(":", 1)[1])
        self.inside = f"{image.OUTSIDE}:{self.port}"


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

    def check(self, test, card, kafka=None):
        """None of them is lost on the card and in Kafka, and no id is missing between the first and the last."""
        with card.var() as var:
            folder = var / "lib/weather-gateway"
            verified = run("log", "verify", folder).returncode
            records = [json.loads(line) for line in run("log", "dump", "--json", folder).stdout.splitlines()]
        found = {(record["key"], int(record["value"]["temperature"])) for record in records if "value" in record}
        sequences = {record["sequence"] for record in records}
        delivered = kafka.records(TOPIC) if kafka else []
        for record in delivered:
            found.add((record.key, int(json.loads(record.value)["temperature"])))
            sequences.add(int(dict(record.headers)["ce_id"].rsplit("-", 1)[1]))
        test.assertEqual(self.acknowledged - found, set())
        test.assertEqual(sorted(sequences), list(range(min(sequences), max(sequences) + 1)))
        test.assertIn(verified, (0, 1), "clean or a torn tail, no loss")
        print(f"{len(self.acknowledged)} readings acknowledged, 0 lost; ids {min(sequences)} to {max(sequences)}"
              f"{f', {len(delivered)} records in Kafka' if kafka else ''}, log verify {verified}", flush=True)
