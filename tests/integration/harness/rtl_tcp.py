"""A receiver as rtl_tcp serves it, which hears one Nexus weather sensor: enough for rtl_433 to run as it does on a Pi.

The protocol is that of osmocom's rtl_tcp: twelve bytes "RTL0", tuner, number of gains; then I and Q, a byte each. The radio
signal as in rtl_433's src/devices/nexus.c: pulses of 500 us; gaps of 1,000 us (0), 2,000 us (1), 4,000 us (between rows).
"""

import math
import socket
import threading
import time

from harness import suite

RATE = 250_000  # samples a second: rtl_433's default
BITS = format(0x9180E1F3C, "036b")  # id 145, battery good, channel 1, 22.5 degC, 60 %


def _carrier(microseconds):
    """A tone 20 kHz beside the middle."""
    samples = bytearray()
    for n in range(microseconds * RATE // 1_000_000):
        angle = 2 * math.pi * 20_000 * n / RATE
        samples += bytes((round(127.5 + 100 * math.cos(angle)), round(127.5 + 100 * math.sin(angle))))
    return bytes(samples)


def _silence(microseconds):
    return bytes((127, 128)) * (microseconds * RATE // 1_000_000)


def transmission():
    pulse = _carrier(500)
    row = b"".join(pulse + _silence(2000 if bit == "1" else 1000) for bit in BITS) + pulse + _silence(4000)
    return row * 8 + _silence(200_000)


class Receiver:
    """Sends the sensor's transmission again and again to whoever is connected."""

    def __init__(self):
        self.port = suite.free_port()
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self._samples = transmission()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._socket.close()

    def _serve(self):
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                try:
                    client.sendall(b"RTL0" + bytes((0, 0, 0, 5, 0, 0, 0, 29)))
                    while True:
                        client.sendall(self._samples)
                        time.sleep(len(self._samples) / 2 / RATE)
                except OSError:
                    pass
