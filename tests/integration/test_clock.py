"""Readings of a machine that does not know the time, or is told another one."""

import json
import os
import time
import unittest

from harness import suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka, headers
from harness.mosquitto import Mosquitto
from harness.publisher import publish_one


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()


def publish(sensor, temperature):
    publish_one(mosquitto, "weather/roof", json.dumps({"id": sensor, "temperature": temperature}))


class WrongClock(unittest.TestCase):
    """A machine without a battery-backed clock. Its clocks and the id of its boot are what two files say."""

    def machine(self, topic, wall, hold="10m"):
        """A gateway whose wall clock is wrong by `wall` seconds, and nobody has set it yet."""
        kafka.create_topic(topic)
        self.timesync = suite.folder("timesync")
        gateway = Gateway(mosquitto, kafka.bootstrap, topic,
                          f'[clock]\nsynchronised_file = "{self.timesync}/synchronized"\nhold = "{hold}"\n')
        self.wall, self.boot_file = gateway.folder / "wall", gateway.folder / "boot"
        gateway.process.command = ["env", f"LD_PRELOAD={os.environ['WEATHER_WRONG_CLOCK']}", f"WRONG_CLOCK_FILE={self.wall}",
                                   f"WRONG_BOOT_FILE={self.boot_file}", *gateway.process.command]
        self.wall.write_text(str(wall))
        self.boot("11111111-1111-4111-8111-111111111111")
        self.addCleanup(gateway.kill9)
        return gateway

    def boot(self, boot_id):
        """The boot clock begins at about zero."""
        self.boot_file.write_text(f"{boot_id} {int(-time.clock_gettime(time.CLOCK_BOOTTIME))}\n")

    def set_clock(self, offset=0):
        self.wall.write_text(str(offset))
        (self.timesync / "synchronized").touch()

    def waiting(self, gateway, count):
        return suite.wait_for(lambda: status if (status := gateway.status())["unsent"] >= count else None,
                              f"{count} collected")

    def end(self, gateway):
        gateway.terminate()
        audit = run("audit", gateway.data)
        self.assertEqual(audit.returncode, 0, audit.stdout + audit.stderr)

    def test_readings_of_the_wrong_time_reach_kafka_with_the_right_one(self):
        for name, wall in (("three_days_slow", -3 * 86400), ("in_1970", -int(time.time()) + 60)):
            with self.subTest(name):
                self.be_wrong(name, wall)

    def be_wrong(self, topic, wall):
        gateway = self.machine(topic, wall)
        gateway.start()
        before = time.time()
        publish("early", 1)
        publish_one(mosquitto, "weather/roof", '{"id":"own-clock","temperature":2,"time":"2000-01-01T00:00:07Z"}')
        after = time.time()
        waiting = self.waiting(gateway, 2)
        self.assertEqual(waiting["gateway"]["clock"], "unsynchronised")
        self.assertIn("waiting for the clock", waiting["verdict"])
        self.assertEqual(kafka.count(topic), 0, "sent before anybody set the clock")

        gateway.kill9()  # what was collected survives, and what is not known yet is found again
        gateway.start()
        self.set_clock()
        publish("late", 3)
        kafka.wait_for_count(topic, 3)
        records = {record.key: record for record in kafka.records(topic)}
        early, own = headers(records["early"]), headers(records["own-clock"])
        self.assertEqual(early["ce_timequality"], "corrected")
        self.assertLess(before - 1, records["early"].timestamp_ms / 1000)
        self.assertLess(records["early"].timestamp_ms / 1000, after + 1)
        self.assertEqual(own["ce_sourcetime"], "2000-01-01T00:00:07Z")
        self.assertLess(before - 1, records["own-clock"].timestamp_ms / 1000)
        self.assertIn(headers(records["late"])["ce_timequality"], ("synchronised", "corrected"))
        self.assertIn("the clock is set", gateway.process.output())
        self.assertGreaterEqual(gateway.status()["gateway"]["clock_stepped_seconds"], -wall - 10)
        self.assertEqual(gateway.status()["gateway"]["clock_steps"], 1)
        self.end(gateway)

    def test_of_two_boots_without_the_time_only_the_second_learns_it(self):
        topic = "two_boots"
        gateway = self.machine(topic, 0)
        self.set_clock()
        gateway.start()
        publish("known", 1)
        kafka.wait_for_count(topic, 1)
        gateway.kill9()  # a power cut
        (self.timesync / "synchronized").unlink()

        self.boot("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa")
        self.wall.write_text(str(-40 * 86400))
        began_a = time.time()
        gateway.start()
        again = gateway.status()["unsent"]  # 1 if the power went before the cursor was written, and nothing is sent yet
        publish("first", 2)
        self.waiting(gateway, again + 1)
        time.sleep(2)  # the next boot begins later, also by a boot clock of whole seconds
        gateway.kill9()

        self.boot("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb")
        self.wall.write_text(str(-50 * 86400))
        began_b = time.time()
        gateway.start()
        publish("second", 3)
        ended_b = time.time()
        self.waiting(gateway, again + 2)
        self.assertEqual(kafka.count(topic), 1, "sent before anybody set the clock")
        self.set_clock()
        kafka.wait_for_count(topic, again + 3)

        copies = kafka.records(topic)
        records = [record for at, record in enumerate(copies)
                   if headers(record)["ce_id"] not in [headers(earlier)["ce_id"] for earlier in copies[:at]]]
        self.assertEqual([record.key for record in records], ["known", "first", "second"])
        quality = [headers(record)["ce_timequality"] for record in records]
        self.assertEqual(quality[1:], ["estimated", "corrected"], quality)
        seconds = [record.timestamp_ms / 1000 for record in records]
        self.assertLessEqual(seconds[0], seconds[1], "not before what came before it")
        self.assertLessEqual(seconds[1], seconds[2], "not after what came after it")
        self.assertLess(abs(seconds[1] - began_a), 60, "between two known times a minute apart at most")
        self.assertLess(began_b - 1, seconds[2])
        self.assertLess(seconds[2], ended_b + 1)
        self.end(gateway)

    def test_a_clock_set_back_and_a_station_ahead_hold_nothing_up(self):
        topic = "set_back"
        gateway = self.machine(topic, 3600)
        self.set_clock(3600)  # whoever sets it is wrong by an hour at first
        gateway.start()
        publish("ahead", 1)
        kafka.wait_for_count(topic, 1)
        self.set_clock(0)
        time.sleep(2)  # noticed within a second
        before = time.time()
        publish("back", 2)
        publish("station", 3)
        hours_ahead = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7200))
        publish_one(mosquitto, "weather/roof", json.dumps({"id": "station", "temperature": 4, "time": hours_ahead}))
        kafka.wait_for_count(topic, 4)
        records = kafka.records(topic)
        self.assertEqual([record.key for record in records], ["ahead", "back", "station", "station"])
        self.assertGreater(records[0].timestamp_ms / 1000, before + 3000, "as the clock said")
        for record in records[1:]:
            self.assertLess(abs(record.timestamp_ms / 1000 - before), 30, record.key)
        self.assertEqual(headers(records[3])["ce_sourcetime"], hours_ahead)
        self.assertNotIn("ce_sourcetime", headers(records[2]))
        told = gateway.status()["gateway"]
        self.assertEqual(told["clock_steps"], 1)
        self.assertAlmostEqual(told["clock_stepped_seconds"], 3600, delta=5)
        self.assertRegex(gateway.get("/metrics"), r"weather_gateway_clock_step_seconds_total 3[56]\d\d")
        self.end(gateway)


if __name__ == "__main__":
    suite.main()
