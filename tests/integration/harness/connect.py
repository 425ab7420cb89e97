"""Kafka Connect, standalone, from the broker's own jars: connectors and converters as Apache ships them."""

import unittest

from harness import suite
from harness.kafka import SCRIPT
from harness.process import Process

WORKER = """\
bootstrap.servers={bootstrap}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename={folder}/offsets
offset.flush.interval.ms=1000
listeners=http://127.0.0.1:{port}
"""


class Connect:
    """One worker with file sinks. `sinks`: name -> (topic, more lines of its configuration); a sink writes output(name)."""

    def __init__(self, bootstrap, sinks):
        self.folder = suite.folder("connect")
        files = [self.folder / "worker.properties"]
        files[0].write_text(WORKER.format(bootstrap=bootstrap, folder=self.folder, port=suite.free_port()))
        for name, (topic, more) in sinks.items():
            files.append(self.folder / f"{name}.properties")
            files[-1].write_text(f"name={name}\nconnector.class=org.apache.kafka.connect.file.FileStreamSinkConnector\n"
                                 f"tasks.max=1\ntopics={topic}\nfile={self.output(name)}\n"
                                 f"consumer.override.isolation.level=read_committed\n{more}")
        self.process = Process([SCRIPT, "tool", "org.apache.kafka.connect.cli.ConnectStandalone", *files],
                               self.folder / "connect.log")
        unittest.addModuleCleanup(self.process.kill9)

    def start(self):
        self.process.start()
        return self

    def output(self, name):
        return self.folder / f"{name}.txt"

    def lines(self, name):
        path = self.output(name)
        return path.read_text().splitlines() if path.exists() else []

    def wait_for_lines(self, name, count):
        def there():
            assert self.process.running(), f"Connect died: {self.process.output()[-2000:]}"
            return len(self.lines(name)) >= count
        suite.wait_for(there, lambda: f"{count} lines of {name}; there are {len(self.lines(name))}, and Connect says "
                                      f"{self.process.output()[-1000:]}", every=0.3)
