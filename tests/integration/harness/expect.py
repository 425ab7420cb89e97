"""What must be true of a topic after whatever happened."""

import collections
import json

from harness.kafka import headers


def numbers_by_sensor(records):
    """Per sensor the numbers of its records (publisher.reading) in the topic's order, repeats included."""
    found = collections.defaultdict(list)
    for record in records:
        found[record.key].append(int(json.loads(record.value)["temperature"]))
    return found


def without_repeats(numbers):
    return list(dict.fromkeys(numbers))


def everything_arrived(test, records, acknowledged):
    """Each acknowledged number is there, and per sensor, after removing repeats, in the order of sending."""
    found = numbers_by_sensor(records)
    for sensor, numbers in acknowledged.items():
        missing = sorted(set(numbers) - set(found[sensor]))
        test.assertEqual(missing, [], f"{len(missing)} acknowledged readings of {sensor} are not in the topic")
        once = without_repeats(found[sensor])
        late = next((n for n, after in zip(once, once[1:]) if after < n), None)
        test.assertIsNone(late, f"{sensor}: {late} comes before a smaller number")


def same_reading_same_id(test, records):
    """A record that is there twice has the same identity, so that a consumer can drop it; returns the repeats."""
    ids = collections.defaultdict(set)
    readings = collections.defaultdict(set)
    for record in records:
        identity = headers(record)["ce_id"]
        ids[record.key, record.value].add(identity)
        readings[identity].add((record.key, record.value))
    twice = {reading: found for reading, found in ids.items() if len(found) > 1}
    test.assertEqual(twice, {}, f"{len(twice)} readings came with more than one id")
    shared = {identity: found for identity, found in readings.items() if len(found) > 1}
    test.assertEqual(shared, {}, f"{len(shared)} ids belong to more than one reading")
    return len(records) - len(readings)
