"""Honest sensors, many in one thread: each publishes with QoS 1 at a steady rate, whatever happens around it.

What is not acknowledged goes again, first, over a new connection, marked as a repeat, as MQTT says; a sensor has one reading under way, so
that its order is plain. They remember what was acknowledged, and after how long.
"""

import collections
import json
import selectors
import socket
import struct
import threading
import time

from harness import mqtt_wire

ANSWER_S = 10  # a connection that says nothing for this long is given up


class _Sensor:
    def __init__(self, name):
        self.name = name
        self.next = 0  # the first number without an acknowledgement
        self.link = None
        self.received = bytearray()
        self.payload = b""
        self.welcome = self.under_way = self.repeats = False
        self.since = self.again_at = 0.0


class Stations(threading.Thread):
    """`sensors` of them at `rate` readings a second each, until stop().

    `acknowledged`: sensor -> numbers; `waits_s`: how long each PUBACK took from the PUBLISH it answers."""

    def __init__(self, port, sensors=100, rate=1.0, prefix="honest", host="127.0.0.1", timed=lambda sensor: False):
        super().__init__(daemon=True)
        self.acknowledged, self.waits_s = collections.defaultdict(list), []
        self.reconnects = 0
        self._address, self._rate, self._timed = (host, port), rate, timed
        self._sensors = [_Sensor(f"{prefix}-{number:03}") for number in range(sensors)]
        self._selector = selectors.DefaultSelector()
        self._ending = False
        self._began = time.monotonic()
        self._last = None
        self.start()

    def stop(self, seconds=120):
        """No new readings; returns when all that were begun are acknowledged."""
        self._last = self._due(time.monotonic())
        self._ending = True
        self.join(seconds)
        if self.is_alive():
            behind = {sensor.name: self._last - sensor.next for sensor in self._sensors if sensor.next < self._last}
            raise AssertionError(f"not acknowledged within {seconds} s: {behind}")

    def total(self):
        return sum(map(len, self.acknowledged.values()))

    def _due(self, now):
        return self._last if self._last is not None else int((now - self._began) * self._rate)

    def run(self):
        while not (self._ending and all(sensor.next >= self._last for sensor in self._sensors)):
            now = time.monotonic()
            for sensor in self._sensors:
                self._step(sensor, now)
            for key, events in self._selector.select(0.01):
                self._read(key.data, events)
        for sensor in self._sensors:
            self._close(sensor)

    def _step(self, sensor, now):
        if sensor.link is None:
            if now >= sensor.again_at and (sensor.next < self._due(now) or not self._ending):
                self._connect(sensor, now)
        elif now - sensor.since > ANSWER_S and (sensor.under_way or not sensor.welcome):
            self._close(sensor)
        elif sensor.welcome and not sensor.under_way and sensor.next < self._due(now):
            self._publish(sensor, now)

    def _connect(self, sensor, now):
        sensor.link = socket.socket()
        sensor.link.setblocking(False)
        sensor.received.clear()
        sensor.welcome = sensor.under_way = False
        sensor.since, sensor.again_at = now, now + 0.5
        self.reconnects += 1
        sensor.link.connect_ex(self._address)
        self._selector.register(sensor.link, selectors.EVENT_WRITE, sensor)

    def _publish(self, sensor, now):
        sensor.under_way, sensor.since = True, now
        again, sensor.repeats = sensor.repeats, True
        if not again:  # a repeat is the same to the byte, its time too
            sensor.payload = self._reading(sensor)
        self._send(sensor, mqtt_wire.publish(f"weather/{sensor.name}", sensor.payload, sensor.next % 65535 + 1, again=again))

    def _reading(self, sensor):
        value = {"id": sensor.name, "temperature": sensor.next}
        if self._timed(sensor.name):
            value["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return json.dumps(value).encode()

    def _send(self, sensor, data):
        try:
            if sensor.link.send(data) != len(data):
                self._close(sensor)  # a packet of 100 bytes that does not fit: nobody reads there
        except OSError:
            self._close(sensor)

    def _read(self, sensor, events):
        if events & selectors.EVENT_WRITE:
            self._selector.modify(sensor.link, selectors.EVENT_READ, sensor)
            self._send(sensor, mqtt_wire.connect(sensor.name, clean=False, keep_alive=0))
            return
        try:
            data = sensor.link.recv(4096)
        except OSError:
            data = b""
        if not data:
            self._close(sensor)
            return
        sensor.received += data
        for first, body in mqtt_wire.split(sensor.received):
            self._answer(sensor, first, body)

    def _answer(self, sensor, first, body):
        now = time.monotonic()
        if first == mqtt_wire.CONNACK:
            sensor.welcome, sensor.since = body[1] == 0, now
            if not sensor.welcome:
                self._close(sensor)
        elif first == mqtt_wire.PUBACK and struct.unpack(">H", body[:2])[0] == sensor.next % 65535 + 1:
            self.waits_s.append(now - sensor.since)
            self.acknowledged[sensor.name].append(sensor.next)
            sensor.next += 1
            sensor.under_way = sensor.repeats = False

    def _close(self, sensor):
        if sensor.link is not None:
            try:
                self._selector.unregister(sensor.link)
            except (KeyError, ValueError):
                pass
            sensor.link.close()
            sensor.link = None
            sensor.under_way = sensor.welcome = False
