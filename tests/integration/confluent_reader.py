"""Reads a topic with Confluent's stock ProtobufDeserializer and prints one JSON object a record.

Runs in the virtual environment of harness/registry.py: confluent_reader.py BOOTSTRAP TOPIC COUNT FOLDER, where FOLDER
has reading_pb2.py, made by protoc from the schema that the registry gave.
"""

import json
import sys

from confluent_kafka import Consumer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

bootstrap, topic, count, folder = sys.argv[1:]
sys.path.insert(0, folder)
import reading_pb2  # noqa: E402  made by the test

deserialize = ProtobufDeserializer(reading_pb2.Reading, {"use.deprecated.format": False})
consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "stock", "auto.offset.reset": "earliest"})
consumer.subscribe([topic])
left = int(count)
while left > 0:
    message = consumer.poll(30)
    if message is None or message.error():
        sys.exit(f"no record: {message and message.error()}")
    reading = deserialize(message.value(), SerializationContext(topic, MessageField.VALUE))
    print(json.dumps({"key": message.key().decode(), "sensor": reading.sensor_id, "sequence": reading.sequence,
                      "schema_id": int.from_bytes(message.value()[1:5], "big"),
                      "quantities": {q.name: q.number if q.HasField("number") else q.integer for q in reading.quantities}}))
    left -= 1
consumer.close()
