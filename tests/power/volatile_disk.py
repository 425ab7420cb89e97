"""A disk with a volatile write cache, as a network block device for QEMU (NBD, fixed newstyle).

What is written lies in the cache until a flush. When the power goes, of what was not flushed some sectors are on
the disk and some are not: in any order, torn within a write. A disk that lies acknowledges flushes and does nothing.
"""

import contextlib
import socket
import struct
import threading

SECTOR = 512
INIT, REPLY_MAGIC, OPTION_REPLY_MAGIC = b"NBDMAGICIHAVEOPT", 0x67446698, 0x3E889045565A9
OPT_EXPORT_NAME, OPT_ABORT, OPT_INFO, OPT_GO = 1, 2, 6, 7
REP_ACK, REP_INFO, REP_UNSUPPORTED = 1, 3, 0x80000001
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
FLAGS = 1 | 4 | 8  # has flags, flush, forced unit access
FUA = 1


class VolatileDisk:
    """Serves `image` (bytes) at a unix socket. `lies`: a flush is acknowledged and not done. `watch(offset, length)` is asked
    before each write, on the disk's own thread; true: this write and all that comes later is never answered."""

    def __init__(self, image, path, lies=False, watch=lambda offset, length: False):
        self._seen = bytearray(image)  # what the machine reads back
        self._kept = bytearray(image)  # what is there after a power cut, whatever happens
        self._cached = []              # (offset, data) since the last flush, in order
        self._lies = lies
        self._watch = watch
        self.writes = self.flushes = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def power_cut(self, random):
        """What is on the disk now: what was flushed, and of the rest what chance has it. Ends the service."""
        self._listener.close()
        self._thread.join(30)
        share = random.choice((0.0, 0.0, 0.5, 1.0, random.random()))
        sectors = [(offset + at, data[at:at + SECTOR]) for offset, data in self._cached for at in range(0, len(data), SECTOR)]
        for offset, data in sectors:
            if random.random() < share:
                self._kept[offset:offset + len(data)] = data
        return bytes(self._kept), len(sectors), share

    def _serve(self):
        with contextlib.suppress(OSError, ConnectionError):
            connection, _ = self._listener.accept()
            with connection:
                self._negotiate(connection)
                while self._request(connection):
                    pass

    def _negotiate(self, connection):
        connection.sendall(INIT + struct.pack(">H", 3))
        _receive(connection, 4)
        while True:
            _magic, option, length = struct.unpack(">QII", _receive(connection, 16))
            _receive(connection, length)

            def reply(kind, data=b"", option=option):
                connection.sendall(struct.pack(">QIII", OPTION_REPLY_MAGIC, option, kind, len(data)) + data)
            if option == OPT_EXPORT_NAME:
                connection.sendall(struct.pack(">QH", len(self._seen), FLAGS))
                return
            if option in (OPT_INFO, OPT_GO):
                reply(REP_INFO, struct.pack(">HQH", 0, len(self._seen), FLAGS))
                reply(REP_ACK)
                if option == OPT_GO:
                    return
            else:
                reply(REP_UNSUPPORTED)

    def _request(self, connection):
        _magic, flags, kind, handle, offset, length = struct.unpack(">IHHQQI", _receive(connection, 28))
        answer = struct.pack(">IIQ", REPLY_MAGIC, 0, handle)
        if kind == DISCONNECT:
            return False
        if kind == READ:
            answer += bytes(self._seen[offset:offset + length])
        elif kind == WRITE:
            data = _receive(connection, length)
            if self._watch(offset, length):
                return False
            self.writes += 1
            self._seen[offset:offset + length] = data
            self._cached.append((offset, data))
            if flags & FUA:
                self._flush()
        elif kind == FLUSH:
            self._flush()
        connection.sendall(answer)
        return True

    def _flush(self):
        self.flushes += 1
        if self._lies:
            return
        for offset, data in self._cached:
            self._kept[offset:offset + len(data)] = data
        self._cached.clear()


def _receive(connection, length):
    data = bytearray()
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            raise ConnectionError("the machine is gone")
        data += part
    return bytes(data)
