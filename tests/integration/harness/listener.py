"""A gateway with a [[listener]]: publishers connect to it as they would to a broker."""

from harness import suite
from harness.gateway import Gateway

EXTRA = """\
[[listener]]
listen = "127.0.0.1:{port}"
{extra}
"""


class ListeningGateway(Gateway):
    """`port` is the listener's, so a publisher of the harness takes the gateway for its broker."""

    def __init__(self, kafka, topic, extra='topics = ["weather/#"]', mosquitto=None):
        self.port = suite.free_port()
        super().__init__(mosquitto, kafka.bootstrap, topic, EXTRA.format(port=self.port, extra=extra))

    def start(self, wait=True):
        self.process.start()
        if wait:
            suite.wait_for(self._accepts, lambda: f"the gateway listens: {self.process.output()}")
        return self

    def _accepts(self):
        assert self.process.running(), f"the gateway ended: {self.process.output()}"
        return suite.listens(self.port)
