"""A publisher that keeps MQTT's order over reconnects, which Paho for Python does not: after a reconnect it sends what is
not acknowledged again, marked as a repeat, in the order of the first time, and only then something new."""

import collections
import select
import socket
import struct
import threading
import time

from harness import mqtt_wire
from harness.publisher import reading


class OrderedPublisher:
    """Numbered readings of one sensor in a persistent session, at `rate` a second until stop().

    `acknowledged`: numbers with a PUBACK (QoS 1) or PUBCOMP (QoS 2).
    """

    def __init__(self, port, sensor, qos, rate, window=100):
        self.sensor, self.acknowledged, self.sessions_present = sensor, [], 0
        self._port, self._qos, self._rate, self._window = port, qos, rate, window
        self._under_way = collections.OrderedDict()  # packet id -> [number, whether PUBREC has come]
        self._next = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._began = time.monotonic()
        self._thread.start()

    def stop(self, seconds=60):
        """No new readings; returns when all are acknowledged."""
        self._stop.set()
        self._thread.join(seconds)
        if self._thread.is_alive():
            raise AssertionError(f"{len(self._under_way)} of {self.sensor} not acknowledged within {seconds} s")

    def _run(self):
        while not (self._stop.is_set() and not self._under_way):
            try:
                with socket.create_connection(("127.0.0.1", self._port), 5) as link:
                    self._session(link)
            except OSError:
                time.sleep(0.02)

    def _session(self, link):
        link.sendall(mqtt_wire.connect(self.sensor, clean=False, keep_alive=30))
        accepted = self._exactly(link, 4)
        self.sessions_present += accepted[2]
        assert accepted[3] == 0, accepted
        for packet_id, (number, received) in self._under_way.items():
            link.sendall(mqtt_wire.packet(0x62, struct.pack(">H", packet_id)) if received else self._publish(packet_id, number, True))
        while not (self._stop.is_set() and not self._under_way):
            due = (time.monotonic() - self._began) * self._rate > self._next
            if due and not self._stop.is_set() and len(self._under_way) < self._window:
                packet_id = self._next % 65535 + 1
                self._under_way[packet_id] = [self._next, False]
                self._next += 1
                link.sendall(self._publish(packet_id, self._next - 1, False))
                wait = 0
            else:
                wait = 0.005
            while select.select([link], [], [], wait)[0]:
                self._acknowledgement(link)
                wait = 0

    def _publish(self, packet_id, number, again):
        return mqtt_wire.publish(f"weather/{self.sensor}", reading(self.sensor, number).encode(), packet_id, self._qos, again)

    def _acknowledgement(self, link):
        first, _, packet_id = struct.unpack(">BBH", self._exactly(link, 4))
        if first == 0x50:
            self._under_way[packet_id][1] = True
            link.sendall(mqtt_wire.packet(0x62, struct.pack(">H", packet_id)))
        else:
            self.acknowledged.append(self._under_way.pop(packet_id)[0])

    @staticmethod
    def _exactly(link, count):
        data = b""
        while len(data) < count:
            more = link.recv(count - len(data))
            if not more:
                raise ConnectionError("closed")
            data += more
        return data
