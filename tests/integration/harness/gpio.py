"""A GPIO chip that does not exist: the tests' side of fake_gpio.cpp, with the structures of linux/gpio.h."""

import errno
import os
import socket
import struct
import threading
import time
import unittest

from harness import suite

CHIP_INFO, LINE_INFO, GET_LINE = 0x8044B401, 0xC100B405, 0xC250B407
EVENT = struct.Struct("=QIIII24x")
FALLING, RISING = 2, 1
USED, EDGE_RISING, EDGE_FALLING = 1, 1 << 4, 1 << 5


class Chip:
    """`lines`: names, in their order. A line is taken by one program at a time; `consumers` has who holds it in the test's name."""

    def __init__(self, *lines, debounces=True):
        self.folder = suite.folder("gpio")
        self.path = self.folder / "gpiochip0"
        self.path.write_text("")
        self.lines, self.debounces = lines, debounces
        self.consumers = {}
        self.asked = {}  # by line: flags and debounce in us of its last request
        self._given = {}  # by line: its connection
        self._numbers = {}
        self._lock = threading.Lock()
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._server.bind(str(self.folder / "chip.sock"))
        self._server.listen()
        unittest.addModuleCleanup(self._server.close)
        threading.Thread(target=self._serve, daemon=True).start()

    def of(self, gateway):
        """The gateway with this chip in place of the machine's."""
        gateway.process.command = ["env", f"LD_PRELOAD={os.environ['WEATHER_FAKE_GPIO']}", f"FAKE_GPIO={self.folder / 'chip.sock'}",
                                   *gateway.process.command]
        return gateway

    def wait_until_read(self, line):
        """Until a program has the line; one that was killed has it no more."""
        suite.wait_for(lambda: self._alive(line), f"line {line} is read")

    def pulse(self, line, dropped=0, edges=((0, FALLING),)):
        """Edges of a line, at so many seconds from now; `dropped` more before them that the kernel had no room for.
        False: nobody reads it, and nothing counts them."""
        with self._lock:
            connection = self._given.get(line)
            if connection is None:
                return False
            self._numbers[line] += dropped
            try:
                for after, kind in edges:
                    self._numbers[line] += 1
                    connection.send(EVENT.pack(time.monotonic_ns() + round(after * 1e9), kind, line, self._numbers[line],
                                               self._numbers[line]))
            except OSError:
                self._given.pop(line).close()
                return False
            return True

    def _alive(self, line):
        with self._lock:
            connection = self._given.get(line)
            if connection is None:
                return False
            try:
                if connection.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) == b"":
                    self._given.pop(line).close()
                    return False
            except BlockingIOError:
                pass
            except OSError:
                self._given.pop(line).close()
                return False
            return True

    def _serve(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            packet = connection.recv(4096)
            if len(packet) >= 4:
                error, answer = self._answer(struct.unpack_from("=I", packet)[0], bytearray(packet[4:]), connection)
                try:
                    connection.send(struct.pack("=i", error) + answer)
                except OSError:
                    pass
            if connection not in self._given.values():
                connection.close()

    def _answer(self, request, data, connection):
        if request == CHIP_INFO:
            struct.pack_into("=32s32sI", data, 0, b"gpiochip0", b"pinctrl-fake", len(self.lines))
            return 0, data
        if request == LINE_INFO:
            line = struct.unpack_from("=I", data, 64)[0]
            consumer = self.consumers.get(line) or ("weather-gateway" if self._alive(line) else "")
            struct.pack_into("=32s32sIIQ", data, 0, self.lines[line].encode(), consumer.encode(), line, 0, USED if consumer else 0)
            return 0, data
        if request != GET_LINE:
            return errno.ENOTTY, data
        line = struct.unpack_from("=I", data)[0]
        flags, attributes = struct.unpack_from("=QI", data, 288)
        debounce_us = struct.unpack_from("=I", data, 288 + 32 + 8)[0] if attributes else 0
        if self.consumers.get(line) or self._alive(line):
            return errno.EBUSY, data
        if debounce_us and not self.debounces:
            return errno.EINVAL, data
        with self._lock:
            self.asked[line], self._given[line], self._numbers[line] = (flags, debounce_us), connection, 0
        return 0, data
