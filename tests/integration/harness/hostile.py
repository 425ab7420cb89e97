"""Hostile clients, hundreds of them in one process of their own: bytes made beforehand, one loop, no library.

Each kind says what a connection sends first, what it goes on sending, and whether it ever reads. One that the gateway
closes comes back."""

import itertools
import multiprocessing
import resource
import select
import signal
import socket
import struct
import time

from harness.mqtt_wire import packet, text


def connect(client_id, level=4, clean=False, will=None, properties=b"", will_properties=b"", user=None, password=None):
    flags = (2 if clean else 0) | (4 if will else 0) | (0x80 if user else 0) | (0x40 if password else 0)
    payload = text(client_id)
    if will:
        payload += (packet(0, will_properties)[1:] if level == 5 else b"") + text(will[0]) + text(will[1])
    payload += (text(user) if user else b"") + (text(password) if password else b"")
    head = text("MQTT") + bytes([level, flags, 0, 0]) + (packet(0, properties)[1:] if level == 5 else b"")
    return packet(0x10, head + payload)


def publish(topic, payload, number=1, qos=1, duplicate=False):
    return packet(0x30 | qos << 1 | (8 if duplicate else 0), text(topic) + (struct.pack(">H", number) if qos else b"") + payload)


class Kind:
    """`first(n)`: bytes of the n-th connection. `more`: sent again and again while the socket takes it. `reads`: False: never.
    `hang_up`: closes once it was answered, and comes back as another one. `pause`: seconds until it comes back."""

    def __init__(self, name, count, port, first, more=b"", reads=True, hang_up=False, pause=2.0, addresses=1):
        self.name, self.count, self.port, self.first = name, count, port, first
        self.more, self.reads, self.hang_up, self.pause = more, reads, hang_up, pause
        self.addresses = [f"127.0.0.{10 + n}" for n in range(addresses)]


class _Connection:
    def __init__(self, kind, numbers):
        self.kind, self.numbers = kind, numbers
        self.socket = None
        self.again_at = 0.0
        self.more_at = 0.0

    def open(self, poll):
        number = next(self.numbers)
        self.left = memoryview(self.kind.first(number))
        self.socket = socket.socket()
        self.socket.setblocking(False)
        try:
            self.socket.bind((self.kind.addresses[number % len(self.kind.addresses)], 0))
            self.socket.connect(("127.0.0.1", self.kind.port))
        except BlockingIOError:
            pass
        except OSError:
            return self.close(poll)
        poll.register(self.socket, self.wanted())

    def wanted(self):
        return (select.EPOLLIN if self.kind.reads else 0) | (select.EPOLLOUT if self.left else 0) | select.EPOLLRDHUP

    def on(self, events, poll):
        try:
            if events & (select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP):
                return self.close(poll)
            if events & select.EPOLLOUT and self.left:
                self.left = self.left[self.socket.send(self.left):]
                if not self.left:
                    poll.modify(self.socket, self.wanted())
            if events & select.EPOLLIN:
                if not self.socket.recv(65536) or (self.kind.hang_up and not self.left):
                    return self.close(poll, 0 if self.kind.hang_up else None)
        except BlockingIOError:
            pass
        except OSError:
            self.close(poll)

    def send_more(self, poll, now):
        if self.kind.more and not self.left and now >= self.more_at:
            self.more_at = now + 0.1
            self.left = memoryview(self.kind.more)
            poll.modify(self.socket, self.wanted())

    def close(self, poll, pause=None):
        if self.socket is not None:
            try:
                poll.unregister(self.socket)
            except (OSError, ValueError):
                pass
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.close()
            self.socket = None
        self.again_at = time.monotonic() + (self.kind.pause if pause is None else pause)


def _siege(kinds, stop, opened):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    poll = select.epoll()
    connections = []
    for kind in kinds:
        numbers = itertools.count()
        connections += [_Connection(kind, numbers) for _ in range(kind.count)]
    by_descriptor = {}
    while not stop.is_set():
        now = time.monotonic()
        for descriptor, events in poll.poll(0.02, 512):
            if (one := by_descriptor.get(descriptor)) and one.socket is not None and one.socket.fileno() == descriptor:
                one.on(events, poll)
        room = 40  # new connections in one turn
        for one in connections:
            if one.socket is None:
                if room and now >= one.again_at:
                    room -= 1
                    one.open(poll)
                    opened.value += 1
                    if one.socket is not None:
                        by_descriptor[one.socket.fileno()] = one
            elif one.kind.more:
                one.send_more(poll, now)
    for one in connections:
        if one.socket is not None:
            one.close(poll)


class Siege:
    """`with Siege(kinds): ...`. `opened`: how many connections were tried."""

    def __init__(self, kinds):
        self._stop, self._opened = multiprocessing.Event(), multiprocessing.Value("L", 0)
        self._process = multiprocessing.Process(target=_siege, args=(kinds, self._stop, self._opened), daemon=True)

    def __enter__(self):
        self._process.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()

    @property
    def opened(self):
        return self._opened.value
