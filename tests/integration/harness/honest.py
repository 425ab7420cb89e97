"""Many sensors at a steady rate, each with a connection of its own, in one process: what each was acknowledged and how long
that took. They do as MQTT says: who is disconnected comes back and sends again what was not acknowledged."""

import collections
import json
import multiprocessing
import os
import select
import socket
import struct
import time

from harness import fair_clock
from harness.hostile import connect, publish

# In soak the test has the machine to itself.
_seconds = time.monotonic if os.environ.get("WEATHER_SUITE") == "soak" else fair_clock.seconds
_EVENT_TIME = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1758349800))


def _payload(sensor, number):
    return json.dumps({"id": sensor, "temperature": number, "humidity": 60, "location": "Nairobi",
                       "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1758349800 + number))}).encode()


class _Sensor:
    def __init__(self, name, port, poll, result):
        self.name, self.port, self.poll, self.result = name, port, poll, result
        self.unacknowledged = collections.OrderedDict()  # packet id -> (number, bytes, when first sent)
        self.number = 0
        self.socket = None
        self.again_at = 0.0

    def open(self):
        self.buffer, self.connected = b"", False
        self.socket = socket.socket()
        self.socket.settimeout(2)
        try:
            self.socket.connect(("127.0.0.1", self.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.sendall(connect(self.name))
        except OSError:
            return self.lost()
        self.poll.register(self.socket, select.EPOLLIN)
        return self

    def lost(self):
        self.result["lost"] += 1
        self.socket.close()
        self.socket = None
        self.again_at = time.monotonic() + 0.5

    def publish(self):
        self.number += 1
        packet_id = self.number % 65535 + 1
        body = _payload(self.name, self.number)
        self.unacknowledged[packet_id] = (self.number, body, _seconds())
        self.send(packet_id, body, False)

    def send(self, packet_id, body, duplicate):
        if self.socket is None or not self.connected:
            return
        try:
            self.socket.sendall(publish(f"weather/{self.name}", body, packet_id, 1, duplicate))
        except OSError:
            self.lost()

    def on_readable(self):
        try:
            chunk = self.socket.recv(65536)
        except OSError:
            chunk = b""
        if not chunk:
            return self.lost()
        self.buffer += chunk
        while len(self.buffer) >= 4:  # all that comes has four bytes
            kind, self.buffer, one = self.buffer[0] >> 4, self.buffer[4:], self.buffer[:4]
            if kind == 2:
                if one[3] != 0:
                    return self.lost()
                self.connected = True
                for packet_id, (_, body, _) in list(self.unacknowledged.items()):
                    self.send(packet_id, body, True)
            elif kind == 4:
                packet_id, = struct.unpack(">H", one[2:])
                if packet_id in self.unacknowledged:
                    number, _, since = self.unacknowledged.pop(packet_id)
                    self.result["acknowledged"][self.name].append(number)
                    self.result["seconds"].append(_seconds() - since)


def _run(port, count, rate, seconds, pipe):
    poll = select.epoll()
    result = {"acknowledged": collections.defaultdict(list), "seconds": [], "lost": 0}
    sensors = [_Sensor(f"honest-{n:03}", port, poll, result) for n in range(count)]
    began = time.monotonic()
    sent, total = 0, int(count * rate * seconds)
    while True:
        now = time.monotonic()
        by_descriptor = {one.socket.fileno(): one for one in sensors if one.socket is not None}
        for descriptor, _ in poll.poll(0.005):
            if descriptor in by_descriptor and by_descriptor[descriptor].socket is not None:
                by_descriptor[descriptor].on_readable()
        for one in sensors:
            if one.socket is None and now >= one.again_at:
                one.open()
        while sent < min(total, int((now - began) * count * rate)):
            sensors[sent % count].publish()
            sent += 1
        if sent == total and (not any(one.unacknowledged for one in sensors) or now > began + seconds + 60):
            break
    result["unacknowledged"] = sum(len(one.unacknowledged) for one in sensors)
    result["acknowledged"] = dict(result["acknowledged"])
    pipe.send(result)


class Honest:
    """Runs from start() on; wait() gives a dictionary: acknowledged (numbers by sensor), seconds (until each PUBACK),
    unacknowledged, lost (connections)."""

    def __init__(self, port, count, rate, seconds):
        self._ours, theirs = multiprocessing.Pipe()
        self._seconds = seconds
        self._process = multiprocessing.Process(target=_run, args=(port, count, rate, seconds, theirs), daemon=True)

    def start(self):
        self._process.start()
        return self

    def wait(self):
        assert self._ours.poll(self._seconds + 90), "the honest sensors came to no end"
        return self._ours.recv()
