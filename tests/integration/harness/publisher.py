"""Stations: MQTT publishers that remember what was acknowledged to them."""

import collections
import json
import os
import subprocess
import threading
import time

import paho.mqtt.client as mqtt

from harness import fair_clock

TOPIC = "weather/{sensor}"


def connect(port, client_id, in_flight=None, **options):
    if hasattr(mqtt, "CallbackAPIVersion"):  # paho-mqtt 2 (Debian 13)
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, client_id, **options)
    else:
        client = mqtt.Client(client_id, **options)
    if in_flight:
        client.max_inflight_messages_set(in_flight)  # paho-mqtt 2 has it before the connection only
    client.connect("127.0.0.1", port)
    return client


def publish_one(mosquitto, topic, payload, qos=1):
    """One message through mosquitto_pub; `payload`: bytes or text."""
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(mosquitto.port), "-q", str(qos), "-t", topic, "-s"],
                   input=payload if isinstance(payload, bytes) else payload.encode(), check=True, timeout=30)


def publish_raw(mosquitto, topic, payloads):
    """Any bytes, with QoS 1, in this order; returns when all are acknowledged."""
    client = connect(mosquitto.port, "")
    client.loop_start()
    for payload in payloads:
        client.publish(topic, payload, qos=1).wait_for_publish(30)
    client.disconnect()
    client.loop_stop()


def reading(sensor, number):
    """A flat reading; `number` comes back as its temperature, and says which it was."""
    return json.dumps({"id": sensor, "temperature": number, "humidity": 60, "location": "Nairobi",
                       "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1758349800 + number))})


class Publisher:
    """Publishes numbered readings of some sensors, with QoS 1 and a bounded number under way.

    `acknowledged`: per sensor the numbers that got a PUBACK, in the order of sending.
    """

    def __init__(self, mosquitto, sensors=5, in_flight=100, prefix="sensor"):
        self.sensors = [f"{prefix}-{n:03}" for n in range(1, sensors + 1)]
        self.acknowledged = collections.defaultdict(list)
        self.sent = 0
        self._next = collections.Counter()
        self._under_way = {}  # message id -> (sensor, number)
        self._room = threading.Semaphore(in_flight)
        self._pubacks = collections.deque()  # message ids; Paho holds a lock of its own in the callback, so no more there
        self._client = connect(mosquitto.port, f"station-{os.urandom(4).hex()}", in_flight)
        self._client.on_publish = self._on_publish
        self._client.loop_start()

    def publish(self, count, rate=None):
        """`count` readings, the sensors in turn; as fast as acknowledgements come, or `rate` a second."""
        began = time.monotonic()
        for done in range(count):
            if rate:
                time.sleep(max(0, began + done / rate - time.monotonic()))
            sensor = self.sensors[self.sent % len(self.sensors)]
            self._room.acquire()
            self._note_pubacks()
            message = self._client.publish(TOPIC.format(sensor=sensor), reading(sensor, self._next[sensor]), qos=1)
            self._under_way[message.mid] = (sensor, self._next[sensor])
            self._next[sensor] += 1
            self.sent += 1

    def publish_for(self, seconds, rate):
        self.publish(int(seconds * rate), rate)

    def wait_for_acknowledgements(self, seconds=60):
        deadline = fair_clock.seconds() + seconds
        while self._note_pubacks() or self._under_way:
            if fair_clock.seconds() > deadline:
                raise AssertionError(f"{len(self._under_way)} publications not acknowledged within {seconds} s")
            time.sleep(0.01)

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()

    def total_acknowledged(self):
        return sum(map(len, self.acknowledged.values()))

    def _on_publish(self, _client, _userdata, mid):
        self._pubacks.append(mid)
        self._room.release()

    def _note_pubacks(self):
        while self._pubacks:
            sensor, number = self._under_way.pop(self._pubacks.popleft())
            self.acknowledged[sensor].append(number)
