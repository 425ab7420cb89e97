"""A boot without a network: the machine is up, its network comes later, and nobody has to do anything.

The gateway starts with an address that no interface has. It runs, takes what is on the machine, and says what it waits
for; when the address comes it listens there, and all readings reach a real Kafka. WEATHER_SUITE=soak: after a minute.
"""

import http.client
import json
import os
import unittest

import guest
from harness import suite
from harness.kafka import Kafka
from volatile_disk import VolatileDisk

NETWORK_AFTER_S = 60 if os.environ.get("WEATHER_SUITE") == "soak" else 15
BOOT_SECONDS = 600 if os.environ.get("WEATHER_SUITE") == "soak" else 120
TOPIC = "topic_weather"

# Kafka gives its clients the address it has outside; the same one leads there inside, once there is a network.
BOOT = """\
(nc -ll -p {port} -e /bin/nc 10.0.2.100 9092) &
(until wget -q -O- --header "Authorization: Bearer {token}" --header "Content-Type: application/json" \
   --post-data '{{"id": "inside", "temperature": 1}}' http://127.0.0.1:8682/v1/readings; do sleep 1; done
 echo TAKEN WITHOUT A NETWORK; sleep {after}; network) &
"""

CONFIG = """\
config_version = 1
[gateway]
id = "pi"
data_dir = "/var/lib/weather-gateway"
[log]
segment_bytes = "1MiB"
[[http]]
name = "lan"
listen = "10.0.2.15:8681"
tokens_file = "/etc/weather-gateway/tokens"
[[http]]
name = "inside"
listen = "127.0.0.1:8682"
tokens_file = "/etc/weather-gateway/tokens"
[[mqtt]]
name = "broker"
url = "mqtt://10.0.2.2:1883"
topics = ["weather/#"]
[kafka]
topic = "{topic}"
[kafka.properties]
"bootstrap.servers" = "{bootstrap}"
"""


class LateNetwork(unittest.TestCase):
    def test_what_waits_for_the_network_comes_with_it(self):
        kafka = Kafka().start()
        kafka.create_topic(TOPIC)
        port = kafka.bootstrap.rsplit(":", 1)[1]
        folder = suite.folder("run")
        disk = VolatileDisk(guest.empty_disk(folder, 48), folder / "disk.sock", False)
        made = guest.make_initramfs(boot=BOOT.format(port=port, after=NETWORK_AFTER_S, token=guest.TOKENS[0]),
                                    config=CONFIG.format(topic=TOPIC, bootstrap=f"127.0.0.1:{port}"))
        machine = guest.Guest(made, folder / "disk.sock", folder, f",guestfwd=tcp:10.0.2.100:9092-cmd:socat - TCP:{kafka.bootstrap}")
        machine.wait_for("TAKEN WITHOUT A NETWORK", BOOT_SECONDS)
        self.assertIn("lan: not listening yet: 10.0.2.15 is no address of this machine yet", machine.output())
        machine.wait_for("THE NETWORK IS UP", BOOT_SECONDS + NETWORK_AFTER_S)
        suite.wait_for(lambda: self.accepted(machine.port), lambda: f"a reading over the network: {machine.output()}", 30)
        kafka.wait_for_count(TOPIC, 2)
        self.assertEqual({record.key for record in kafka.records(TOPIC)}, {"inside", "outside"})
        machine.power_cut()
        disk.power_cut(suite.seeded_random())

    @staticmethod
    def accepted(port):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("POST", "/v1/readings", json.dumps({"id": "outside", "temperature": 2}),
                               {"Content-Type": "application/json", "Authorization": f"Bearer {guest.TOKENS[1]}"})
            return connection.getresponse().status // 100 == 2
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


if __name__ == "__main__":
    suite.main()
