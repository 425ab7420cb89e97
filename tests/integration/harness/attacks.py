"""What one hostile or merely broken client does to a listener, a push door and a page; and a broker that is no better.

Each attack is a generator: it gives control back with `yield` often, holds what it holds until it is closed, and takes
whatever the gateway does to it. A Crowd runs several at once in one thread.
"""

import contextlib
import json
import socket
import struct
import threading
import time

from harness import mqtt_wire, sparkplug


class Held:
    """Sockets of one attack, bounded; all non-blocking, closed with it."""

    def __init__(self, most=200):
        self._links, self._most = [], most

    def open(self, port, first=b""):
        link = socket.socket()
        link.setblocking(False)
        link.connect_ex(("127.0.0.1", port))
        self._links.append((link, first))
        if len(self._links) > self._most:
            self._links.pop(0)[0].close()
        return link

    def send(self, data):
        """To each; what does not fit, or goes to a closed one, is dropped."""
        for number, (link, first) in enumerate(self._links):
            with contextlib.suppress(OSError):
                if first:
                    link.send(first)
                    self._links[number] = link, b""
                link.send(data)

    def close(self):
        for link, _ in self._links:
            link.close()


@contextlib.contextmanager
def held(most=200):
    sockets = Held(most)
    try:
        yield sockets
    finally:
        sockets.close()


def noise(random, ports):
    """Random bytes, to every door."""
    with held() as sockets:
        while True:
            sockets.open(random.choice(ports["all"]))
            sockets.send(random.randbytes(random.choice([1, 7, 64, 4096])))
            yield


def senders(random, port, name, data, most, again):
    """Clients that send `data()` in every round and read nothing; another one comes with the chance `again`."""
    with held(most) as sockets:
        sockets.open(port, mqtt_wire.connect(f"{name}-{random.random()}"))
        while True:
            if random.random() < again:
                sockets.open(port, mqtt_wire.connect(f"{name}-{random.random()}"))
            sockets.send(data())
            yield


def unread_pings(random, ports):
    """PINGREQ after PINGREQ, and the answers are never read."""
    return senders(random, ports["listener"], "ping", lambda: mqtt_wire.PINGREQ * 8192, most=4, again=0.2)


def unread_subscriptions(random, ports):
    """SUBSCRIBE with many filters, unread."""
    def subscribe():
        filters = b"".join(mqtt_wire.text(f"weather/{random.random()}/#") + b"\1" for _ in range(50))
        return mqtt_wire.packet(0x82, struct.pack(">H", random.randrange(1, 65535)) + filters)
    return senders(random, ports["listener"], "subscribe", subscribe, most=4, again=0.2)


def wills(random, ports):
    """A kept session with a will of 60 kB, a new client id each time."""
    with held(20) as sockets:
        while True:
            sockets.open(ports["listener"], mqtt_wire.connect(f"will-{random.random()}", clean=False, will=("weather/will", "x" * 60_000)))
            sockets.send(b"")
            yield


def ids(random, ports):
    """Kept sessions under random ids, gone at once."""
    with held(20) as sockets:
        while True:
            sockets.open(ports["listener"], mqtt_wire.connect(f"id-{random.random()}", clean=False))
            sockets.send(mqtt_wire.DISCONNECT)
            yield


def unfinished(random, ports):
    """Publications of which 120 kB came and the end does not."""
    with held(300) as sockets:
        body = mqtt_wire.publish("weather/unfinished", b"x" * 200_000, 1)[:120_000]
        while True:
            sockets.open(ports["listener"], mqtt_wire.connect(f"unfinished-{random.random()}"))
            sockets.send(body)
            yield


def unreleased(random, ports):
    """QoS 2 that is never released, on a topic that is collected and on one that nobody collects."""
    with held(8) as sockets:
        number = 0
        while True:
            if random.random() < 0.1:
                sockets.open(ports["listener"], mqtt_wire.connect(f"unreleased-{random.randrange(50)}", clean=False))
            number = number % 65000 + 1
            value = json.dumps({"id": "hostile-qos2", "temperature": number}).encode()
            sockets.send(mqtt_wire.publish(random.choice(["weather/hostile", "nobody/collects"]), value, number, qos=2))
            yield


def sensors(random, ports):
    """Made-up sensors."""
    def reading():
        return mqtt_wire.publish("weather/made-up", json.dumps({"id": f"hostile-{random.random()}", "temperature": 1}).encode(), qos=0)
    return senders(random, ports["listener"], "sensors", lambda: b"".join(reading() for _ in range(5)), most=2, again=0.02)


def births(random, ports):
    """Sparkplug births of new nodes with 1,200 metrics each."""
    birth = sparkplug.payload([sparkplug.metric(f"metric/{n}", n, float(n)) for n in range(1200)], 0)
    return senders(random, ports["sparkplug"], "births",
                   lambda: mqtt_wire.publish(f"spBv1.0/hostile/NBIRTH/{random.randrange(900)}", birth, qos=0), most=1, again=0.05)


def pushes(random, ports):
    """HTTP bodies that do not end, heads that do not end, and pages nobody reads."""
    with held(100) as sockets:
        while True:
            port = random.choice(ports["http"])
            sockets.open(port, random.choice([
                b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n" + b"[" * 100_000,
                b"GET /" + b"a" * 7000,
                b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
                b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50,
                b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n" + b"x" * 9000]))
            sockets.send(b"")
            yield


ATTACKS = [noise, unread_pings, unread_subscriptions, wills, ids, unfinished, unreleased, sensors, births, pushes]


class Crowd(threading.Thread):
    """Runs attacks at once, `pause_s` between two rounds, so that they cost the gateway more than the test machine.

    `ports`: {"listener": port, "sparkplug": port, "http": [ports], "all": [ports]}."""

    def __init__(self, random, ports, pause_s=0.02):
        super().__init__(daemon=True)
        self._random, self._ports, self._pause_s = random, ports, pause_s
        self._running, self._lock, self._ended = {}, threading.Lock(), False
        self.rounds = 0
        self.start()

    def begin(self, attack):
        with self._lock:
            if attack not in self._running:
                self._running[attack] = attack(self._random, self._ports)

    def end(self, attack):
        with self._lock:
            if attack in self._running:
                self._running.pop(attack).close()

    def close(self):
        self._ended = True
        self.join(10)
        for attack in list(self._running):
            self.end(attack)

    def run(self):
        while not self._ended:
            with self._lock:
                for attack in self._running.values():
                    next(attack)
            self.rounds += 1
            time.sleep(self._pause_s)


class HostileBroker(threading.Thread):
    """Greets, subscribes, and then sends too much, nonsense or nothing; `random` decides at each connection."""

    def __init__(self, random):
        super().__init__(daemon=True)
        self._random = random
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self._listening.getsockname()[1]}"
        self.connections = 0
        self.start()

    def run(self):
        while True:
            link, _ = self._listening.accept()
            link.settimeout(2)
            self.connections += 1
            with contextlib.suppress(OSError), link:
                self._talk(link)

    def _talk(self, link):
        link.recv(4096)
        if self._random.random() < 0.2:
            link.sendall(self._random.randbytes(2000))
            return
        link.sendall(mqtt_wire.packet(mqtt_wire.CONNACK, b"\0\0"))
        asked = link.recv(4096)
        link.sendall(mqtt_wire.packet(0x90, asked[2:4] + b"\1"))
        choice = self._random.randrange(4)
        if choice == 0:  # a publication of 200 MB, as far as it goes
            link.sendall(b"\x32" + b"\x80\x80\x80\x60" + mqtt_wire.text("weather/big") + b"\0\1")
            for _ in range(200):
                link.sendall(b"x" * 1_000_000)
        elif choice == 1:
            for number in range(1, 2000):
                link.sendall(mqtt_wire.publish("weather/broker", self._random.randbytes(50), number))
        elif choice == 2:
            link.sendall(self._random.randbytes(5000))
        else:
            time.sleep(2)
