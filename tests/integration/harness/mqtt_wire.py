"""MQTT as bytes, for clients that do what no library would."""

import struct


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(data)) + data


def packet(first, body=b""):
    """A control packet; `first`: its type and flags."""
    length, size = bytearray(), len(body)
    while True:
        length.append(size & 127 | (128 if size > 127 else 0))
        size >>= 7
        if not size:
            return bytes([first]) + bytes(length) + body


def connect(client_id, clean=True, keep_alive=60, will=None):
    """CONNECT of 3.1.1; `will`: (topic, payload)."""
    flags, rest = 2 if clean else 0, text(client_id)
    if will:
        flags, rest = flags | 4, rest + text(will[0]) + text(will[1])
    return packet(0x10, text("MQTT") + bytes([4, flags]) + struct.pack(">H", keep_alive) + rest)


def publish(topic, payload, packet_id=0, qos=1, again=False):
    """PUBLISH of 3.1.1; without a packet id for QoS 0."""
    number = struct.pack(">H", packet_id) if qos else b""
    return packet(0x30 | qos << 1 | again << 3, text(topic) + number + payload)


PINGREQ, DISCONNECT = packet(0xC0), packet(0xE0)
CONNACK, PUBACK = 0x20, 0x40


def split(buffer):
    """The whole packets at the front of a bytearray, as (first byte, body); they are taken out of it."""
    while len(buffer) >= 2:
        size = shift = 0
        for at in range(1, 5):
            if at >= len(buffer):
                return
            size |= (buffer[at] & 127) << shift
            shift += 7
            if buffer[at] < 128:
                break
        if len(buffer) < at + 1 + size:
            return
        found = buffer[0], bytes(buffer[at + 1:at + 1 + size])
        del buffer[:at + 1 + size]
        yield found
