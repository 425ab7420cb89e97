"""A WeatherLink Live in the local network: its conditions over HTTP, its wind over UDP, to a real Kafka."""

import http.server
import json
import socket
import threading
import time
import unittest

from harness import quiet, suite
from harness.gateway import Gateway
from harness.kafka import Kafka, headers

TOPIC = "topic_weather"
DID = "001D0A700002"
SOURCE = """
[[weatherlink]]
name = "davis"
address = "127.0.0.1:{port}"
interval = "10s"
wind = true
[sensors]
names = {{ "davis:001D0A700002:1" = "roof" }}
"""


class Station:
    """Answers like the device, with the time of the question, and remembers what it was asked and when."""

    def __init__(self):
        self.port, self.wind_port = suite.free_port(), suite.free_port()
        self.asked = []
        self.server = None

    def start(self):
        station = self

        class Answer(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                station.asked.append((time.time(), self.path))
                body = json.dumps(station.answer(self.path)).encode()
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Answer)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def answer(self, path):
        if path.startswith("/v1/real_time"):
            return {"data": {"broadcast_port": self.wind_port, "duration": 1200}, "error": None}
        if path != "/v1/current_conditions":
            return {"data": None, "error": {"code": 404, "message": "HTTP Page Not Found"}}
        return {"data": {"did": DID, "ts": int(time.time()), "conditions": [
            {"lsid": 48308, "data_structure_type": 1, "txid": 1, "temp": 68.0, "hum": None, "wind_speed_last": 10, "rain_size": 2,
             "rainfall_daily": 63, "rx_state": 0, "trans_battery_flag": 0},
            {"lsid": 48309, "data_structure_type": 2, "txid": 3, "temp_1": 50.0, "moist_soil_1": 12, "wet_leaf_1": None},
            {"lsid": 48306, "data_structure_type": 3, "bar_absolute": 29.92}]}, "error": None}

    def blow(self, ts, speed, did=DID, sender="127.0.0.1"):
        """One datagram of the broadcast; its time, which has to be another than that of any conditions."""
        wind = {"did": did, "ts": ts, "conditions": [{"lsid": 48308, "data_structure_type": 1, "txid": 1, "wind_speed_last": speed,
                                                      "wind_dir_last": 90, "rain_size": 2, "rainfall_daily": 63}]}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.bind((sender, 0))
            out.sendto(json.dumps(wind).encode(), ("127.0.0.1", self.wind_port))

    def asks(self, path):
        return [when for when, asked in self.asked if asked.startswith(path)]


def setUpModule():
    global kafka, station, gateway
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    station = Station().start()
    gateway = Gateway(None, kafka.bootstrap, TOPIC, extra=SOURCE.format(port=station.port)).start(wait=False)
    gateway.answers()
    quiet.at_the_end(gateway)
    unittest.addModuleCleanup(station.stop)


def records(key):
    return [(record.timestamp_ms, json.loads(record.value)) for record in kafka.records(TOPIC) if record.key == key]


def source():
    return next(one for one in gateway.status()["sources"] if one["name"] == "davis")


class WeatherLink(unittest.TestCase):
    def setUp(self):
        suite.wait_for(lambda: source()["up"], "the station answers", seconds=70)

    def heard(self, more=2):
        """Waits for that many more questions."""
        before = len(station.asked)
        suite.wait_for(lambda: len(station.asked) >= before + more, "it is asked", seconds=80)

    def test_each_transmitter_is_a_sensor_and_its_time_is_the_stations(self):
        suite.wait_for(lambda: records("roof") and records(f"davis:{DID}"), "the conditions are in Kafka")
        [soil, *_], [(_, roof), *_], [(_, box), *_] = (records(key) for key in (f"davis:{DID}:3", "roof", f"davis:{DID}"))
        self.assertEqual((roof["temperature"], roof["humidity"], roof["rain_daily"]), (20, None, 12.6))
        self.assertEqual((soil[1]["soil_temperature_1"], soil[1]["soil_water_tension_1_kPa"]), (10, 12))
        self.assertEqual(box["pressure"], 1013.2)
        self.assertEqual(soil[0] % 1000, 0)
        self.assertLess(abs(soil[0] / 1000 - station.asks("/v1/current_conditions")[0]), 2)

    def test_the_wind_comes_once_and_from_the_station_alone(self):
        suite.wait_for(lambda: station.asks("/v1/real_time?duration=1200"), "the broadcast is asked for", seconds=70)
        asked = len(station.asks("/v1/real_time"))
        now = int(time.time()) - 1000
        suite.wait_for(lambda: station.blow(now, 20) or any(time_ms == now * 1000 for time_ms, _ in records("roof")), "the wind is heard")
        for speed in (30, 30, 40):
            station.blow(now + speed, speed)
        station.blow(now + 50, 50, did="001D0A700003")
        station.blow(now + 60, 60, sender="127.0.0.9")
        station.blow(now + 70, 70)
        suite.wait_for(lambda: any(time_ms == (now + 70) * 1000 for time_ms, _ in records("roof")), "the last wind is in Kafka")
        winds = [(time_ms // 1000 - now, value["wind_speed"]) for time_ms, value in records("roof") if time_ms < (now + 100) * 1000]
        self.assertEqual([(after, round(speed, 1)) for after, speed in winds], [(0, 8.9), (30, 13.4), (40, 17.9), (70, 31.3)])
        self.heard(2)
        self.assertEqual(len(station.asks("/v1/real_time")), asked)  # it is heard: nothing to ask for

    def test_one_question_at_a_time_every_ten_seconds(self):
        self.heard(3)
        times = [when for when, _ in station.asked[-3:]]
        self.assertTrue(all(later - earlier > 9.9 for earlier, later in zip(times, times[1:])), times)

    def test_a_killed_gateway_goes_on_and_repeats_nothing(self):
        def all_there():
            ids = {headers(record)["ce_id"]: record.timestamp_ms for record in kafka.records(TOPIC) if record.key == f"davis:{DID}"}
            return len(ids) == len(station.asks("/v1/current_conditions")) and sorted(ids.values())
        self.heard(1)
        suite.wait_for(all_there, "all of it is in Kafka", every=0.3)
        gateway.process.kill9()
        gateway.start(wait=False)
        gateway.answers()
        self.heard(2)
        times = suite.wait_for(all_there, "all of it is in Kafka", every=0.3)
        self.assertEqual(times, sorted(set(times)))  # each question is a reading of its own time

    def test_a_station_that_was_gone_is_told_and_taken_up_again(self):
        station.stop()
        suite.wait_for(lambda: not source()["up"], "it is missed", seconds=30)
        self.assertIn("it cannot be reached (Connection refused)", source()["reason"])
        self.assertRegex(gateway.process.output(), "davis: it cannot be reached .*; it is asked again and again")
        station.start()
        before = len(station.asks("/v1/real_time"))
        suite.wait_for(lambda: source()["up"], "it is asked again", seconds=70)
        suite.wait_for(lambda: len(station.asks("/v1/real_time")) > before, "its broadcast is asked for again", seconds=70)
        self.assertRegex(gateway.get("/metrics"), r'weather_gateway_weatherlink_unanswered_total\{[^}]*source="davis"[^}]*\} [1-9]')


if __name__ == "__main__":
    suite.main()
