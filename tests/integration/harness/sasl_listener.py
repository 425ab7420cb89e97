"""So much of a Kafka broker as a client needs to show its bearer token. It takes the token, remembers it, and hangs up."""

import socket
import struct
import threading
import unittest

API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE = 18, 17, 36
UNSUPPORTED_VERSION = 35
APIS = ((API_VERSIONS, 0, 0), (SASL_HANDSHAKE, 0, 1), (SASL_AUTHENTICATE, 0, 0), (3, 0, 4), (0, 3, 7))


class SaslListener:
    def __init__(self):
        self.tokens = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.bootstrap = "127.0.0.1:%d" % self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        unittest.addModuleCleanup(self._socket.close)

    def _serve(self):
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        with client, client.makefile("rb") as stream:
            while head := stream.read(4):
                request = stream.read(struct.unpack(">i", head)[0])
                api, version, number = struct.unpack_from(">hhi", request)
                if api == API_VERSIONS:
                    code = 0 if version == 0 else UNSUPPORTED_VERSION
                    body = struct.pack(">hi", code, len(APIS)) + b"".join(struct.pack(">hhh", *one) for one in APIS)
                elif api == SASL_HANDSHAKE:
                    name = b"OAUTHBEARER"
                    body = struct.pack(">hih", 0, 1, len(name)) + name
                elif api == SASL_AUTHENTICATE:
                    self.tokens.append(request.split(b"auth=Bearer ", 1)[1].split(b"\x01")[0].decode())
                    return
                else:
                    return
                client.sendall(struct.pack(">ii", len(body) + 4, number) + body)
