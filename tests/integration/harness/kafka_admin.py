"""Topics made and deleted over Kafka's wire protocol: the command line tools cost a Java start each.

Layouts: https://kafka.apache.org/protocol, CreateTopics and DeleteTopics (versions before the compact encodings).
"""

import socket
import struct

CREATE_TOPICS, DELETE_TOPICS = (19, 4), (20, 3)  # request key, version
NONE, TOPIC_ALREADY_EXISTS = 0, 36
TIMEOUT_MS = 20000


def _string(text):
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def _array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def _call(bootstrap, api, body):
    host, port = bootstrap.split(",")[0].rsplit(":", 1)
    request = struct.pack(">hhi", *api, 1) + _string("weather-tests") + body
    with socket.create_connection((host, int(port)), 5) as connection:
        connection.settimeout(TIMEOUT_MS / 1000 + 5)
        connection.sendall(struct.pack(">i", len(request)) + request)
        stream = connection.makefile("rb")
        size, = struct.unpack(">i", stream.read(4))
        return stream.read(size)[4:]  # after the correlation id


def create_topic(bootstrap, name, partitions=1, replicas=-1, **config):
    """`config`: topic settings with _ for dots. A topic that exists is left as it is."""
    settings = [_string(key.replace("_", ".")) + _string(str(value)) for key, value in config.items()]
    topic = _string(name) + struct.pack(">ih", partitions, replicas) + _array([]) + _array(settings)
    answer = _call(bootstrap, CREATE_TOPICS, _array([topic]) + struct.pack(">i?", TIMEOUT_MS, False))
    code, = struct.unpack_from(">h", answer, 4 + 4 + 2 + len(name.encode()))
    if code not in (NONE, TOPIC_ALREADY_EXISTS):
        raise RuntimeError(f"CreateTopics {name}: Kafka error {code}")


def delete_topic(bootstrap, name):
    answer = _call(bootstrap, DELETE_TOPICS, _array([_string(name)]) + struct.pack(">i", TIMEOUT_MS))
    code, = struct.unpack_from(">h", answer, 4 + 4 + 2 + len(name.encode()))
    if code != NONE:
        raise RuntimeError(f"DeleteTopics {name}: Kafka error {code}")
