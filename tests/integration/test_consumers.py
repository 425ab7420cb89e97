"""Others read the topic: Kafka Connect copies it out with stock converters, over its own restart and the gateway's."""

import json
import unittest

from harness import suite
from harness.connect import Connect
from harness.gateway import Gateway
from harness.kafka import Kafka

ROUTES = """
[[route]]
name = "flat"
topic = "flat"
[[route]]
name = "whole"
topic = "whole"
layout = "envelope"
"""
# Connect's JSON converter reads the value; a stock transformation takes a field out of it.
AS_JSON = """\
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
transforms=temperature
transforms.temperature.type=org.apache.kafka.connect.transforms.ExtractField$Value
transforms.temperature.field=temperature
"""


def setUpModule():
    global kafka
    kafka = Kafka().start()
    kafka.create_topic("flat")
    kafka.create_topic("whole")


class KafkaConnect(unittest.TestCase):
    def test_copies_every_reading_out_in_order_with_stock_converters(self):
        gateway = Gateway(None, kafka.bootstrap, "flat", extra=ROUTES).start(wait=False)
        gateway.answers()
        connect = Connect(kafka.bootstrap, {"text": ("flat", ""), "field": ("flat", AS_JSON), "envelope": ("whole", "")}).start()
        gateway.send(range(500))
        connect.wait_for_lines("text", 500)

        # Both come again: Connect goes on where it was, and so does the gateway.
        self.assertEqual(connect.process.terminate(30)[0], 143)  # a JVM's answer to SIGTERM
        self.assertEqual(gateway.terminate()[0], 0)
        gateway.start(wait=False)
        gateway.answers()
        gateway.send(range(500, 1000))
        connect.start()
        for name in ("text", "field", "envelope"):
            connect.wait_for_lines(name, 1000)

        records = kafka.records("flat")
        self.assertEqual(connect.lines("text"), [record.value for record in records])
        self.assertEqual([float(line) for line in connect.lines("field")], [float(n) for n in range(1000)])
        envelopes = [json.loads(line) for line in connect.lines("envelope")]
        self.assertEqual([(e["key"], e["value"], e["headers"]) for e in envelopes],
                         [(r.key, json.loads(r.value), {"source": "weather-station", "unit": "metric"}) for r in records])


if __name__ == "__main__":
    suite.main()
