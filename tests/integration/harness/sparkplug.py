"""A Sparkplug B edge node: its wire format written by hand, so that nothing of the gateway's own code is trusted."""

import struct
import time

from harness.publisher import connect


def _varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field, value):
    return _varint(field << 3) + _varint(value)


def _bytes(field, value):
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def metric(name=None, alias=None, value=None, at_ms=None, historical=False):
    """value: float, int (Int64), bool or None (null)."""
    out = b""
    if name is not None:
        out += _bytes(1, name.encode())
    if alias is not None:
        out += _number(2, alias)
    if at_ms is not None:
        out += _number(3, at_ms)
    out += _number(4, {bool: 11, int: 4}.get(type(value), 9))
    if historical:
        out += _number(5, 1)
    if value is None:
        return out + _number(7, 1)
    if isinstance(value, bool):
        return out + _number(14, int(value))
    if isinstance(value, int):
        return out + _number(11, value & 0xFFFFFFFFFFFFFFFF)
    return out + _varint(12 << 3 | 5) + struct.pack("<f", value)


def payload(metrics, seq=None, at_ms=None):
    out = _number(1, int(time.time() * 1000) if at_ms is None else at_ms)
    for one in metrics:
        out += _bytes(2, one)
    return out if seq is None else out + _number(3, seq)


class EdgeNode:
    """Births itself when told to, and when a host asks for it."""

    def __init__(self, mosquitto, group, name, metrics):
        self.group, self.name, self.metrics = group, name, metrics  # metrics: of the birth
        self.seq, self.births, self.rebirths = 0, 0, 0
        self.client = connect(mosquitto.port, f"edge-{name}")
        self.client.on_message = self._on_command
        self.client.subscribe(f"spBv1.0/{group}/NCMD/{name}")
        self.client.loop_start()

    def birth(self):
        self.seq = 0
        self.births += 1
        self._publish("NBIRTH", payload([metric("bdSeq", value=1), metric("Node Control/Rebirth", value=False),
                                         *self.metrics], 0))

    def data(self, *metrics):
        self.seq = (self.seq + 1) % 256
        self._publish("NDATA", payload(metrics, self.seq))

    def death(self):
        self._publish("NDEATH", payload([metric("bdSeq", value=1)]))

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()

    def _publish(self, kind, message):
        self.client.publish(f"spBv1.0/{self.group}/{kind}/{self.name}", message, qos=0).wait_for_publish(10)

    def _on_command(self, _client, _userdata, message):
        if b"Node Control/Rebirth" in message.payload:
            self.rebirths += 1
            self.birth()
