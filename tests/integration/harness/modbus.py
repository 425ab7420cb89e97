"""A Modbus TCP instrument with holding registers, enough for function 3."""

import socket
import socketserver
import struct
import threading

from harness import suite


def settings(name, port):
    """[[modbus]] of an instrument at this port, read each second: wind in register 0, temperature in register 1."""
    return f"""
[[modbus]]
name = "{name}"
host = "127.0.0.1"
port = {port}
interval_s = 1
[[modbus.register]]
address = 0
quantity = "wind_speed"
unit = "m/s"
scale = 0.1
[[modbus.register]]
address = 1
type = "s16"
quantity = "air_temperature"
scale = 0.1
"""


class Instrument:
    def __init__(self, registers):
        self.registers = registers  # address -> value
        self.port = suite.free_port()
        self._server = None
        self._connections = []

    def start(self):
        instrument = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                instrument._connections.append(self.request)
                while head := self._receive(12):
                    transaction, _, _, unit, function, address, count = struct.unpack(">HHHBBHH", head)
                    self.request.sendall(instrument._answer(transaction, unit, function, address, count))

            def _receive(self, count):
                data = b""
                while len(data) < count:
                    part = self.request.recv(count - len(data))
                    if not part:
                        return b""
                    data += part
                return data

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        for connection in self._connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # closed by the other side
        self._connections.clear()

    def _answer(self, transaction, unit, function, address, count):
        wanted = range(address, address + count)
        if function == 3 and all(a in self.registers for a in wanted):
            words = struct.pack(f">{count}H", *(self.registers[a] & 0xFFFF for a in wanted))
            body = struct.pack(">BBB", unit, function, len(words)) + words
        else:
            body = struct.pack(">BBB", unit, function | 0x80, 2)  # illegal data address
        return struct.pack(">HHH", transaction, 0, len(body)) + body
