#!/usr/bin/python3
"""How late a reading is that comes in while a million older ones drain: order = "strict" and "live_first", in one run.

    tests/bench/backlog/live_first.py [RECORDS]      # after a build; a real Kafka, a real mosquitto

Late: from the moment a station publishes to the broker's own time of append (the topic has LogAppendTime).
"""

import json
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "integration"))
from harness import suite  # noqa: E402
from harness.gateway import Gateway  # noqa: E402
from harness.kafka import Kafka  # noqa: E402
from harness.mosquitto import Mosquitto  # noqa: E402
from harness.publisher import connect  # noqa: E402

RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
LIVE_RATE = 100
SENSORS = 100


def write_backlog(path):
    with open(path, "w", encoding="ascii") as lines:
        for n in range(RECORDS):
            lines.write(json.dumps({"id": f"old-{n % SENSORS:03}", "temperature": n, "humidity": 60, "location": "Nairobi",
                                    "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1758349800 + n // SENSORS))}) + "\n")


def publish_while(client, condition):
    """Readings that say when they were sent, until the condition ends; how many."""
    began, sent = time.monotonic(), 0
    while sent % LIVE_RATE or condition():
        time.sleep(max(0, began + sent / LIVE_RATE - time.monotonic()))
        client.publish("weather/live", json.dumps({"id": f"live-{sent % 10}", "sent_ms": time.time() * 1000}), qos=1)
        sent += 1
    return sent


def delays_ms(kafka, topic, count):
    """Of the live readings, sorted."""
    kafka.wait_for_count(topic, count, seconds=300)
    read = subprocess.Popen(["kcat", "-b", kafka.bootstrap, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%k %T %s\n"],
                            stdout=subprocess.PIPE, text=True)
    found = []
    for line in read.stdout:
        if line.startswith("live-"):
            _, appended, value = line.split(" ", 2)
            found.append(int(appended) - json.loads(value)["sent_ms"])
    read.wait()
    return sorted(found)


def measure(kafka, mosquitto, order, backlog):
    topic = f"drain_{order}"
    kafka.create_topic(topic, partitions=3, message_timestamp_type="LogAppendTime")
    link = kafka.proxies[0]
    link.down()
    extra = f'[[lines]]\npath = "{backlog}"\nformat = "json"\nfollow = false\n[backlog]\norder = "{order}"\n'
    gateway = Gateway(mosquitto, kafka.bootstrap_proxied, topic, extra=extra).start()
    suite.wait_for(lambda: gateway.status()["log"]["durable"] >= RECORDS, lambda: gateway.status()["log"], seconds=600, every=1)
    time.sleep(12)  # old enough to be a backlog
    client = connect(mosquitto.port, "live-station")
    client.loop_start()
    began, drained = time.monotonic(), None
    link.up()
    # What comes in before the link is there is backlog in either order.
    suite.wait_for(lambda: gateway.route()["state"] != "offline", lambda: gateway.route(), every=0.02)

    def draining():
        nonlocal drained
        if gateway.route()["waiting"] > 5000:
            return True
        drained = time.monotonic() - began
        return False
    sent = publish_while(client, draining)
    delays = delays_ms(kafka, topic, RECORDS + sent)
    client.disconnect()
    peak = gateway.process.peak_resident_mib()
    gateway.terminate()
    print(f"{order:10} drained in {drained:6.1f} s ({RECORDS / drained:,.0f} records/s), live readings: {len(delays)}, "
          f"p50 {delays[len(delays) // 2]:,.0f} ms, p99 {delays[len(delays) * 99 // 100]:,.0f} ms, most {delays[-1]:,.0f} ms; "
          f"{peak:.0f} MiB at most", flush=True)


def main():
    kafka = Kafka(proxied=True).start()
    mosquitto = Mosquitto().start()
    try:
        backlog = suite.folder("backlog") / "backlog.ndjson"
        write_backlog(backlog)
        for order in ("strict", "live_first"):
            measure(kafka, mosquitto, order, backlog)
    finally:
        unittest.case.doModuleCleanups()


if __name__ == "__main__":
    main()
