"""Every way to take the gateway's memory and places at once, under the installed unit's limit, beside honest sensors.

What holds: nothing that was acknowledged is lost, the honest are acknowledged in time, the process stays within
limits.memory and 32 MiB."""

import os
import resource
import statistics
import threading
import time
import unittest

from harness import expect, quiet, suite
from harness.gateway import Gateway
from harness.hostile import Kind, Siege, connect, packet, publish
from harness.honest import Honest
from harness.kafka import Kafka
from harness.memory_limit import MemoryLimit
from harness.mosquitto import Mosquitto
from harness.publisher import connect as connect_paho
from harness.sparkplug import metric, payload

TOPIC = "abused"
UNIT_MIB = 160  # systemd/weather-gateway.service: MemoryMax
BUDGET_MIB = 96  # limits.memory
SOAK = os.environ.get("WEATHER_SUITE") == "soak"
SECONDS = 600 if SOAK else 25
SENSORS, RATE = 100, 10
NODES, METRICS = 900 if SOAK else 300, 1200
EXTRA = """\
[[listener]]
listen = "127.0.0.1:{port}"
topics = ["weather/#"]
[[http]]
listen = "127.0.0.1:{http}"
[[mqtt]]
url = "{url}"
topics = ["spBv1.0/#"]
format = "sparkplug"
client_id = "abused-sparkplug"
"""


def setUpModule():
    global kafka, mosquitto
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    mosquitto = Mosquitto().start()


def will(number):
    """Kept for as long as it may be: its delay and the session's end are far away."""
    return connect(f"will-{number}", 5, will=("weather/will", b"w" * 65_000), properties=b"\x11\x00\x09\x00\x00",
                   will_properties=b"\x18\x00\x09\x00\x00")


def unfinished(number):
    return connect(f"unfinished-{number}") + publish("weather/u", b"u" * 120_000)[:-1_000]


def identifiers(number):
    return connect(f"ids-{number}") + b"".join(publish("other/topic", b"1", one, 2) for one in range(1, 4_000))


def subscriptions(number):
    return connect(f"subscriber-{number}") + packet(0x82, b"\0\1" + b"\0\1a\0" * 20_000)


def push(content_type, path="/v1/readings"):
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: 1000000\r\n\r\n".encode()
    return lambda number: head + b"1" * 900_000


def siege(listener, http, page):
    view = b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    pings = b"\xC0\0" * 30_000
    return Siege([
        Kind("pings", 20, listener, lambda n: connect(f"ping-{n}"), pings, reads=False, pause=5, addresses=4),
        Kind("subscriptions", 20, listener, subscriptions, packet(0x82, b"\0\1" + b"\0\1a\0" * 20_000), reads=False),
        Kind("pubrecs", 10, listener, lambda n: connect(f"pubrec-{n}"), b"\x50\2\0\1" * 5_000, reads=False),
        Kind("wills", 10, listener, will, hang_up=True, addresses=8),
        Kind("identifiers", 30, listener, identifiers, pause=1, addresses=4),
        Kind("unfinished", 1_200, listener, unfinished, pause=4, addresses=20),
        Kind("ndjson", 40, http, push("application/x-ndjson"), addresses=8),
        Kind("csv", 40, http, push("text/csv"), addresses=8),
        Kind("viewers", 40, page, lambda n: view, view, reads=False, pause=5, addresses=4),
        Kind("metrics", 20, page, lambda n: b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50, reads=False, pause=5, addresses=4),
    ])


def births():
    """One node after another is born with as many metrics as one birth may hold."""
    message = payload([metric("bdSeq", value=1), *(metric(f"a metric with quite a long name {n}", n, 1.5) for n in range(METRICS))], 0)
    client = connect_paho(mosquitto.port, "hostile-edge")
    client.loop_start()
    for node in range(NODES):
        client.publish(f"spBv1.0/group/NBIRTH/node-{node}", message, qos=0)
        time.sleep(SECONDS / NODES / 2)  # spread over half of the time
    client.disconnect()
    client.loop_stop()


class EverythingAtOnce(unittest.TestCase):
    def test_the_honest_lose_nothing_and_the_process_stays_within_its_budget(self):
        listener, http = suite.free_port(), suite.free_port()
        gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC, extra=EXTRA.format(port=listener, http=http, url=mosquitto.url))
        limit = MemoryLimit(UNIT_MIB)
        gateway.start(wait=False)
        limit.take(gateway.process)
        gateway.answers()
        page = int(gateway.url.rsplit(":", 1)[1])
        born = threading.Thread(target=births, daemon=True)
        with siege(listener, http, page) as attack:
            born.start()
            honest = Honest(listener, SENSORS, RATE, SECONDS).start()
            result = honest.wait()
            self.assertTrue(gateway.process.running(), gateway.process.output()[-3000:])
            self.assertGreater(attack.opened, 1_400, "the siege took place")
            memory = gateway.status()["memory"]
        times = sorted(result["seconds"])
        p99 = times[len(times) * 99 // 100]
        peak = gateway.process.peak_resident_mib()
        print(f"{len(times)} readings acknowledged, p50 {statistics.median(times) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, "
              f"{result['lost']} connections of the honest lost, {attack.opened} hostile ones, peak {peak:.0f} MiB resident", flush=True)
        print("memory:", {one["name"]: (one["most_bytes"], one["refused"]) for one in memory["holders"]}, flush=True)
        self.assertEqual(result["unacknowledged"], 0)
        self.assertEqual(len(times), SENSORS * RATE * SECONDS)
        self.assertLess(p99, 1.0)
        self.assertLess(peak, BUDGET_MIB + 32)
        acknowledged = {sensor: sorted(numbers) for sensor, numbers in result["acknowledged"].items()}
        self.assert_arrived(gateway, acknowledged)
        quiet.check(gateway)

    def assert_arrived(self, gateway, acknowledged):
        suite.wait_for(lambda: gateway.route()["waiting"] == 0, lambda: f"all is sent: {gateway.route()}", seconds=120, every=1)
        records = [record for record in kafka.records(TOPIC) if record.key and record.key.startswith("honest-")]
        expect.everything_arrived(self, records, acknowledged)
        expect.same_reading_same_id(self, records)


if __name__ == "__main__":
    suite.main()
