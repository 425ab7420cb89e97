"""A mosquitto of the test's own: keeps sessions and queues without limit, also over a restart."""

import unittest

from harness import suite
from harness.process import Process

CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
user root
max_queued_messages 0
max_queued_bytes 0
queue_qos0_messages true
connection_messages true
log_type error
log_type warning
log_type notice
log_type subscribe
{extra}
"""


class Mosquitto:
    def __init__(self, extra=""):
        self.port = suite.free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.folder = suite.folder("mosquitto")
        config = self.folder / "mosquitto.conf"
        config.write_text(CONFIG.format(port=self.port, folder=self.folder, extra=extra))
        self.process = Process(["mosquitto", "-c", config], self.folder / "mosquitto.log")
        unittest.addModuleCleanup(self.process.kill9)

    def start(self):
        self.process.start()
        suite.wait_for(self._accepts, f"mosquitto accepts connections, see {self.process.log}")
        return self

    def stop(self):
        """SIGTERM: sessions and queues are written to disk first."""
        if self.process.running():
            self.process.terminate()

    def restart(self):
        self.stop()
        self.start()

    def connections(self, client):
        """How often a client has connected, if it has subscribed, from the log.

        A client that finds its session kept need not subscribe again, so one subscription is enough for all."""
        lines = self.process.output().splitlines()
        subscribed = any(f" {client} " in line and " weather/#" in line for line in lines)
        return sum(f" as {client} " in line for line in lines) if subscribed else 0

    def _accepts(self):
        assert self.process.running(), f"mosquitto died: {self.process.output()}"
        return suite.listens(self.port)
