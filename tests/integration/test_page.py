"""The live page in a real browser: offline, catching up, online; nothing blocked by its own security policy."""

import json
import os
import pathlib
import re
import subprocess
import unittest
import urllib.request

from harness import suite
from harness.browser import Browser
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

MONITORING = pathlib.Path(__file__).resolve().parents[2] / "gateway" / "monitoring"

def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()


class Page(unittest.TestCase):
    def setUp(self):
        kafka.start()
        self.topic = "page_" + self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic)
        self.gateway = Gateway(mosquitto, kafka.bootstrap, self.topic).start()
        self.addCleanup(self.gateway.kill9)
        self.url = "http://" + re.search(r'listen = "(127[^"]+)"', self.gateway.config.read_text()).group(1)
        self.publisher = Publisher(mosquitto)
        self.addCleanup(self.publisher.close)

    def status(self):
        with urllib.request.urlopen(self.url + "/api/v1/status", timeout=10) as answer:
            return json.load(answer)

    def open(self, **options):
        browser = Browser(self.gateway.folder, **options)
        self.addCleanup(browser.close)
        browser.open(self.url + "/")
        suite.wait_for(lambda: re.fullmatch(r"[0-9.]+", browser.text("rate-in") or ""), "the page's script shows a rate")
        return browser

    def wait_for_sentence(self, browser, begin):
        suite.wait_for(lambda: browser.text("sentence").startswith(begin), lambda: f"{begin}: {browser.text('sentence')}", every=0.02)

    def publish(self, count):
        self.publisher.publish(count)
        self.publisher.wait_for_acknowledgements()

    def test_shows_offline_and_online_again_by_itself(self):
        self.publish(50)
        browser = self.open()
        self.wait_for_sentence(browser, "Online")
        self.assertEqual(browser.evaluate("document.querySelectorAll('#sensors tr').length"), 5)

        kafka.stop()
        self.publish(50)
        self.wait_for_sentence(browser, "Offline")
        suite.wait_for(lambda: "50 readings kept" in browser.text("sentence"), lambda: browser.text("sentence"))
        self.assertEqual(browser.evaluate("document.getElementById('arrow-out').className"), "arrow broken")
        shot = pathlib.Path(os.environ.get("WEATHER_SCREENSHOT", self.gateway.folder / "page.png"))
        browser.screenshot(shot)
        self.assertGreater(shot.stat().st_size, 10_000)

        kafka.start()
        self.wait_for_sentence(browser, "Online")
        suite.wait_for(lambda: browser.text("unsent") == "0", lambda: browser.text("unsent"))
        self.assertEqual(browser.complaints, [])

    def test_first_paint_is_quick_and_the_page_fits_a_narrow_window(self):
        self.publish(10)
        browser = self.open(width=320)
        paint = browser.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        self.assertLess(paint, 1000)  # 200 ms on an idle machine; tests share theirs
        self.assertLessEqual(browser.evaluate("document.documentElement.scrollWidth"), browser.evaluate("innerWidth"))
        self.assertEqual(browser.complaints, [])

    def test_is_complete_without_javascript(self):
        self.publish(10)
        suite.wait_for(lambda: self.status()["log"]["durable"] >= 10, "ten readings")
        with urllib.request.urlopen(self.url + "/", timeout=10) as answer:
            html = answer.read().decode()
            self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        self.assertIn("10</b> stored", html)
        self.assertEqual(html.count('<tr><th scope="row">sensor'), 5)

    def test_promtool_accepts_the_metrics_and_the_alerts_name_only_existing_ones(self):
        self.publish(10)
        with urllib.request.urlopen(self.url + "/metrics", timeout=10) as answer:
            text = answer.read().decode()
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        for arguments in (["check", "rules", "weather-gateway.rules.yml"], ["test", "rules", "weather-gateway.rules.test.yml"]):
            checked = subprocess.run(["promtool", *arguments], cwd=MONITORING, capture_output=True, text=True, timeout=30)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        offered = set(re.findall(r"^# TYPE (\S+)", text, re.M))
        named = set(re.findall(r"weather_gateway_\w+", (MONITORING / "weather-gateway.rules.yml").read_text()))
        self.assertGreater(len(named), 8)
        self.assertEqual(named - offered, set(), "alerts on metrics that do not exist")

    def test_status_json_is_the_same_over_the_control_socket(self):
        done = run("status", "-c", self.gateway.config, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout).keys(), self.status().keys())


if __name__ == "__main__":
    suite.main()
