"""Reads a topic with Confluent's stock AvroDeserializer or JSONDeserializer and prints one JSON object a record.

Runs in the virtual environment of harness/registry.py: confluent_schema_reader.py BOOTSTRAP TOPIC COUNT REGISTRY KIND ID_IN. The
schema comes from the registry, by the record's own number or GUID.
"""

import datetime
import json
import sys

from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient, dual_schema_id_deserializer, prefix_schema_id_deserializer
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

bootstrap, topic, count, url, kind, id_in = sys.argv[1:]
registry = SchemaRegistryClient({"url": url})
conf = {"schema.id.deserializer": dual_schema_id_deserializer if id_in == "header" else prefix_schema_id_deserializer}
deserialize = AvroDeserializer(registry, conf=conf) if kind == "avro" else JSONDeserializer(None, schema_registry_client=registry, conf=conf)
consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": f"{kind}-{id_in}", "auto.offset.reset": "earliest"})
consumer.subscribe([topic])
left = int(count)
while left > 0:
    message = consumer.poll(30)
    if message is None or message.error():
        sys.exit(f"no record: {message and message.error()}")
    value = deserialize(message.value(), SerializationContext(topic, MessageField.VALUE, dict(message.headers())))
    print(json.dumps({"key": message.key().decode(), "value": value, "timestamp_ms": message.timestamp()[1],
                      "headers": dict(message.headers())},
                     default=lambda one: one.timestamp() if isinstance(one, datetime.datetime) else one.decode("latin-1")))
    left -= 1
consumer.close()
