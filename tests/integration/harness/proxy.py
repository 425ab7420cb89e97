"""A TCP link that can be bad: slow, narrow, lossy, a black hole, reset, half open, down.

A client of Kafka follows the address the broker advertises: use Kafka(proxied=True), which gives each node a
listener that is advertised as its proxy.
"""

import contextlib
import random
import socket
import struct
import threading
import time

from harness import suite

CHUNK = 65536
SMALL_CHUNK = 1024  # of a slow link
RETRANSMISSION_S = 1.0


class _Connection:
    """One client's connection and the one made for it to the target."""

    def __init__(self, client, target):
        self.client, self.target = client, target
        self.abandoned = self.aborted = False
        self._directions = 2

    def direction_ended(self):
        self._directions -= 1
        if self._directions == 0:
            self.client.close()
            self.target.close()

    def abort(self):
        self.aborted = True  # or the thread that it wakes would end the other side in order
        _abort(self.client)
        _abort(self.target)

    def abandon(self):
        self.abandoned = True
        _abort(self.target)


class Proxy:
    """Passes connections to 127.0.0.1:target_port on. Faults apply to open connections too."""

    def __init__(self, target_port, port=None, address="127.0.0.1"):
        self.target_port = target_port
        self.address = address
        self.port = port or suite.free_port()
        self.accepted = 0
        self._delay_s = 0.0
        self._bytes_per_second = None
        self._loss = 0.0
        self._deaf = False
        self._flowing = threading.Event()
        self._flowing.set()
        self._connections = []
        self._listener = None
        self.up()

    def up(self):
        """Accepts connections (again)."""
        if not self._listener:
            self._listener = socket.create_server((self.address, self.port), backlog=64)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self):
        """Refuses connections and resets the open ones."""
        if self._listener:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            self._listener.close()
            self._listener = None
        self.reset()

    def delay(self, seconds):
        """Every chunk takes that much longer, in each direction."""
        self._delay_s = seconds

    def limit(self, bytes_per_second):
        """No connection passes more than that, in each direction."""
        self._bytes_per_second = bytes_per_second

    def lose(self, probability):
        """That part of the chunks is lost on the way: whoever waits for one sees a second of silence, for that is how
        long TCP takes to send it again, and everything behind it waits as well."""
        self._loss = probability

    def blackhole(self):
        """Connections stay open and are accepted, nothing passes: a link whose packets are lost."""
        self._flowing.clear()

    def deafen(self):
        """What clients send is swallowed from now on; what is sent to them still comes."""
        self._deaf = True

    def heal(self):
        """Up, no delay, no limit, no loss, no black hole; what was held back arrives."""
        self._delay_s = 0.0
        self._bytes_per_second = None
        self._loss = 0.0
        self._deaf = False
        self._flowing.set()
        self.up()

    def reset(self):
        """Open connections end with a RST on both sides."""
        self._end_all(_Connection.abort)

    def half_open(self):
        """Open connections lose their far end without the client being told, as when a NAT forgets them: what it
        sends is swallowed. New connections work."""
        self._end_all(_Connection.abandon)

    def _end_all(self, how):
        connections, self._connections = self._connections, []
        for connection in connections:
            how(connection)

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # down()
            self.accepted += 1
            try:
                target = socket.create_connection(("127.0.0.1", self.target_port), 5)
            except OSError:
                _abort(client)
                continue
            target.settimeout(None)
            for end in (client, target):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = _Connection(client, target)
            self._connections.append(connection)
            for source, sink in ((client, target), (target, client)):
                threading.Thread(target=self._pump, args=(connection, source, sink), daemon=True).start()

    def _pump(self, connection, source, sink):
        try:
            while data := source.recv(CHUNK if self._bytes_per_second is None else SMALL_CHUNK):
                if connection.abandoned or (self._deaf and source is connection.client):
                    continue
                if self._delay_s:
                    time.sleep(self._delay_s)
                if self._bytes_per_second:
                    time.sleep(len(data) / self._bytes_per_second)
                if self._loss and random.random() < self._loss:
                    time.sleep(RETRANSMISSION_S)
                self._flowing.wait()
                with contextlib.suppress(OSError) if connection.abandoned else contextlib.nullcontext():
                    sink.sendall(data)
            self._flowing.wait()
            if not (connection.abandoned or connection.aborted):
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            if not connection.abandoned:
                connection.abort()
        finally:
            connection.direction_ended()


def _abort(connection):
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)  # wakes a thread in recv()
    connection.close()
