"""Topics made, changed and deleted, and rights given, over Kafka's wire protocol: the command line tools cost a Java start each.

Layouts: https://kafka.apache.org/protocol, ListOffsets, CreateTopics, DeleteTopics, IncrementalAlterConfigs, CreateAcls and
AlterClientQuotas (versions before the compact encodings).
"""

import socket
import struct

CREATE_TOPICS, DELETE_TOPICS, CREATE_ACLS, DELETE_ACLS, ALTER_CONFIGS, ALTER_QUOTAS = (
    (19, 4), (20, 3), (30, 1), (31, 1), (44, 0), (49, 0))  # key, version
LIST_OFFSETS, LATEST = (2, 1), -1
LITERAL, ALLOW, READ, WRITE = 3, 3, 3, 4  # how a right names its resource, what it says, what it is about
TOPIC, GROUP, TRANSACTIONAL_ID, SET = 2, 3, 5, 0  # kinds of resource, operation
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


def alter_topic(bootstrap, name, **config):
    """Changes these settings, with _ for dots; the others stay."""
    settings = [_string(key.replace("_", ".")) + struct.pack(">b", SET) + _string(str(value)) for key, value in config.items()]
    topic = struct.pack(">b", TOPIC) + _string(name) + _array(settings)
    answer = _call(bootstrap, ALTER_CONFIGS, _array([topic]) + struct.pack(">?", False))
    code, = struct.unpack_from(">h", answer, 4 + 4)
    if code != NONE:
        raise RuntimeError(f"IncrementalAlterConfigs {name}: Kafka error {code}")


def right(user, name, operation, resource=TOPIC):
    """Of a user to READ or WRITE; of a topic that includes seeing it, but not its settings."""
    return (struct.pack(">b", resource) + _string(name) + struct.pack(">b", LITERAL) + _string(f"User:{user}") + _string("*") +
            struct.pack(">bb", operation, ALLOW))


def grant(bootstrap, right):
    code, = struct.unpack_from(">h", _call(bootstrap, CREATE_ACLS, _array([right])), 4 + 4)
    if code != NONE:
        raise RuntimeError(f"CreateAcls {right}: Kafka error {code}")


def revoke(bootstrap, right):
    code, = struct.unpack_from(">h", _call(bootstrap, DELETE_ACLS, _array([right])), 4 + 4)
    if code != NONE:
        raise RuntimeError(f"DeleteAcls {right}: Kafka error {code}")


def allow(bootstrap, user, topic, operation, resource=TOPIC):
    grant(bootstrap, right(user, topic, operation, resource))


def forbid(bootstrap, user, topic, operation):
    revoke(bootstrap, right(user, topic, operation))


def limit_client(bootstrap, client_id, bytes_per_second):
    """A quota: the broker makes this client wait when it produces more."""
    quota = (_array([_string("client-id") + _string(client_id)]) +
             _array([_string("producer_byte_rate") + struct.pack(">d?", bytes_per_second, False)]))
    answer = _call(bootstrap, ALTER_QUOTAS, _array([quota]) + struct.pack(">?", False))
    code, = struct.unpack_from(">h", answer, 4 + 4)
    if code != NONE:
        raise RuntimeError(f"AlterClientQuotas {client_id}: Kafka error {code}")


def end_offset(bootstrap, topic, partitions=1):
    """The sum of the partitions' ends, which the first broker must lead. Costs the machine next to nothing: made for measurements."""
    asked = _array([struct.pack(">iq", partition, LATEST) for partition in range(partitions)])
    answer = _call(bootstrap, LIST_OFFSETS, struct.pack(">i", -1) + _array([_string(topic) + asked]))
    at, total = 4 + 2 + len(topic.encode()) + 4, 0
    for number in range(partitions):
        _, code, _, offset = struct.unpack_from(">ihqq", answer, at + number * 22)
        if code != NONE:
            raise RuntimeError(f"ListOffsets {topic}: Kafka error {code}")
        total += offset
    return total
