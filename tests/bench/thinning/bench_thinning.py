#!/usr/bin/python3
"""What summaries and changes save: a day of 50 sensors, one reading each every 16 s, through four routes into a real Kafka.

    tests/bench/thinning/bench_thinning.py [SENSORS [HOURS]]      after `make build`; default 50 24

Prints for each route records, bytes of keys and values, and bytes of the compressed batches as the broker stores them, which
are those that crossed the link.
"""

import datetime
import json
import math
import random
import re
import sys
import unittest
import urllib.error
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from harness import suite  # noqa: E402
from harness.gateway import Gateway, run  # noqa: E402
from harness.kafka import Kafka  # noqa: E402
from harness.mosquitto import Mosquitto  # noqa: E402

ROUTES = """
[[route]]
name = "every"
topic = "every"
[[route]]
name = "means"
topic = "means"
period = "10 min"
statistics = ["mean"]
[[route]]
name = "statistics"
topic = "statistics"
period = "10 min"
[[route]]
name = "changes"
topic = "changes"
heartbeat = "30 min"
changes = { temperature = 0.2, humidity = 2, pressure = 0.5, wind_speed = 1, wind_direction = 20 }
"""
EVERY_S = 16


def day(sensors, hours):
    """Lines of readings: a day's course and noise, with the resolution that such sensors have."""
    chance = random.Random(1)
    began = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours)
    began = began.replace(minute=0, second=0, microsecond=0)
    for step in range(hours * 3600 // EVERY_S):
        at_s = step * EVERY_S
        for sensor in range(sensors):
            course = math.sin(2 * math.pi * (at_s / 86400 - 0.375 + sensor / 500))
            wind = max(0.0, 3 + 2 * course + chance.gauss(0, 0.8))
            yield json.dumps({
                "id": f"station-{sensor:03}", "time": (began + datetime.timedelta(seconds=at_s + sensor % EVERY_S)).isoformat(),
                "temperature": round(12 + 6 * course + sensor / 20 + chance.gauss(0, 0.05), 1),
                "humidity": round(70 - 15 * course + chance.gauss(0, 0.3)),
                "pressure": round(1013 + 3 * math.cos(at_s / 30000) + chance.gauss(0, 0.05), 1),
                "wind_speed": round(wind, 1), "wind_direction": round(230 + 30 * course + chance.gauss(0, 8)) % 360})


def stored_bytes(kafka, topic):
    return sum(log.stat().st_size for log in kafka.folder.glob(f"**/{topic}-[0-9]*/*.log"))


def text_of(gateway, path):
    """Nothing while it is busy."""
    try:
        return gateway.get(path)
    except urllib.error.HTTPError:
        return None


def main(sensors="50", hours="24"):
    kafka, mosquitto = Kafka().start(), Mosquitto().start()
    routes = ["every", "means", "statistics", "changes"]
    for name in routes:
        kafka.create_topic(name)
    gateway = Gateway(mosquitto, kafka.bootstrap, "every", properties={"compression.type": "zstd", "linger.ms": 1000}, extra=ROUTES).start()
    lines = suite.folder("lines") / "day.json"
    lines.write_text("\n".join(day(int(sensors), int(hours))) + "\n")
    sent = run("send", "-c", gateway.config, "--file", lines, "--json", timeout=1800)
    assert sent.returncode == 0, sent.stderr
    readings = json.loads(sent.stdout)["lines"]
    suite.wait_for(lambda: all(gateway.route(name)["waiting"] == 0 for name in routes), "all is delivered", 1800)
    every, metrics = None, suite.wait_for(lambda: text_of(gateway, "/metrics"), "metrics", 60)
    for name in routes:
        sent = re.search(rf'^weather_gateway_kafka_delivered_bytes_total{{route="{name}".*}} (\S+)$', metrics, re.M).group(1)
        figures = {"route": name, "readings": readings, "records": kafka.count(name), "key_value_header_bytes": int(float(sent)),
                   "stored_bytes": stored_bytes(kafka, name)}
        every = every or figures
        figures["of_every"] = round(figures["stored_bytes"] / every["stored_bytes"], 3)
        print(json.dumps(figures))


class Bench(unittest.TestCase):
    def test_all(self):
        main(*sys.argv[1:])


if __name__ == "__main__":
    result = unittest.TextTestRunner(verbosity=0).run(Bench("test_all"))
    sys.exit(not result.wasSuccessful())
