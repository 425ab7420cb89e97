"""A Sparkplug B edge node over Debian's protobuf, with a wire format of the test's own, so that nothing of the gateway's
code is trusted."""

import importlib
import pathlib
import subprocess
import sys
import threading
import time

from harness import suite
from harness.publisher import connect


def _compiled():
    """The module protoc makes of sparkplug_b.proto."""
    folder = suite.folder("protobuf")
    source = pathlib.Path(__file__).with_name("sparkplug_b.proto")
    subprocess.run(["protoc", f"--proto_path={source.parent}", f"--python_out={folder}", source.name], check=True)
    sys.path.insert(0, str(folder))
    return importlib.import_module("sparkplug_b_pb2")


_pb = _compiled()
_BOOLEAN, _INT64, _FLOAT, _DOUBLE = 11, 4, 9, 10


def metric(name=None, alias=None, value=None, at_ms=None, historical=False):
    """value: float, int (Int64), bool or None (null)."""
    out = _pb.Payload.Metric()
    if name is not None:
        out.name = name
    if alias is not None:
        out.alias = alias
    if at_ms is not None:
        out.timestamp = at_ms
    if historical:
        out.is_historical = True
    out.datatype = {bool: _BOOLEAN, int: _INT64}.get(type(value), _FLOAT)
    if value is None:
        out.is_null = True
    elif isinstance(value, bool):
        out.boolean_value = value
    elif isinstance(value, int):
        out.long_value = value & 0xFFFFFFFFFFFFFFFF
    else:
        out.float_value = value
    return out


def payload(metrics, seq=None, at_ms=None):
    out = _pb.Payload(timestamp=int(time.time() * 1000) if at_ms is None else at_ms)
    out.metrics.extend(metrics)
    if seq is not None:
        out.seq = seq
    return out.SerializeToString()


class EdgeNode:
    """Births itself when told to, and when a host asks for it. Waits for its primary host, if it has one: while STATE
    says that it is away, data is kept and sent as historical once it is back."""

    def __init__(self, mosquitto, group, name, metrics, primary_host=None):
        self.group, self.name, self.metrics = group, name, metrics  # metrics: of the birth
        self.seq, self.births, self.rebirths = 0, 0, 0
        self.host_online = primary_host is None
        self.states = []  # what STATE said, in order
        self._kept = []
        self._lock = threading.RLock()
        self._state_topic = f"spBv1.0/STATE/{primary_host}"
        self.client = connect(mosquitto.port, f"edge-{name}")
        self.client.on_message = self._on_message
        self.client.subscribe(f"spBv1.0/{group}/NCMD/{name}", 1)
        if primary_host:
            self.client.subscribe(self._state_topic, 1)
        self.client.loop_start()

    def birth(self):
        with self._lock:
            self.seq = 0
            self.births += 1
            self._publish("NBIRTH", payload([metric("bdSeq", value=1), metric("Node Control/Rebirth", value=False),
                                             *self.metrics], 0))

    def data(self, *metrics):
        with self._lock:
            if not self.host_online:
                now = int(time.time() * 1000)
                for one in metrics:
                    one.timestamp = one.timestamp or now
                    one.is_historical = True
                self._kept.extend(metrics)
                return
            self.seq = (self.seq + 1) % 256
            self._publish("NDATA", payload(metrics, self.seq))

    def skip_a_number(self):
        """As if a message had been lost on the way."""
        self.seq = (self.seq + 1) % 256

    def death(self):
        self._publish("NDEATH", payload([metric("bdSeq", value=1)]))

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()

    def _publish(self, kind, message):
        self.client.publish(f"spBv1.0/{self.group}/{kind}/{self.name}", message, qos=0)

    def _on_message(self, _client, _userdata, message):
        if message.topic == self._state_topic:
            return self._on_state(message.payload)
        command = _pb.Payload.FromString(message.payload)
        if any(m.name == "Node Control/Rebirth" and m.boolean_value for m in command.metrics):
            self.rebirths += 1
            self.birth()

    def _on_state(self, text):
        self.states.append(text)
        online = b'"online":true' in text
        with self._lock:
            was, self.host_online = self.host_online, online
            if online and not was:
                self.birth()
                if self._kept:
                    kept, self._kept = self._kept, []
                    self.data(*kept)
