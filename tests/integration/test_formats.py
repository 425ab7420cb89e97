"""Products as they are: their messages through mosquitto and the gateway to Kafka."""

import json
import socket
import unittest

from harness import quiet, suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import publish_one
from harness.sparkplug import EdgeNode, metric

TOPIC = "topic_weather"
TOPICS = {"tasmota": "tele/+/SENSOR", "zigbee2mqtt": "zigbee2mqtt/#", "shelly-gen2": "+/events/rpc",
          "esphome": "+/sensor/+/state", "ruuvi-gateway": "ruuvi/+/+", "chirpstack": "application/+/device/+/event/+",
          "things-stack": "v3/+/devices/+/up", "sparkplug": "spBv1.0/#", "tempest": "tempest/#", "weatherlink": "davis/#",
          "campbell": "data-incoming/#"}
SOURCES = "\n".join(f'[[mqtt]]\nurl = "{{url}}"\ntopics = ["{topics}"]\nqos = 1\nformat = "{form}"\nname = "{form}"\nclient_id = "gateway-{form}"'
                    for form, topics in TOPICS.items())


def setUpModule():
    global kafka, mosquitto, gateway, hub
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    mosquitto = Mosquitto().start()
    hub = suite.free_port()
    gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC, extra=SOURCES.format(url=mosquitto.url) +
                      f'\n[[udp]]\nlisten = "127.0.0.1:{hub}"\nformat = "tempest"').start()
    quiet.at_the_end(gateway)
    suite.wait_for(lambda: all(f" {topics}" in mosquitto.process.output() for topics in TOPICS.values()),
                   "the gateway subscribes for every format")


class Formats(unittest.TestCase):
    def arrive(self, *messages, count=None):
        """The (key, value) that these (topic, payload) become."""
        before = kafka.count(TOPIC)
        for topic, payload in messages:
            publish_one(mosquitto, topic, payload)
        kafka.wait_for_count(TOPIC, before + (len(messages) if count is None else count))
        return [(r.key, json.loads(r.value)) for r in kafka.records(TOPIC)[before:]]

    def test_tasmota_fahrenheit_becomes_celsius(self):
        [(key, value)] = self.arrive(("tele/roof/SENSOR", '{"Time":"2018-03-02T18:25:03","AM2301":'
                                      '{"Temperature":71.78,"Humidity":"32.4"},"TempUnit":"F"}'))
        self.assertEqual(key, "tasmota:roof")
        self.assertEqual((value["temperature_AM2301"], value["humidity_AM2301"]), (22.1, 32.4))

    def test_tasmota_null_stays_null(self):
        [(_, value)] = self.arrive(("tele/roof/SENSOR", '{"AM2301":{"Temperature":null}}'))
        self.assertIn("temperature_AM2301", value)
        self.assertIsNone(value["temperature_AM2301"])

    def test_zigbee2mqtt_keeps_what_is_not_mapped_and_ignores_its_bridge(self):
        found = self.arrive(("zigbee2mqtt/bridge/state", "online"),
                            ("zigbee2mqtt/shed", '{"temperature":21.4,"humidity":55.1,"linkquality":102}'), count=1)
        self.assertEqual(found, [("zigbee2mqtt:shed", {"temperature": 21.4, "humidity": 55.1, "linkquality": 102})])

    def test_shelly_celsius_and_fahrenheit_are_one_temperature(self):
        [(key, value)] = self.arrive(("shellyht/events/rpc", '{"src":"shellyht","method":"NotifyFullStatus","params":'
                                      '{"ts":1758349800.5,"temperature:0":{"id":0,"tC":22.5,"tF":72.5},"humidity:0":'
                                      '{"id":0,"rh":45.1},"sys":{"time":null,"unixtime":null}}}'))
        self.assertEqual((key, value["temperature"], value["humidity"]), ("shelly:shellyht", 22.5, 45.1))

    def test_esphome_plain_text_and_nan(self):
        found = self.arrive(("balcony/sensor/outdoor_temperature/state", "22.5"),
                            ("balcony/sensor/humidity/state", "nan"))
        self.assertEqual(found, [("esphome:balcony", {"temperature_outdoor": 22.5}),
                                 ("esphome:balcony", {"humidity": None, "quality": {"humidity": "missing"}})])

    def test_a_ruuvi_packet_heard_by_two_gateways_is_one_event(self):
        packet = ('{"gw_mac":"A","rssi":-26,"gwts":"1758349801","ts":"1758349800","data":'
                  '"0201061BFF99040512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F"}')
        # The last one comes by another connection, which may be sooner.
        found = sorted(self.arrive(("ruuvi/A/CB:B8:33:4C:88:4F", packet), ("ruuvi/B/CB:B8:33:4C:88:4F", packet),
                                   ("tele/end/SENSOR", '{"X":{"Humidity":1}}'), count=2), key=lambda one: one[0])
        self.assertEqual([key for key, _ in found], ["ruuvi:CB:B8:33:4C:88:4F", "tasmota:end"])
        self.assertEqual(found[0][1]["temperature"], 24.3)

    def test_chirpstack_frame_without_a_counter_is_the_first_and_a_copy_is_none(self):
        frame = ('{"time":"2022-07-18T09:34:15Z","deviceInfo":{"devEui":"0101010101010101"},"devAddr":"00189440",'
                 '"data":"EjRW","object":{"temperature":0}}')
        topic = "application/a/device/0101010101010101/event/up"
        found = self.arrive((topic, frame), (topic, frame), (topic.replace("up", "join"), "{}"),
                            (topic, frame.replace("00189440", "00189441")), count=2)
        self.assertEqual([(key, value["temperature"]) for key, value in found], [("lora:0101010101010101", 0)] * 2)

    def test_the_things_stack(self):
        [(key, value)] = self.arrive(("v3/app@ttn/devices/dev1/up", '{"end_device_ids":{"device_id":"dev1","dev_eui":'
                                      '"0004A30B001C0530"},"received_at":"2020-02-12T15:15:46Z","uplink_message":'
                                      '{"f_cnt":5,"decoded_payload":{"temperature":1.5}}}'))
        self.assertEqual((key, value), ("lora:0004a30b001c0530", {"temperature": 1.5}))

    def test_a_tempest_hub_by_itself_and_through_a_bridge(self):
        start = '{"serial_number":"SK-00008453","type":"evt_precip","hub_sn":"HB-00000001","evt":[1493322445]}'
        wind = '{"serial_number":"SK-00008453","type":"rapid_wind","hub_sn":"HB-00000001","ob":[1493322445,2.3,128]}'
        self.assertEqual(self.arrive(("tempest/udp", start)), [("tempest:SK-00008453", {"rain_start": True, "hub_sn": "HB-00000001"})])
        before = kafka.count(TOPIC)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(wind.encode(), ("127.0.0.1", hub))
        kafka.wait_for_count(TOPIC, before + 1)
        record = kafka.records(TOPIC)[-1]
        self.assertEqual((record.key, record.timestamp_ms), ("tempest:SK-00008453", 1493322445000))
        self.assertEqual(json.loads(record.value), {"wind_speed": 2.3, "wind_direction": 128, "hub_sn": "HB-00000001"})

    def test_a_weatherlink_live_is_a_record_for_each_transmitter(self):
        found = self.arrive(("davis/live", '{"data":{"did":"001D0A700002","ts":1531754005,"conditions":[{"txid":1,"temp":68.0,"rain_size":2,'
                             '"rainfall_daily":63},{"temp_in":50.0},{"bar_absolute":29.92}]},"error":null}'), count=2)
        self.assertEqual(found, [("davis:001D0A700002:1", {"temperature": 20, "rain_daily": 12.6, "rain_size": 2}),
                                 ("davis:001D0A700002", {"temperature_indoor": 10, "pressure": 1013.2})])

    def test_a_campbell_logger_as_wis2box_gets_it(self):
        found = self.arrive(("data-incoming/zmb/campbell-v1/MetDpt-WIS2Test/data/cr1000x/34769/SYNOP",
                             '{"type":"Feature","geometry":{"type":"Point","coordinates":[28.32,-15.41,1280]},"properties":{"loggerID":'
                             '"CR1000X_34769","observationNames":["RH","Rain_mm_Tot"],"observations":{"2023-04-28T15:32:00Z":[54.8,0]}}}'))
        self.assertEqual(found, [("campbell:CR1000X_34769", {"humidity": 54.8, "rain": 0, "latitude": -15.41, "longitude": 28.32,
                                                              "altitude": 1280})])


class Sparkplug(unittest.TestCase):
    def test_a_node_that_was_born_before_us_is_asked_again_and_its_death_is_an_event(self):
        node = EdgeNode(mosquitto, "plant", "roof", [metric("Outdoor/Temperature", 1, 20.5)])
        self.addCleanup(node.close)
        before = kafka.count(TOPIC)
        node.data(metric(alias=1, value=21.5))  # an alias the gateway cannot know yet
        suite.wait_for(lambda: node.rebirths == 1, "the gateway asks for a rebirth")
        node.data(metric(alias=1, value=22.5))
        node.data(metric(alias=1, value=15.5, at_ms=1758349800000, historical=True), metric(alias=1))
        node.death()

        def values():
            return [json.loads(r.value) for r in kafka.records(TOPIC)[before:] if r.key == "spb:plant/roof"]
        suite.wait_for(lambda: any(value.get("online") is False for value in values()), "the death is in Kafka")
        self.assertEqual([value["temperature_Outdoor"] for value in values()], [20.5, 22.5, 15.5, None, None])
        historical = [r for r in kafka.records(TOPIC)[before:] if r.timestamp_ms == 1758349800000]
        self.assertEqual([json.loads(r.value)["temperature_Outdoor"] for r in historical], [15.5])


if __name__ == "__main__":
    suite.main()
