"""Publishers that connect to the gateway itself: mosquitto_pub, a mosquitto bridge, Python's Paho, rtl_433, bare sockets."""

import json
import ssl
import socket
import subprocess
import unittest

import paho.mqtt.client as mqtt

from harness import expect, fair_clock, suite
from harness.kafka import Kafka, headers
from harness.listener import ListeningGateway
from harness.mosquitto import Mosquitto
from harness.process import Process
from harness.publisher import Publisher, connect, publish_one, reading
from harness.rtl_tcp import Receiver

SAMPLE = ('{"key":"sensor-001","value":{"temperature":22.5,"humidity":60,"location":"Nairobi"},'
          '"timestamp":"2025-09-20T06:30:00Z","headers":{"source":"weather-station","unit":"metric"}}')
BRIDGE = """\
connection gateway
address 127.0.0.1:{port}
bridge_protocol_version mqttv311
cleansession false
topic weather/# out 1
"""
# A CONNECT of MQTT 3.1.1: clean session, keep-alive 10 s, an assigned client id.
CONNECT = bytes([0x10, 12, 0, 4]) + b"MQTT" + bytes([4, 2, 0, 10, 0, 0])
CONNACK = bytes([0x20, 2, 0, 0])
DISCONNECT = bytes([0xE0, 0])


def setUpModule():
    global kafka
    kafka = Kafka().start()


class Listener(unittest.TestCase):
    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic)

    def gateway(self, **options):
        gateway = ListeningGateway(kafka, self.topic, **options).start()
        self.addCleanup(gateway.kill9)
        return gateway

    def records(self, count):
        kafka.wait_for_count(self.topic, count)
        records = kafka.records(self.topic)
        self.assertEqual(len(records), count)
        return records

    def pub(self, gateway, *arguments, check=True):
        return subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(gateway.port), *arguments],
                              capture_output=True, text=True, timeout=30, check=check)

    def test_the_sample_event_through_mosquitto_pub(self):
        gateway = self.gateway()
        self.pub(gateway, "-q", "1", "-t", "weather/roof", "-m", SAMPLE)
        record, = self.records(1)
        self.assertEqual(record.key, "sensor-001")
        self.assertEqual(record.value, '{"temperature":22.5,"humidity":60,"location":"Nairobi"}')
        self.assertEqual(record.timestamp_ms, 1758349800000)
        self.assertEqual(headers(record)["source"], "weather-station")

    def test_every_quality_of_service_and_both_versions(self):
        gateway = self.gateway()
        sent = 0
        for version in "mqttv311", "mqttv5":
            for qos in "0", "1", "2":
                for retain in [], ["-r"]:
                    self.pub(gateway, "-V", version, "-q", qos, *retain, "-t", "weather/a", "-m", reading("a", sent))
                    sent += 1
        numbers = expect.numbers_by_sensor(self.records(sent))
        self.assertEqual(numbers["a"], list(range(sent)))

    def test_a_topic_alias_and_user_properties_of_mqtt_5(self):
        gateway = self.gateway()
        self.pub(gateway, "-V", "mqttv5", "-q", "1", "-t", "weather/a", "-m", reading("a", 1), "-D", "publish", "topic-alias",
                 "1", "-D", "publish", "user-property", "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        record, = self.records(1)
        self.assertIn("4bf92f3577b34da6a3ce929d0e0e4736", headers(record)["traceparent"])

    def test_subscribers_are_refused_and_publishers_that_subscribe_survive(self):
        gateway = self.gateway()
        refused = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(gateway.port), "-t", "weather/#", "-W", "3"],
                                 capture_output=True, text=True, timeout=30)
        self.assertIn("denied", refused.stderr)
        client = connect(gateway.port, "both")
        granted = []
        client.on_subscribe = lambda _client, _data, _mid, qos: granted.append(qos)
        client.loop_start()
        client.subscribe("cmnd/+", 1)
        client.publish("weather/a", reading("a", 7), qos=1).wait_for_publish(30)
        suite.wait_for(lambda: granted, "a SUBACK")
        self.assertEqual(granted, [(128,)])
        client.disconnect()
        client.loop_stop()
        self.records(1)

    def test_paho_python_in_both_versions(self):
        gateway = self.gateway()
        for version in mqtt.MQTTv311, mqtt.MQTTv5:
            client = connect(gateway.port, f"paho-{version}", protocol=version)
            client.loop_start()
            under_way = [client.publish("weather/p", reading(f"p{version}", n), qos=n % 3) for n in range(300)]
            for message in under_way:
                message.wait_for_publish(30)
            client.disconnect()
            client.loop_stop()
        records = self.records(600)
        for version in mqtt.MQTTv311, mqtt.MQTTv5:
            # Paho sends what it holds back for its window after what came later, so sets, not lists.
            self.assertEqual(set(expect.numbers_by_sensor(records)[f"p{version}"]), set(range(300)))

    def test_a_mosquitto_bridge(self):
        gateway = self.gateway()
        mosquitto = Mosquitto(extra=BRIDGE.format(port=gateway.port)).start()
        self.addCleanup(mosquitto.stop)
        for number in range(20):
            publish_one(mosquitto, "weather/b", reading("b", number))
        records = self.records(20)  # and none for the bridge's own $SYS messages
        self.assertEqual(expect.numbers_by_sensor(records)["b"], list(range(20)))

    def test_rtl_433_publishes_straight_to_the_gateway(self):
        gateway = self.gateway(extra='topics = ["rtl_433/#"]\nformat = "rtl_433"')
        receiver = Receiver()
        self.addCleanup(receiver.close)
        output = f"mqtt://127.0.0.1:{gateway.port},retain=0,events=rtl_433/roof/events"
        rtl_433 = Process(["rtl_433", "-d", f"rtl_tcp:127.0.0.1:{receiver.port}", "-R", "19", "-F", output],
                          suite.folder("rtl_433") / "log")
        rtl_433.start()
        self.addCleanup(rtl_433.kill9)
        kafka.wait_for_count(self.topic, 1)
        record = kafka.records(self.topic)[0]
        self.assertEqual(record.key, "rtl433:Nexus-TH:1:145")
        value = json.loads(record.value)
        self.assertEqual((value["temperature"], value["humidity"]), (22.5, 60))

    def test_a_bridge_carries_over_what_came_while_the_gateway_was_away(self):
        gateway = self.gateway()
        mosquitto = Mosquitto(extra=BRIDGE.format(port=gateway.port) + "restart_timeout 1\n").start()
        self.addCleanup(mosquitto.stop)
        publish_one(mosquitto, "weather/b", reading("b", 0))
        self.records(1)
        gateway.kill9()
        for number in range(1, 21):
            publish_one(mosquitto, "weather/b", reading("b", number))
        gateway.start()
        kafka.wait_for_count(self.topic, 21)
        self.assertEqual(expect.without_repeats(expect.numbers_by_sensor(kafka.records(self.topic))["b"]), list(range(21)))

    def test_a_station_that_vanishes_is_reported(self):
        gateway = self.gateway()
        client = connect_with_will(gateway.port)
        client.publish("weather/roof", reading("roof", 1), qos=1).wait_for_publish(30)
        client._sock.shutdown(socket.SHUT_RDWR)  # as if the power had gone
        client.loop_stop()
        records = self.records(2)
        self.assertEqual(records[1].key, "vanishing")
        self.assertEqual(json.loads(records[1].value),
                         {"available": False, "will_topic": "weather/roof/state", "will_payload": "offline"})

    def test_ten_thousand_connects_a_minute_beside_a_publisher(self):
        gateway = self.gateway()
        publisher = Publisher(gateway, sensors=2)
        self.addCleanup(publisher.close)
        began = fair_clock.seconds()
        for number in range(1000):
            with socket.create_connection(("127.0.0.1", gateway.port), 10) as client:
                client.sendall(CONNECT)
                self.assertEqual(client.recv(4), CONNACK)
                client.sendall(DISCONNECT)
            if number % 10 == 0:
                publisher.publish(5)
        seconds = fair_clock.seconds() - began
        publisher.wait_for_acknowledgements()
        print(f"{1000 * 60 / seconds:.0f} connects a minute", flush=True)
        self.assertLess(seconds, 6, "1,000 connects in 6 s is 10,000 a minute")
        expect.everything_arrived(self, self.records(500), publisher.acknowledged)

    def test_slow_and_half_open_clients_hold_nobody_up(self):
        gateway = self.gateway()
        idle = [socket.create_connection(("127.0.0.1", gateway.port), 10) for _ in range(300)]
        self.addCleanup(lambda: [one.close() for one in idle])
        for one in idle[:100]:
            one.sendall(CONNECT[:5])
        for one in idle[100:200]:
            one.sendall(CONNECT)  # and never read
        publisher = Publisher(gateway)
        self.addCleanup(publisher.close)
        publisher.publish(500)
        publisher.wait_for_acknowledgements(20)
        self.records(500)


def connect_with_will(port):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, "vanishing") if hasattr(mqtt, "CallbackAPIVersion") \
        else mqtt.Client("vanishing")
    client.will_set("weather/roof/state", "offline", qos=1)
    client.connect("127.0.0.1", port)
    client.reconnect_delay_set(60, 60)
    client.loop_start()
    return client


class Security(unittest.TestCase):
    def setUp(self):
        self.folder = suite.folder("tls")
        self.topic = "secure_" + self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic)
        self.certificate("ca", "test-ca", None)
        self.certificate("server", "localhost", "ca")
        self.certificate("client", "roof", "ca")

    def openssl(self, *arguments):
        return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, text=True, cwd=self.folder)

    def certificate(self, name, common_name, signer):
        signed = ["-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-addext", "subjectAltName=DNS:localhost"] if signer else []
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                     f"/CN={common_name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", *signed)

    def gateway(self, extra):
        gateway = ListeningGateway(kafka, self.topic, extra=f'topics = ["weather/#"]\ncert_file = "{self.folder}/server.pem"\n'
                                                            f'key_file = "{self.folder}/server.key"\n{extra}')
        gateway.start()
        self.addCleanup(gateway.kill9)
        return gateway

    def pub(self, gateway, *arguments):
        return subprocess.run(["mosquitto_pub", "-h", "localhost", "-p", str(gateway.port), "--cafile", f"{self.folder}/ca.pem",
                               "-q", "1", "-m", reading("a", 1), *arguments], capture_output=True, text=True, timeout=30)

    def test_a_password_opens_the_users_topics_and_no_others(self):
        digest = self.openssl("passwd", "-6", "secret").stdout.strip()
        users = self.folder / "users"
        users.write_text(f"# stations\nroof:{digest}:weather/roof/\n")
        users.chmod(0o600)
        gateway = self.gateway(f'users_file = "{users}"')
        right = ["-u", "roof", "-P", "secret"]
        self.assertEqual(self.pub(gateway, "-t", "weather/roof/t", *right).returncode, 0)
        self.assertNotEqual(self.pub(gateway, "-t", "weather/roof/t", "-u", "roof", "-P", "wrong").returncode, 0)
        self.assertNotEqual(self.pub(gateway, "-t", "weather/roof/t").returncode, 0)
        self.pub(gateway, "-V", "mqttv5", "-t", "weather/cellar/t", *right)
        self.pub(gateway, "-V", "mqttv5", "-t", "weather/roof/t", *right)
        kafka.wait_for_count(self.topic, 2)
        self.assertEqual(len(kafka.records(self.topic)), 2)
        self.assertNotIn("secret", gateway.process.output())

    def test_a_user_writes_for_its_own_sensors_only(self):
        digest = self.openssl("passwd", "-6", "secret").stdout.strip()
        users = self.folder / "users"
        users.write_text(f"a:{digest}\nb:{digest}\n")
        gateway = self.gateway(f'users_file = "{users}"\nids = "user"')
        for version in ("mqttv311", "mqttv5"):
            for user in ("a", "b"):
                self.pub(gateway, "-V", version, "-t", "weather/t", "-u", user, "-P", "secret")
        kafka.wait_for_count(self.topic, 2)
        self.assertEqual([record.key for record in kafka.records(self.topic)], ["a", "a"])
        told = [line for line in gateway.process.output().splitlines() if 'refused of user "b"' in line]
        self.assertEqual(len(told), 1, "one line a minute")
        self.assertIn('sensor "a"', told[0])
        for _ in range(3):
            self.assertNotEqual(self.pub(gateway, "-t", "weather/t", "-u", "a", "-P", "hunter2").returncode, 0)
        told = [line for line in gateway.process.output().splitlines() if "refused a log-in" in line]
        self.assertEqual(len(told), 1, "one line a minute")
        self.assertNotIn("hunter2", gateway.process.output())

    def test_a_client_certificate_is_enough_and_none_is_not(self):
        gateway = self.gateway(f'client_ca_file = "{self.folder}/ca.pem"')
        shown = ["--cert", f"{self.folder}/client.pem", "--key", f"{self.folder}/client.key"]
        self.assertEqual(self.pub(gateway, "-t", "weather/t", *shown).returncode, 0)
        self.assertNotEqual(self.pub(gateway, "-t", "weather/t").returncode, 0)
        kafka.wait_for_count(self.topic, 1)
        self.assertEqual(len(kafka.records(self.topic)), 1)

    def test_old_tls_and_plain_text_are_refused(self):
        gateway = self.gateway(f'client_ca_file = "{self.folder}/ca.pem"')
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", gateway.port), 10) as client, self.assertRaises((ssl.SSLError, OSError)):
            old.wrap_socket(client)
        with socket.create_connection(("127.0.0.1", gateway.port), 10) as client:
            client.sendall(CONNECT)
            try:
                self.assertNotIn(CONNACK, client.recv(100))
            except ConnectionError:
                pass


if __name__ == "__main__":
    suite.main()
